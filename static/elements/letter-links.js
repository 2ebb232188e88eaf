/**
 * Links of a letter: where one leads stands at the edge of the page while it is pointed at, reached by key or touched,
 * outside the letter, where no letter can write. Links to addresses open our own composer.
 */
import { make } from "./make.js";
import { mailto } from "./mailto.js";
import { prepare } from "./prepared.js";

/** A line longer than this is no address that anybody reads. */
const LONGEST = 300;

/** @type {HTMLElement | null} */
let line = null;

/** @param {string | null} href */
function tell(href) {
  line ??= make("div", { class: "link-target", dir: "ltr", translate: "no", "aria-hidden": "true" });
  if (!line.isConnected) document.body.append(line);
  line.hidden = href === null;
  if (href === null || !URL.canParse(href)) return void line.replaceChildren();
  const { protocol, host, pathname, search, hash } = new URL(href);
  // The host is what counts, so it is never what is cut.
  const rest = host ? pathname + search + hash : href.slice(protocol.length);
  line.replaceChildren(make("span", {}, host ? `${protocol}//` : protocol), make("strong", {}, host), make("span", {}, rest.length > LONGEST ? `${rest.slice(0, LONGEST)}…` : rest));
}

/** @param {Event} event @returns {HTMLAnchorElement | null} */
function linkOf(event) {
  const target = /** @type {Element | null} */ (event.target);
  return target && "closest" in target ? /** @type {HTMLAnchorElement | null} */ (target.closest("a[href]")) : null;
}

/** @param {Event} event */
function write(event) {
  const link = linkOf(event);
  const wish = link && mailto(link.href);
  const composer = document.querySelector('a[data-key="c"]');
  if (!wish || !(composer instanceof HTMLElement)) return;
  event.preventDefault();
  tell(null);
  prepare(wish);
  composer.click();
}

/**
 * @param {Document | HTMLElement} root  a frame's document, or where texts stand in the page
 */
export function watchLinks(root) {
  for (const name of ["pointerover", "focusin", "pointerdown"]) root.addEventListener(name, (event) => tell(linkOf(event)?.href ?? null));
  for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => tell(null));
  root.addEventListener("click", write);
  root.addEventListener("auxclick", write);
}

/** The letter is gone, and what it pointed to with it. */
export function noLink() {
  if (line) tell(null);
}
