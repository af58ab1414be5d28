// node run.mjs FOLDER DRIVE PACKAGE...: run the Python program of standard input in Pyodide, and print what it prints. FOLDER
// holds Pyodide, the packages are loaded first, and the program sees DRIVE, a folder of this machine, as /drive.

import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const [folder, drive, ...packages] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const quiet = () => {};
const env = { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }; // so that a set has the same order each time
const pyodide = await loadPyodide({ indexURL: `${folder}/`, stderr: quiet, env });
await pyodide.loadPackage(packages, { messageCallback: quiet });
pyodide.mountNodeFS("/drive", drive);
try {
  pyodide.runPython(await text(process.stdin));
} catch (error) { // Node.js itself would print Pyodide's whole program before the message
  writeSync(2, error.message);
  process.exit(1);
}
