// Runs Python for the page "Ask". The page starts it from a blob, so that it inherits the page's
// security policy. Once Python is there, all that could reach further is taken away.
const SHARED = ["Object", "Array", "Promise", "Uint8Array", "Error", "String"];
const KEPT = new Set(
  `Object Function Array Number Boolean String Symbol BigInt Promise Proxy Reflect Math JSON Date
  RegExp Map Set WeakMap WeakSet WeakRef FinalizationRegistry Error TypeError RangeError
  SyntaxError ReferenceError EvalError URIError AggregateError ArrayBuffer DataView Int8Array
  Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array
  Float64Array BigInt64Array BigUint64Array WebAssembly TextEncoder TextDecoder globalThis self
  undefined NaN Infinity parseInt parseFloat isNaN isFinite console performance crypto
  setTimeout clearTimeout`.split(/\s+/),
);
const send = postMessage.bind(self);

const BEGIN = `
import sys
sys.path.insert(0, "/ask.zip")
from asked import reply
for name in [*sys.modules, "js", "pyodide_js", "ctypes", "webbrowser"]:
    if name.partition(".")[0].lstrip("_") in ("js", "pyodide", "pyodide_js", "pyodide_core", "ctypes"):
        sys.modules[name] = None
reply
`;

async function load(address, options) {
  const response = await fetch(address, options);
  if (!response.ok) throw new Error(`${response.status} for ${address}`);
  return response;
}

// Pyodide waits for ever for what it cannot fetch, or not to its end: the page is told.
const fetched = self.fetch;
self.fetch = async (...request) => {
  const tell = () => send({ missing: String(request[0]?.url ?? request[0]).slice(0, 200) });
  try {
    const response = await fetched(...request);
    if (response.ok) {
      response.clone().arrayBuffer().catch(tell);
      return response;
    }
  } catch {}
  tell();
  throw new Error("not fetched");
};

async function start({ pyodide, archive, packages }) {
  importScripts(`${pyodide}pyodide.js`);
  const jsglobals = Object.fromEntries(SHARED.map((name) => [name, self[name]]));
  Object.assign(jsglobals, { setTimeout: setTimeout.bind(self), clearTimeout: clearTimeout.bind(self) });
  const [python, response] = await Promise.all([
    loadPyodide({ indexURL: pyodide, packages, jsglobals }),
    fetch(archive),
  ]);
  python.FS.writeFile("/ask.zip", new Uint8Array(await response.arrayBuffer()));
  const reply = python.runPython(BEGIN);
  takeAway();
  send({ ready: true });
  return reply;
}

function takeAway() {
  for (let place = self; place && place !== Object.prototype; place = Object.getPrototypeOf(place)) {
    for (const name of Object.getOwnPropertyNames(place)) {
      if (!KEPT.has(name) && name !== "constructor") delete place[name];
    }
  }
}

let reply;
addEventListener("message", async ({ data }) => {
  if (data.pyodide) {
    reply = start(data);
    reply.catch((error) => send({ missing: String(error?.message ?? "Python").slice(0, 200) }));
  } else {
    const text = (await reply)(JSON.stringify(data.question));
    send({ number: data.number, answer: JSON.parse(text) });
  }
});
