/** For tests in other languages: makes and opens rings with the code of the page. One JSON in, one JSON out. */
import { readFileSync } from "node:fs";
import { fromBase64, toBase64, toHex, utf8 } from "../../static/crypto/bytes.js";
import * as drafts from "../../static/crypto/draft-operations.js";
import * as keyring from "../../static/crypto/keyring.js";
import * as operations from "../../static/crypto/ring-operations.js";
import * as state from "../../static/crypto/state.js";
import * as stay from "../../static/crypto/stay.js";

const job = { signal: new AbortController().signal, progress() {}, transfer() {} };
const asked = JSON.parse(readFileSync(0, "utf8"));

const verbs = {
  async create({ passphrase, name, address }) {
    const { ring, code, fingerprint, head } = await operations.create({ passphrase: utf8(passphrase), person: { name, address }, account: "1" }, job);
    const { id, state: root } = keyring.held().ring;
    const place = { kind: "pins", name: "pins", rev: 7 };
    const record = await state.seal({ id, state: root }, place, utf8('{"pins":[]}'));
    const draftMacKey = await state.draftMacKey({ id, state: root });
    return { ring: toBase64(ring), code, fingerprint, head, record: toBase64(record), draftMacKey: toHex(draftMacKey) };
  },
  /** A draft by a new person, its copy for this browser, and what a second reader needs to open both. */
  async draft({ id, rev, content }) {
    await operations.create({ passphrase: utf8("unicorn gravel dwindle passport mosaic"), person: content.from, account: "1" }, job);
    const { id: ring, state: root, keys } = keyring.held().ring;
    const file = new File([content.file], content.fileName, { type: "text/plain" });
    const whole = { ...content, inline: [], attachments: [file] };
    const { bytes } = await drafts.seal({ content: whole, id, rev }, job);
    const listed = [{ id: "f1", name: file.name, type: file.type, modified: 5, cid: "" }];
    const kept = await drafts.keep({ content: whole, id, rev, listed, files: [{ id: "f1", file }] }, job);
    return { raw: toBase64(bytes), ring: toBase64(ring), root: toBase64(root), key: toBase64(keys[0].key), record: toBase64(kept.record), file: toBase64(kept.files[0].sealed) };
  },
  async open({ ring, kind, secret }) {
    const opened = await operations.unlock({ ring: fromBase64(ring), secret: { kind, value: utf8(secret) }, highest: null });
    return { head: opened.head, keys: opened.keys.map(({ fingerprint }) => fingerprint), root: toHex(keyring.held().ring.state) };
  },
  async stay({ ring, epoch, device, half, key }) {
    const [place, bytes] = [{ ring: fromBase64(ring), epoch, device: fromBase64(device) }, fromBase64(key)];
    const raw = globalThis.crypto.getRandomValues(new Uint8Array(32));
    const D = await globalThis.crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    return { deviceKey: toBase64(raw), blob: toBase64(await stay.seal(D, fromBase64(half), place, bytes)) };
  },
};

try {
  process.stdout.write(JSON.stringify(await verbs[asked.verb](asked)));
} catch (error) {
  if (error.name !== "CryptoError") throw error;
  process.stdout.write(JSON.stringify({ refused: error.code }));
}
