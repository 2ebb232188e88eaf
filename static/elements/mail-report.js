/**
 * Reports that mail servers and programs write (RFC 3464, RFC 8098): a sentence for each address, then what came.
 * They are as forgeable as any mail, and say so.
 */
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {{ id: string, address: string, said: string }} Outcome */

const ACTIONS = new Set(["failed", "delayed", "delivered", "relayed", "expanded"]);
const MOST = 50;
const LONGEST = 500;

/**
 * @param {string} type  media type of the part
 * @param {string} text
 * @returns {Outcome[]}
 */
export function outcomes(type, text) {
  if (type === "message/delivery-status") return delivery(text);
  if (type === "message/disposition-notification") return disposition(text);
  return [];
}

/** @param {string} text */
function groups(text) {
  return text.replace(/\r\n?/gu, "\n").split(/\n\n+/u).map((group) => {
    /** @type {Map<string, string>} */
    const fields = new Map();
    for (const line of group.replace(/\n[ \t]+/gu, " ").split("\n")) {
      const found = /^([\w-]+):\s*(.*)$/u.exec(line);
      if (found && !fields.has((found[1] ?? "").toLowerCase())) fields.set((found[1] ?? "").toLowerCase(), (found[2] ?? "").trim());
    }
    return fields;
  });
}

/** Without the type before it: "rfc822; bob@…", "smtp; 550 …". @param {string | undefined} value */
function typed(value) {
  return (value ?? "").replace(/^[\w-]+\s*;\s*/u, "").replace(/^<(.*)>$/u, "$1").slice(0, LONGEST);
}

/** @param {string} text @returns {Outcome[]} */
function delivery(text) {
  return groups(text).flatMap((fields) => {
    const action = (fields.get("action") ?? "").toLowerCase();
    const address = typed(fields.get("original-recipient") ?? fields.get("final-recipient"));
    if (!ACTIONS.has(action) || address === "") return [];
    const said = typed(fields.get("diagnostic-code")) || (action === "failed" ? fields.get("status") ?? "" : "");
    return [{ id: `ui-report-${action}`, address, said }];
  }).slice(0, MOST);
}

/** @param {string} text @returns {Outcome[]} */
function disposition(text) {
  const [fields] = groups(text.trimStart());
  const kind = /;\s*(displayed|deleted|processed|dispatched)/iu.exec(fields?.get("disposition") ?? "")?.[1]?.toLowerCase();
  const address = typed(fields?.get("final-recipient"));
  if (!kind || address === "") return [];
  return [{ id: `ui-report-${kind === "dispatched" ? "processed" : kind}`, address, said: "" }];
}

/**
 * @param {string} type
 * @param {string} text
 * @param {() => Node[]} raw  the text as it came
 * @returns {Node[] | null} null for a part that is no report
 */
export function report(type, text, raw) {
  if (type === "text/rfc822-headers") return [folded("ui-report-headers", raw)];
  if (type !== "message/delivery-status" && type !== "message/disposition-notification") return null;
  const found = outcomes(type, text);
  if (found.length === 0) return null;
  return [
    make("section", { class: "report" }, ...found.flatMap(({ id, address, said }) => [
      make("p", { class: "report-line", "data-report": id }, icon(id === "ui-report-failed" ? "alert" : "envelope", "icon-small"), make("span", { dir: "auto" }, say(id, { address }))),
      said && make("p", { class: "note report-said", dir: "auto" }, say("ui-report-said", { said })),
    ]), make("p", { class: "note" }, say("ui-report-unproved"))),
    folded("ui-report-raw", raw),
  ];
}

/** @param {string} words @param {() => Node[]} raw */
function folded(words, raw) {
  return make("details", { class: "folded report-raw" }, make("summary", {}, say(words)), ...raw());
}
