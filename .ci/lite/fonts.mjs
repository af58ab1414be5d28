// node fonts.mjs FOLDER: print the list of fonts that Matplotlib makes at its first import. FOLDER holds Pyodide.

import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const quiet = () => {};
const pyodide = await loadPyodide({ indexURL: `${folder}/`, stdout: quiet, stderr: quiet });
await pyodide.loadPackage("matplotlib", { messageCallback: quiet });
console.log(pyodide.runPython(`
from pathlib import Path
from matplotlib import font_manager
Path(font_manager.__file__).with_name("fontlist.json").read_text()
`));
