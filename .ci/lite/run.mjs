// node run.mjs FOLDER PACKAGE DRIVE: run the Python program of standard input in Pyodide, and print what it prints. FOLDER
// holds Pyodide, PACKAGE is loaded first ("": none), and the program sees DRIVE, a folder of this machine, as /drive.

import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const [folder, name, drive] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const quiet = () => {};
const env = { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }; // so that a set has the same order each time
const pyodide = await loadPyodide({ indexURL: `${folder}/`, stderr: quiet, env });
if (name) await pyodide.loadPackage(name, { messageCallback: quiet });
pyodide.mountNodeFS("/drive", drive);
try {
  pyodide.runPython(await text(process.stdin));
} catch (error) { // Node.js itself would print Pyodide's whole program before the message
  console.error(error.message);
  process.exit(1);
}
