/**
 * The page's Trusted Types policies that are not a module's own.
 * `default` serves htmx alone: it parses the server's answers with Document.parseHTMLUnsafe and offers no policy of
 * its own. Every other sink gets null from here, which the browser refuses.
 */

const policies = /** @type {any} */ (globalThis).trustedTypes;
if (policies) {
  policies.createPolicy("default", {
    /** @param {string} text @param {string} _type @param {string} sink */
    createHTML: (text, _type, sink) => (sink === "Document parseHTMLUnsafe" ? text : null),
  });
}
