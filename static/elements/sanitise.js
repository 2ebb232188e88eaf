/**
 * Mail HTML made harmless: what may stay is listed, everything else goes (design D9).
 *
 * This is the first of three walls; the second is the frame's own policy, which loads nothing and runs nothing,
 * the third the frame's edge, which mail cannot draw over. The sanitiser works on the frame's window, never on the
 * page's: a page that knows htmx must not touch mail (a sanitised `data-hx-post` was seen to send a request).
 */
import createDOMPurify from "../vendor/dompurify.js";

/**
 * @typedef {object} Wishes
 * @property {Map<string, string>} images  blob: URLs by Content-ID, without angle brackets
 * @property {Map<string, string>} [elsewhere]  blob: URLs of pictures from elsewhere that the person asked for, by address
 * @property {boolean} links  false: targets are shown as text
 * @property {((host: string) => string) | null} leadsTo  words for a link whose text names another host; null: its text stays as it is, since it is written on
 */
/**
 * @typedef {object} Clean
 * @property {DocumentFragment} fragment
 * @property {number} remote  pictures that were held back
 * @property {Set<string>} elsewhere  addresses of those among them that could be fetched
 * @property {Set<string>} used  Content-IDs of pictures that are shown
 */

const TAGS = [
  "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code",
  "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2",
  "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt",
  "ruby", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot",
  "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
];
const ATTRIBUTES = [
  "abbr", "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "cite", "color", "colspan", "datetime", "dir", "face",
  "headers", "height", "href", "lang", "nowrap", "reversed", "rowspan", "scope", "size", "span", "start", "style", "title", "type",
  "valign", "value", "width",
];
const FORBIDDEN = [
  "style", "link", "meta", "base", "title", "svg", "math", "video", "audio", "source", "track", "picture", "form", "input", "button",
  "select", "textarea", "option", "iframe", "frame", "frameset", "object", "embed", "applet", "script", "noscript", "template", "dialog",
  "marquee", "canvas", "map", "area", "slot",
];

/** What a style may say. Nothing that hides, moves out of its place, layers, animates, loads or asks about the screen. */
const PROPERTIES = new Set([
  "background-color", "border", "border-bottom", "border-bottom-color", "border-bottom-style", "border-bottom-width", "border-collapse",
  "border-color", "border-left", "border-left-color", "border-left-style", "border-left-width", "border-radius", "border-right",
  "border-right-color", "border-right-style", "border-right-width", "border-spacing", "border-style", "border-top", "border-top-color",
  "border-top-style", "border-top-width", "border-width", "border-top-left-radius", "border-top-right-radius",
  "border-bottom-left-radius", "border-bottom-right-radius", "color", "direction", "font-family", "font-size", "font-style",
  "font-variant", "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "margin-bottom", "margin-left",
  "margin-right", "margin-top", "max-width", "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align",
  "text-decoration-line", "text-decoration-style", "text-decoration-color", "text-transform", "vertical-align", "white-space-collapse",
  "text-wrap-mode", "width", "word-break", "overflow-wrap",
]);
const COLOUR = /\b(?:rgb|hsl)a?\([\d\s.,%/a-z-]*\)/giu;
const SCREEN = /\d(?:[sld]?v(?:w|h|i|b|min|max)|cq(?:w|h|i|b|min|max))\b/iu;

/**
 * Whether a value means the same on every screen and fetches nothing. A function other than a colour may do either:
 * text that shows only at one width is how a signed message was made to say two things (covert content attacks).
 * @param {string} property
 * @param {string} value
 */
