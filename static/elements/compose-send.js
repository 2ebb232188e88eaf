/** From what was written to what is handed over: built in the worker, uploaded as finished bytes. */
import { crypto } from "../crypto/client.js";
import { upload } from "./upload.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/**
 * @typedef {object} Letter
 * @property {Mailbox} from
 * @property {Mailbox[]} to
 * @property {Mailbox[]} cc
 * @property {Mailbox[]} bcc
 * @property {string} subject
 * @property {string} text
 * @property {string | null} html  the same text with its looks, or null for plain text
 * @property {{ id: string, file: File }[]} inline  pictures that `html` shows as cid:id
 * @property {Mailbox | null} replyTo
 * @property {File[]} attachments
 * @property {string | null} inReplyTo
 * @property {string[]} references
 * @property {"encrypted" | "signed" | "clear"} protection
 * @property {Record<string, Uint8Array[]>} certificates by address
 */
/** @typedef {{ mailbox: string, uidvalidity: number, uid: number, flag: string } | null} Answered */

/** @typedef {{ mailbox: string, uidvalidity: number, uid: number, draft: string, rev: number } | null} Draft where its draft lies, to be deleted last; `rev` has the words of the message */

/**
 * @param {Letter} letter
 * @param {{ url: string, key: string, answered: Answered, draft: Draft, when: { send_at: string } | { undo: number }, limit: import("./send-limit.js").SendLimit, signal: AbortSignal, onbuild: (share: number) => void, onupload: (share: number) => void, onhanded: () => void }} options
 * @returns {Promise<import("./upload.js").Accepted & { earlier: boolean }>} `earlier` where the server had taken it at a try before
 */
export async function send(letter, { url, key, answered, draft, when, limit, signal, onbuild, onupload, onhanded }) {
  const built = await crypto.request("message.build", { ...letter, self: letter.from.address }, {
    signal,
    onprogress: ({ done, total }) => onbuild(total ? done / total : 0),
  });
  await limit.check(built.size);
  // The server reads in this order: what the parts are for, then the parts.
  const form = new FormData();
  form.set("key", key);
  form.set("meta", JSON.stringify({
    from: letter.from.address,
    deliveries: built.deliveries.map((/** @type {{ recipients: string[] }} */ { recipients }, /** @type {number} */ index) => ({ recipients, part: `bytes-${index}` })),
    copy: built.own ? "bytes-own" : "bytes-0",
    protection: letter.protection,
    answered,
    ...(draft ? { draft } : {}),
    message_id: built.messageId,
    ...when,
  }));
  for (const [index, { bytes }] of built.deliveries.entries()) form.set(`bytes-${index}`, bytes, `bytes-${index}`);
  if (built.own) form.set("bytes-own", built.own, "bytes-own");
  onupload(0);
  const accepted = await upload(url, form, { onprogress: onupload, onhanded, signal });
  return { ...accepted, earlier: accepted.message_id !== built.messageId };
}
