/**
 * The htmx swap style `keyed`: brings a part of the page up to date child by child, by id, and leaves alone whatever
 * the server sent before in the same words. Focus, ticks and scrolling stay where they are when mail arrives.
 * A child with `data-keyed` is not replaced but brought up to date in the same way.
 */

import htmx from "../vendor/htmx.js";

/** What the server sent for an element, since the page may have dressed it further. @type {WeakMap<Element, string>} */
const served = new WeakMap();

/** Remembers the keyed children as served; called before the page changes them. @param {Element} parent */
export function remember(parent) {
  for (const child of parent.children) {
    if (child.hasAttribute("data-keyed")) remember(child);
    else served.set(child, child.outerHTML);
  }
}

/**
 * @param {Element} parent the part on the page
 * @param {Element} fresh the same part as the server sends it now
 * @param {Element[]} added gets every element that is new on the page
 */
export function reconcile(parent, fresh, added) {
  for (const { name } of [...parent.attributes]) if (!fresh.hasAttribute(name)) parent.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (parent.getAttribute(name) !== value) parent.setAttribute(name, value);
  const wanted = new Map([...fresh.children].map((child) => [child.id, child]));
  // First what is gone, so that what stays need not be moved: a moved element loses the focus.
  for (const child of [...parent.children]) if (!wanted.has(child.id)) child.remove();
  const kept = new Map([...parent.children].map((child) => [child.id, child]));
  let at = parent.firstElementChild;
  for (const [id, child] of wanted) {
    const old = kept.get(id);
    let here = old ?? child;
    if (old?.hasAttribute("data-keyed") && child.hasAttribute("data-keyed")) {
      reconcile(old, child, added);
    } else if (!old || served.get(old) !== child.outerHTML) {
      if (child.hasAttribute("data-keyed")) remember(child);
      else served.set(child, child.outerHTML);
      if (old) replace(old, child);
      if (at === old) at = child;
      here = child;
      added.push(child);
    }
    if (here === at) at = at.nextElementSibling;
    else parent.insertBefore(here, at);
  }
}

/** Ticks and focus go over to the new element. @param {Element} old @param {Element} fresh */
function replace(old, fresh) {
  for (const box of old.querySelectorAll("input[type=checkbox]")) {
    const same = fresh.querySelector(`#${CSS.escape(box.id)}`);
    if (same instanceof HTMLInputElement) same.checked = /** @type {HTMLInputElement} */ (box).checked;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement?.id : "";
  old.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

htmx.defineExtension("keyed", {
  isInlineSwap: (style) => style === "keyed",
  handleSwap(style, target, fragment) {
    if (style !== "keyed") return false;
    const old = /** @type {Element} */ (target);
    const fresh = /** @type {DocumentFragment} */ (fragment).querySelector(`#${CSS.escape(old.id)}`);
    if (!fresh) throw new Error(`the answer holds no #${old.id}`);
    /** @type {Element[]} */
    const added = [];
    reconcile(old, fresh, added);
    // An empty list of new elements is an answer too, but htmx would take it for "not handled".
    return added.length ? added : [old];
  },
});