export function harmless(property, value) {
  if (!PROPERTIES.has(property)) return false;
  const rest = value.replace(COLOUR, "");
  if (/[(\\@]/u.test(rest) || SCREEN.test(rest)) return false;
  if (property === "font-size" || property === "line-height") return readable(value.trim());
  // A negative distance puts text outside the page, where it is there and not seen.
  return !/^-|\s-\d/u.test(value.trim()) || !/^(?:margin|padding|letter-spacing)/u.test(property);
}

/** Unreadably small text is hidden text. */
const SMALLEST = new Map([["px", 6], ["pt", 5], ["em", 0.5], ["rem", 0.5], ["", 0.5], ["%", 50]]);

/**
 * @param {string} value
 */
function readable(value) {
  const match = /^([\d.]+)([a-z%]*)$/iu.exec(value);
  if (!match) return /^[a-z-]+$/iu.test(value);
  return Number(match[1]) >= (SMALLEST.get((match[2] ?? "").toLowerCase()) ?? Infinity);
}

/**
 * @param {CSSStyleDeclaration} style
 */
function trim(style) {
  for (const property of Array.from(style)) {
    if (!harmless(property, style.getPropertyValue(property))) style.removeProperty(property);
  }
}

const SAFE_IMAGE = /^data:image\/(?:png|gif|jpeg|webp);base64,[a-z0-9+/=\s]*$/iu;

/**
 * @param {Window & typeof globalThis} view  the frame's window
 * @param {string} html
 * @param {Wishes} wishes
 * @returns {Clean}
 */
export function sanitise(view, html, wishes) {
  const purify = createDOMPurify(view);
  /** @type {WeakMap<Element, string>} what an image wanted to show */
  const sources = new WeakMap();
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {Set<string>} */
  const elsewhere = new Set();
  let remote = 0;
  purify.addHook("uponSanitizeAttribute", (node, data) => {
    if (data.attrName === "src" && node.nodeName === "IMG") sources.set(/** @type {Element} */ (node), data.attrValue);
    if (data.attrName === "background" || data.attrName === "srcset") remote += 1;
  });
  // After the first of these no <frameset> can take the body's place, which would leave nothing to show (HTML standard,
  // "in body", frameset-ok).
  const fragment = purify.sanitize(`<wbr>${html}`, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    FORBID_TAGS: FORBIDDEN,
    FORBID_CONTENTS: ["style", "script", "title", "noscript", "template", "svg", "math", "iframe", "object", "video", "audio", "select"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOW_UNKNOWN_PROTOCOLS: false,
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/iu,
    // All others are held against that pattern too, so "#103040" and "center" would go.
    ADD_URI_SAFE_ATTR: ATTRIBUTES.filter((name) => name !== "href" && name !== "cite"),
    SANITIZE_DOM: true,
    RETURN_DOM_FRAGMENT: true,
  });
  fragment.firstChild?.remove();
  for (const element of fragment.querySelectorAll("[style]")) {
    const { style } = /** @type {HTMLElement} */ (element);
    if (/url\s*\(/iu.test(element.getAttribute("style") ?? "")) remote += 1;
    trim(style);
    if (style.length === 0) element.removeAttribute("style");
  }
  for (const image of fragment.querySelectorAll("img")) {
    const source = (sources.get(image) ?? "").trim();
    const cid = /^cid:(.*)$/iu.exec(source)?.[1];
    const id = cid === undefined ? "" : decoded(cid);
    const address = cid === undefined ? addressOf(source) : null;
    const own = address !== null ? wishes.elsewhere?.get(address) : cid === undefined ? (SAFE_IMAGE.test(source) ? source : undefined) : wishes.images.get(id);
    if (own !== undefined) {
      image.setAttribute("src", own);
      if (id) used.add(id);
    }
    else {
      if (address !== null) {
        remote += 1;
        elsewhere.add(address);
      }
      image.replaceWith(view.document.createTextNode(image.getAttribute("alt") ?? ""));
    }
  }
  for (const link of fragment.querySelectorAll("a")) tame(link, wishes, view.document);
  return { fragment, remote, elsewhere, used };
}

/**
 * Where a picture stands on the web, as a browser would read it; null for everything else.
 * @param {string} source
 */
function addressOf(source) {
  const written = source.startsWith("//") ? `https:${source}` : source;
  if (!/^https?:\/\//iu.test(written) || !URL.canParse(written)) return null;
  const url = new URL(written);
  url.hash = "";
  return url.href;
}

/** @param {string} id */
function decoded(id) {
  try {
    return decodeURIComponent(id);
  } catch {
    // RFC 2392 asks for percent encoding; a stray "%" is then part of the identifier.
    return id;
  }
}

/**
 * Links open apart from us, tell nobody where they were, and show where they lead.
 * @param {HTMLAnchorElement} link
 * @param {Wishes} wishes
 * @param {Document} into
 */
function tame(link, wishes, into) {
  const href = link.getAttribute("href");
  if (!href || !URL.canParse(href)) {
    link.removeAttribute("href");
    return;
  }
  if (!wishes.links) {
    const text = (link.textContent ?? "").trim();
    const span = into.createElement("span");
    span.append(...Array.from(link.childNodes), text === href ? "" : ` <${href}>`);
    link.replaceWith(span);
    return;
  }
  // As the browser reads it: a host in look-alike letters or behind a backslash shows what it is.
  const { hostname, protocol, href: target } = new URL(href);
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer nofollow");
  link.setAttribute("title", target);
  const named = namedHost(link.textContent ?? "");
  if (wishes.leadsTo && named && protocol !== "mailto:" && !sameSite(named, hostname)) link.append(into.createTextNode(` (${wishes.leadsTo(hostname)})`));
}

/**
 * The host that a link's text claims, if its text looks like an address at all.
 * @param {string} text
 */
export function namedHost(text) {
  const match = /^\s*(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})(?=[\s/:?#]|$)/iu.exec(text);
  if (!match?.[1] || !URL.canParse(`https://${match[1]}`)) return null;
  return new URL(`https://${match[1]}`).hostname;
}

/**
 * @param {string} one
 * @param {string} other
 */
function sameSite(one, other) {
  const [a, b] = [one.replace(/^www\./u, ""), other.replace(/^www\./u, "")];
  return a === b;
}
