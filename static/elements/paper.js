/**
 * The paper a letter in HTML is shown on. One without colours of its own follows the scheme of the page. One that brings
 * colours gets a sheet of light paper, in every scheme the same, so that no letter can say one thing by day and another
 * by night; what was written in the colour of its background is shown all the same.
 */

/** Less contrast than this is not meant to be read (WCAG 2.2 asks for 4.5; faint small print has about 2.8). */
const LEAST = 2.5;
/** With more elements than this the colours are left out at once: looking at each takes longer than reading does. */
const MOST = 15_000;
/** The sheet and its ink as frame.html has them. */
const SHEET = /** @type {Colour} */ ([255, 254, 252, 1]);
const [INK, CHALK] = ["#23201c", "#fffefc"];

/** @typedef {[number, number, number, number]} Colour */

export class Paper {
  #root;
  /** What was taken away for plain colours. @type {Map<HTMLElement, { style: string | null, bgcolor: string | null, color: string | null }> | null} */
  #taken = null;

  /** @param {Document} inner  of the frame, with the letter in it */
  constructor(inner) {
    this.#root = inner.documentElement;
    this.own = inner.body.querySelector("[bgcolor], [color], [style*=color]") !== null;
    if (!this.own) return;
    for (const element of all(inner.body)) unimportant(element.style);
    this.#root.dataset["paper"] = "";
    if (inner.body.getElementsByTagName("*").length > MOST) this.plain = true;
    else legible(inner);
  }

  get plain() {
    return this.#taken !== null;
  }

  /** Without the sender's colours, in those of the page; and back. */
  set plain(wanted) {
    if (!this.own || wanted === this.plain) return;
    if (wanted) {
      const { body } = this.#root.ownerDocument;
      this.#taken = new Map(all(body).map((element) => [element, { style: element.getAttribute("style"), bgcolor: element.getAttribute("bgcolor"), color: element.getAttribute("color") }]));
      for (const element of this.#taken.keys()) {
        for (const property of Array.from(element.style)) if (/color$/u.test(property)) element.style.removeProperty(property);
        for (const name of ["bgcolor", "color"]) element.removeAttribute(name);
      }
      delete this.#root.dataset["paper"];
    } else {
      for (const [element, before] of this.#taken ?? []) {
        for (const [name, value] of Object.entries(before)) if (value !== null) element.setAttribute(name, value);
      }
      this.#taken = null;
      this.#root.dataset["paper"] = "";
    }
  }
}

/** @param {HTMLElement} body */
function all(body) {
  return /** @type {HTMLElement[]} */ ([...body.querySelectorAll("[style], [bgcolor], [color]")]);
}

/** "!important" would win over what makes a text legible. @param {CSSStyleDeclaration} style */
function unimportant(style) {
  for (const property of Array.from(style)) {
    if (style.getPropertyPriority(property)) style.setProperty(property, style.getPropertyValue(property));
  }
}

/** Text that cannot be told from what lies behind it gets a colour that can. @param {Document} inner */
function legible(inner) {
  const view = /** @type {Window} */ (inner.defaultView);
  /** @type {Map<Element, Colour>} */
  const behind = new Map([[inner.documentElement, SHEET]]);
  for (const element of [inner.body, ...inner.body.getElementsByTagName("*")]) {
    if (!element.parentElement || !("style" in element)) continue;
    const { color, backgroundColor } = view.getComputedStyle(element);
    const ground = over(parsed(backgroundColor), behind.get(element.parentElement) ?? SHEET);
    behind.set(element, ground);
    if (!hasText(element) || contrast(over(parsed(color), ground), ground) >= LEAST) continue;
    /** @type {HTMLElement} */ (element).style.color = luminance(ground) > 0.18 ? INK : CHALK;
  }
}

/** @param {Element} element */
function hasText(element) {
  return [...element.childNodes].some((node) => node.nodeType === 3 && /\S/u.test(node.nodeValue ?? ""));
}

/** A computed colour; one that is not written in numbers of sRGB counts as not there. @param {string} value @returns {Colour} */
export function parsed(value) {
  const found = /^rgba?\(([\d.]+), ?([\d.]+), ?([\d.]+)(?:, ?([\d.]+))?\)$/u.exec(value);
  if (!found) return [0, 0, 0, 0];
  return [Number(found[1]), Number(found[2]), Number(found[3]), found[4] === undefined ? 1 : Number(found[4])];
}

/** @param {Colour} upper @param {Colour} lower @returns {Colour} */
export function over([red, green, blue, alpha], lower) {
  const mixed = [red, green, blue].map((part, at) => part * alpha + (lower[at] ?? 0) * (1 - alpha));
  return [mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0, 1];
}

/** WCAG 2.2, "relative luminance". @param {Colour} colour */
function luminance([red, green, blue]) {
  const [r = 0, g = 0, b = 0] = [red, green, blue].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {Colour} one @param {Colour} other */
export function contrast(one, other) {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
