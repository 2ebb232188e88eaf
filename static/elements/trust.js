/**
 * The page's Trusted Types policies that are not a module's own.
 * `default` serves htmx alone: it parses the server's answers with Document.parseHTMLUnsafe and offers no policy of
 * its own. Every other sink gets null from here, which the browser refuses.
 * `pdf-worker-url` vouches for one address; it is made at once, because a name that is still free could be taken.
 */

const policies = /** @type {any} */ (globalThis).trustedTypes;
if (policies) {
  policies.createPolicy("default", {
    /** @param {string} text @param {string} _type @param {string} sink */
    createHTML: (text, _type, sink) => (sink === "Document parseHTMLUnsafe" ? text : null),
  });
}

/** Beside this module, so the build's number is in its path. */
const PDF_WORKER = new URL("../vendor/pdf-worker.js", import.meta.url).href;
const rules = { createScriptURL: () => PDF_WORKER };
const pdf = policies?.createPolicy("pdf-worker-url", rules) ?? rules;

/** A TrustedScriptURL where the browser has Trusted Types, a string where it has not. @returns {string} */
export function pdfWorkerAddress() {
  return pdf.createScriptURL("");
}
