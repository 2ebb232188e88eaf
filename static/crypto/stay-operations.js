/** The worker's operations that keep a ring open over a reload and in a second tab. */
import { equal, random, wipe } from "./bytes.js";
import { CryptoError } from "./errors.js";
import * as keyring from "./keyring.js";
import { split } from "./keyring-file.js";
import { openWith } from "./keyring-seal.js";
import { unlocked } from "./ring-operations.js";
import * as stay from "./stay.js";
import * as store from "./stay-store.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/**
 * After an unlock, and after each change that began a new epoch.
 * @param {{half: Bytes, person: string}} args  `half`: H, new from the server; `person`: whose entry in this browser
 */
export async function seal({ half, person }) {
  const { id, epoch, key } = keyring.held().ring;
  const place = { ring: id, epoch, device: random(16) };
  try {
    const device = await stay.deviceKey();
    await store.put(person, { ...place, key: device, blob: await stay.seal(device, half, place, key) });
  } finally {
    wipe(half);
  }
}

/**
 * @param {{half: Bytes, person: string, ring: Bytes, highest: import("./keyring-seal.js").Head | null}} args
 * @returns {Promise<import("./ring-operations.js").Unlocked>}
 * @throws {CryptoError} stay-ended when there is nothing to open, or it belongs to another session or epoch
 */
export async function open({ half, person, ring, highest }) {
  try {
    const kept = await store.get(person);
    if (!kept) throw new CryptoError("stay-ended");
    const { header } = split(ring);
    // Another device removed a way in: the ring has a new key, and the secret has to be asked.
    if (!equal(header.ring, kept.ring) || header.epoch !== kept.epoch) throw new CryptoError("stay-ended", "another epoch");
    const key = await stay.open(kept.key, half, kept, kept.blob);
    await keyring.hold(await openWith(ring, key, highest));
    return unlocked();
  } finally {
    wipe(half);
  }
}
