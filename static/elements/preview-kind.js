/** Which files can be looked at in the page, and what is worth a word before one is saved. */

/** @typedef {"image" | "text" | "pdf"} Kind */

const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);
const IMAGE_ENDINGS = /\.(?:png|jpe?g|gif|webp|avif|bmp)$/iu;
const TEXT_TYPES = new Set(["application/json", "application/xml", "application/sql", "application/x-yaml", "application/yaml", "application/toml", "application/x-sh", "application/x-patch"]);
const TEXT_ENDINGS = /\.(?:txt|text|log|csv|tsv|md|markdown|json|xml|ya?ml|toml|ini|conf|diff|patch|eml|ics|vcf|srt|tex|bib|py|c|h|cpp|rs|go|java|sql|sh|css)$/iu;
/** Without a type that says something, the ending is believed; what is then found inside decides. */
const NOTHING_SAID = new Set(["", "application/octet-stream", "application/x-download", "binary/octet-stream", "application/force-download"]);

/**
 * How a file is looked at. Only a wish: each preview checks the bytes themselves and says so when they are something else.
 * Markup that would be drawn (HTML, SVG) is not looked at here.
 * @param {{ type: string, name: string }} file
 * @returns {Kind | null}
 */
export function previewKind({ type, name }) {
  if (IMAGES.has(type)) return "image";
  if (type === "application/pdf" || type === "application/x-pdf") return "pdf";
  if (type === "text/html" || type === "text/rtf" || /\.(?:html?|svgz?|xhtml|mht|mhtml)$/iu.test(name)) return null;
  if (type.startsWith("text/") || TEXT_TYPES.has(type) || type === "message/rfc822") return "text";
  if (!NOTHING_SAID.has(type)) return null;
  if (IMAGE_ENDINGS.test(name)) return "image";
  if (/\.pdf$/iu.test(name)) return "pdf";
  return TEXT_ENDINGS.test(name) ? "text" : null;
}

/** Files that a system runs when they are opened. */
const PROGRAMS = /\.(?:exe|com|scr|pif|bat|cmd|msi|msix|msp|appx|cpl|dll|jar|js|jse|vbs|vbe|wsf|wsh|ps1|psm1|hta|reg|lnk|url|scf|chm|apk|app|dmg|pkg|command|workflow|sh|bash|run|desktop|deb|rpm|appimage|gadget|application|xll|iso|img|vhdx?|one)$/iu;
/** Office files that carry programs; the plain forms cannot. */
const MACROS = /\.(?:docm|dotm|xlsm|xltm|xlsb|xlam|pptm|potm|ppam|ppsm|sldm)$/iu;
/** Pages and drawings that run scripts of their own once they are opened from the disk. */
const PAGES = /\.(?:html?|xhtml|shtml|svgz?|mht|mhtml|xml\.html)$/iu;
const PROGRAM_TYPES = /^application\/(?:x-ms-?dos|x-dosexec|x-msdownload|vnd\.microsoft\.portable-executable|x-executable|x-sh|java-archive|x-msi|hta|x-ms-shortcut)/u;
/** An ending that promises something to read, before another that is not that. */
const DOUBLE = /\.(?:pdf|docx?|xlsx?|pptx?|txt|rtf|csv|jpe?g|png|gif|mp[34]|zip|html?)[\s_]*\.([a-z\d]{1,10})$/iu;
const HARMLESS_SECOND = /^(?:gpg|pgp|asc|sig|gz|bz2|xz|zst|zip|7z|p7[ms]|bak|pdf|txt)$/iu;

/**
 * What is said beside a file, as the id of a sentence; null when there is nothing to say.
 * @param {{ type: string, name: string }} file
 * @returns {string | null}
 */
export function fileNote({ type, name }) {
  if (type === "application/ms-tnef" || type === "application/vnd.ms-tnef" || /^winmail.*\.dat$/iu.test(name)) return "ui-file-tnef";
  const second = DOUBLE.exec(name)?.[1];
  if (PROGRAMS.test(name) || PROGRAM_TYPES.test(type)) return second ? "ui-file-program-hidden" : "ui-file-program";
  if (MACROS.test(name)) return "ui-file-macros";
  if (PAGES.test(name) || type === "text/html" || type === "image/svg+xml") return "ui-file-page";
  if (second && !HARMLESS_SECOND.test(second)) return "ui-file-double";
  if (type === "text/vcard" || type === "text/x-vcard" || /\.vcf$/iu.test(name)) return "ui-file-contact";
  if (type === "text/calendar" || /\.ics$/iu.test(name)) return "ui-file-calendar";
  return null;
}

/** Notes that are read before one saves the file, in the colour of a warning. */
export const CAUTION = new Set(["ui-file-program-hidden", "ui-file-program", "ui-file-macros", "ui-file-page", "ui-file-double"]);
