/**
 * What can be done to the selected words. The browser's own commands do what they do well (they work under Trusted Types as
 * long as no markup is given to them); what they do differently from one another is done here.
 */
import { make } from "./make.js";
import { holding, rangeIn, select, tidy } from "./rich-place.js";
import { target } from "./rich-tree.js";

/** @typedef {"bold" | "italic" | "underline" | "heading" | "list" | "numbered" | "quote"} Command */

/** @type {Record<"bold" | "italic" | "underline" | "list" | "numbered", string>} */
const BROWSERS = { bold: "bold", italic: "italic", underline: "underline", list: "insertUnorderedList", numbered: "insertOrderedList" };

/** @param {HTMLElement} editor @param {Command} command */
export function run(editor, command) {
  editor.focus({ preventScroll: true });
  tidy(editor);
  if (command === "quote") quote(editor);
  else if (command === "heading") document.execCommand("formatBlock", false, inside(editor, "h2") ? "div" : "h2");
  else document.execCommand(BROWSERS[command]);
  bare(editor);
}

/** Whether the selected words are so already. @param {HTMLElement} editor @param {Command} command */
export function holds(editor, command) {
  if (!rangeIn(editor)) return false;
  if (command === "quote") return inside(editor, "blockquote") !== null;
  if (command === "heading") return inside(editor, "h2") !== null;
  // A heading is drawn bold, which is no choice of the person.
  if (command === "bold" && inside(editor, "h2")) return inside(editor, "b, strong") !== null;
  return document.queryCommandState(BROWSERS[command]);
}

/** What a command, or a browser joining two lines, wrote as a style is said by elements. @param {HTMLElement} editor */
export function bare(editor) {
  for (const element of editor.querySelectorAll("[style], [class]")) {
    element.removeAttribute("style");
    element.removeAttribute("class");
  }
}

/** @param {HTMLElement} editor @param {string} selector @returns {HTMLElement | null} */
export function inside(editor, selector) {
  const at = rangeIn(editor)?.startContainer;
  const found = (at instanceof Element ? at : at?.parentElement)?.closest(selector);
  return found instanceof HTMLElement && found !== editor && editor.contains(found) ? found : null;
}

/** @param {HTMLElement} editor */
function quote(editor) {
  const range = rangeIn(editor);
  if (!range) return;
  holding(editor, () => {
    const around = inside(editor, "blockquote");
    if (around) {
      around.replaceWith(...around.childNodes);
      return;
    }
    const lines = Array.from(editor.children).filter((line) => range.intersectsNode(line));
    const made = make("blockquote");
    lines[0]?.before(made);
    made.append(...lines);
    // From below a quotation at the end nobody could write on.
    if (!made.nextSibling) made.after(make("div", {}, make("br")));
  });
}

/**
 * @param {HTMLElement} editor
 * @param {Range} range  what was selected before the address was typed
 * @param {string} written
 * @returns {boolean} whether it leads anywhere
 */
export function link(editor, range, written) {
  const href = target(completed(written.trim()));
  if (!href) return false;
  editor.focus({ preventScroll: true });
  select(range);
  const around = inside(editor, "a");
  if (around) around.setAttribute("href", href);
  else if (range.collapsed) {
    const made = make("a", { href }, written.trim());
    range.insertNode(made);
    range.setStartAfter(made);
    range.collapse(true);
    select(range);
  } else document.execCommand("createLink", false, href);
  return true;
}

/** @param {HTMLElement} editor @param {Range} range */
export function unlink(editor, range) {
  editor.focus({ preventScroll: true });
  select(range);
  const around = inside(editor, "a");
  if (around) holding(editor, () => around.replaceWith(...around.childNodes));
  else document.execCommand("unlink");
}

/** As people write addresses. @param {string} written */
function completed(written) {
  if (/^[a-z][a-z0-9+.-]*:/iu.test(written)) return written;
  if (/^[^\s@/]+@[^\s@/]+$/u.test(written)) return `mailto:${written}`;
  return /^[^\s/]+\.[^\s]+$/u.test(written) ? `https://${written}` : written;
}
