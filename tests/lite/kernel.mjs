// node kernel.mjs FOLDER PACKAGES DRIVE PLACE: JupyterLite's Python kernel without a browser. FOLDER holds Pyodide with the
// course's lock file, PACKAGES are loaded at the start, DRIVE is this machine's folder that the kernel sees as its drive, and
// PLACE the working folder in it.
//
// A line of standard input is {"id": ..., "code": ...}; each line of standard output a message, as Jupyter names them, with
// `parent`, the id; the last one of a cell is "idle". What is set up here is what the kernel's worker sets up in the page.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, packages, drive, place] = process.argv.slice(2);
let parent = null;
const send = (type, content) => process.stdout.write(`${JSON.stringify({ type, parent, content })}\n`);
const aside = (text) => process.stderr.write(`${text}\n`);
const quiet = { messageCallback() {}, errorCallback: aside };

const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const pyodide = await loadPyodide({
  indexURL: `${folder}/`,
  packages: packages.split(","),
  env: { COURSE_ANSWERS: "off", HOME: "/home/pyodide" },
  stdout: aside,
  stderr: aside,
});
const loadPackage = pyodide.loadPackage;
pyodide.loadPackage = (names, options) => loadPackage(names, { ...quiet, ...options });
pyodide.mountNodeFS("/drive", drive);
pyodide.FS.chdir(`/drive/${place}`);

const plain = (value) =>
  value instanceof pyodide.ffi.PyProxy ? value.toJs({ dict_converter: Object.fromEntries }) : value;
const module = pyodide.pyimport("pyodide_kernel");
const kernel = module.kernel_instance;
const shell = kernel.interpreter;
shell.send_comm = () => {};
const stream = (name, text) => send("stream", { name, text });
module.stdout_stream.publish_stream_callback = stream;
module.stderr_stream.publish_stream_callback = stream;
const publish = (data, metadata) => send("display_data", { data: plain(data), metadata: plain(metadata) ?? {} });
shell.display_pub.display_data_callback = publish;
shell.display_pub.update_display_data_callback = publish;
shell.displayhook.publish_execution_result = (execution_count, data, metadata) =>
  send("execute_result", { execution_count, data: plain(data), metadata: plain(metadata) ?? {} });

send("ready", {});
for await (const line of createInterface({ input: process.stdin })) {
  const { id, code } = JSON.parse(line);
  parent = id;
  kernel._parent_header = pyodide.toPy({ header: { msg_id: id } });
  const before = process.cpuUsage();
  const { status, ename, evalue, traceback } = plain(await kernel.run(code));
  if (status === "error") send("error", { ename, evalue, traceback });
  const { user, system } = process.cpuUsage(before);
  send("idle", { seconds: (user + system) / 1e6 });
}
process.exit(); // whatever a lab still waits for
