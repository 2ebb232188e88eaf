/** Which draft this tab has open, so that a reload or a way back goes on with it. The id says nothing of what is written. */

const [NAME, CHOSEN] = ["postern-draft", "postern-draft-next"];

const here = () => location.pathname + location.search;

/** @param {string} id */
export function writing(id) {
  sessionStorage.setItem(NAME, JSON.stringify({ id, path: here() }));
}

/** @param {string} id */
export function noLonger(id) {
  if (read()?.id === id) sessionStorage.removeItem(NAME);
}

/** What was being written here when this very page was loaded anew. Whoever went elsewhere by themselves wants to be there. */
let before = reloaded() ? read() : null;

/** Once. @returns {{id: string, here: boolean} | null} `here`: in this page, and not in one that is exchanged within it */
export function takeInterrupted() {
  const found = before;
  before = null;
  return found && { id: found.id, here: found.path === here() };
}

function reloaded() {
  const [entry] = typeof performance === "undefined" ? [] : performance.getEntriesByType("navigation");
  return entry !== undefined && /^(?:reload|back_forward)$/u.test(/** @type {PerformanceNavigationTiming} */ (entry).type);
}

/** @returns {{id: string, path: string} | null} */
function read() {
  try {
    const { id, path } = JSON.parse(sessionStorage.getItem(NAME) ?? "null") ?? {};
    return typeof id === "string" ? { id, path: String(path) } : null;
  } catch {
    return null;
  }
}

/** @typedef {{id: string, at: import("./draft-store.js").Place | null}} Chosen */

/** @type {Chosen | null} */
let chosen = null;

/** The composer that opens next goes on with this draft; over a page that is loaded anew, too. @param {Chosen} draft */
export function choose(draft) {
  chosen = draft;
  sessionStorage.setItem(CHOSEN, JSON.stringify(draft));
}

/** Once. @returns {Chosen | null} */
export function takeChosen() {
  const draft = chosen ?? JSON.parse(sessionStorage.getItem(CHOSEN) ?? "null");
  sessionStorage.removeItem(CHOSEN);
  chosen = null;
  return draft;
}
