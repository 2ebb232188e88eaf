/** Messages as the product builds them, with their bytes at hand. */
import { build as buildMessage } from "../../static/crypto/message.js";

/**
 * @param {any} letter
 * @param {Parameters<typeof buildMessage>[1]} by
 */
export async function build(letter, by) {
  const built = await buildMessage(letter, by);
  const deliveries = await Promise.all(built.deliveries.map(async ({ recipients, bytes }) => ({ recipients, bytes: await bytesOf(bytes) })));
  return { ...built, deliveries };
}

/** @param {Blob} blob */
export async function bytesOf(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}
