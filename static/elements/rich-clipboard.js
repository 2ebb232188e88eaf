/**
 * What goes out of the editor and comes in by copy, paste and drop. Nothing comes in as the browser would put it: HTML
 * goes through the sanitiser, and what is copied is our own HTML, without what the page dressed it in.
 */
import { KINDS } from "./inline-pictures.js";
import { rangeIn, select } from "./rich-place.js";

/** @typedef {import("./rich-text.js").RichText} RichText */

/** Beside the HTML: whoever pastes it here again gets the same lines. */
const OURS = "application/x-postern-text";

/**
 * @param {RichText} rich
 * @param {HTMLElement} editor
 * @param {AbortSignal} signal
 */
export function watchClipboard(rich, editor, signal) {
  /** @type {Range | null} what is dragged from here */
  let dragged = null;
  editor.addEventListener("copy", (event) => give(rich, editor, event, event.clipboardData), { signal });
  editor.addEventListener("cut", (event) => {
    if (!give(rich, editor, event, event.clipboardData) || rich.readOnly) return;
    rich.note("cut");
    rangeIn(editor)?.deleteContents();
    rich.changed();
  }, { signal });
  editor.addEventListener("paste", (event) => {
    if (rich.readOnly) return;
    const taken = take(rich, editor, event.clipboardData, rangeIn(editor));
    if (!taken) return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal });
  editor.addEventListener("dragstart", (event) => {
    dragged = rangeIn(editor);
    give(rich, editor, null, event.dataTransfer);
  }, { signal });
  editor.addEventListener("dragend", () => (dragged = null), { signal });
  editor.addEventListener("drop", (event) => {
    if (rich.readOnly) return;
    const at = rangeAt(editor, event);
    const files = [...(event.dataTransfer?.files ?? [])];
    // Files that are no pictures are attached, wherever they are dropped.
    if (files.length > 0 && !files.every(({ type }) => KINDS.has(type))) return;
    if (dragged && at && dragged.isPointInRange(at.startContainer, at.startOffset)) {
      event.preventDefault();
      return;
    }
    const from = dragged;
    if (!take(rich, editor, event.dataTransfer, at, from)) return;
    event.preventDefault();
    // Files are the composer's to hear of; it puts away what shows that they may be dropped.
    if (files.length > 0) event.stopPropagation();
    rich.dispatchEvent(new CustomEvent("rich-dropped", { bubbles: true }));
  }, { signal });
}

/**
 * @param {RichText} rich
 * @param {HTMLElement} editor
 * @param {Event | null} event
 * @param {DataTransfer | null} data
 */
function give(rich, editor, event, data) {
  const range = rangeIn(editor);
  if (!range || range.collapsed || !data) return false;
  const { text, html } = rich.copied(range);
  data.setData("text/plain", text);
  data.setData("text/html", html);
  data.setData(OURS, html);
  event?.preventDefault();
  return true;
}

/**
 * @param {RichText} rich
 * @param {HTMLElement} editor
 * @param {DataTransfer | null} data
 * @param {Range | null} at
 * @param {Range | null} [moved]  from where it is taken away
 * @returns {boolean} whether it is taken care of here
 */
function take(rich, editor, data, at, moved = null) {
  if (!data || !at) return false;
  const ours = data.getData(OURS);
  const html = ours || data.getData("text/html");
  const text = data.getData("text/plain");
  const pictures = [...data.files].filter(({ type }) => KINDS.has(type));
  // A picture copied from a page comes with HTML that would fetch it; word processors bring a picture of the words.
  if (pictures.length > 0 && text.trim() === "") {
    void rich.insertPictures(pictures, at).catch(reportError);
    return true;
  }
  if (data.files.length > 0 && text === "" && html === "") return false;
  if (html === "" && text === "") return false;
  if (moved && !moved.collapsed) {
    // One step with the insertion that follows.
    rich.note("insert");
    moved.deleteContents();
  }
  editor.focus({ preventScroll: true });
  select(at);
  if (html !== "") void rich.insertHtml(html, at, ours !== "").catch(reportError);
  else rich.insertText(text, at);
  return true;
}

/** @param {HTMLElement} editor @param {DragEvent} event @returns {Range | null} */
function rangeAt(editor, event) {
  const found = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  const range = found ? document.createRange() : /** @type {any} */ (document).caretRangeFromPoint?.(event.clientX, event.clientY);
  if (found) {
    range.setStart(found.offsetNode, found.offset);
    range.collapse(true);
  }
  return range && editor.contains(range.startContainer) ? range : null;
}
