/**
 * Drafts in this browser, in IndexedDB `postern-drafts`: sealed by the key ring, or by a key that cannot be copied out of this
 * browser for people who have no key ring yet. What stands here beside the sealed bytes says nothing of what was written.
 */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {{mailbox: string, uidvalidity: number, uid: number}} Place */
/**
 * @typedef {object} Kept
 * @property {string} person
 * @property {string} id
 * @property {number} rev
 * @property {"ring" | "browser"} by
 * @property {Bytes} record
 * @property {string[]} files ids of the sealed files beside it
 * @property {number} uploaded the revision that the mailbox has; 0 for none
 * @property {Place | null} at where it lies there
 * @property {string[]} tried MACs of what was handed over, so that a lost answer is not taken for somebody else's draft
 * @property {number} saved when, in milliseconds
 * @property {boolean} discarded the person threw it away and may still take that back
 * @property {number} [discardedAt] when
 */
/** @typedef {{id: string, sealed: Bytes}} SealedFile */

/** A newer revision stands there: another tab, or this page before, wrote it. */
export class Older extends Error {}

/** A file that was sealed before is not there any more: it is to be sealed anew. */
export class Missing extends Error {}

const [DRAFTS, FILES, KEYS] = ["drafts", "files", "keys"];

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("postern-drafts", 1);
    request.onupgradeneeded = () => {
      for (const name of [DRAFTS, FILES, KEYS]) request.result.createObjectStore(name);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  opening.catch(() => {
    opening = null;
  });
  return opening;
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * One transaction over drafts and files; kept as a whole or not at all.
 * @template T
 * @param {(drafts: IDBObjectStore, files: IDBObjectStore) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function change(work) {
  const transaction = (await open()).transaction([DRAFTS, FILES], "readwrite");
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  try {
    const result = await work(transaction.objectStore(DRAFTS), transaction.objectStore(FILES));
    await done;
    return result;
  } catch (error) {
    done.catch(() => {});
    if (error instanceof Older || error instanceof Missing) transaction.abort();
    throw error;
  }
}

/** @param {string} person @param {string} id @returns {Promise<Kept | null>} */
export async function get(person, id) {
  return (await settled((await open()).transaction(DRAFTS).objectStore(DRAFTS).get([person, id]))) ?? null;
}

/** @param {string} person @returns {Promise<Kept[]>} */
export async function all(person) {
  /** @type {Kept[]} */
  const kept = await settled((await open()).transaction(DRAFTS).objectStore(DRAFTS).getAll(IDBKeyRange.bound([person], [person, []])));
  return kept.sort((a, b) => b.saved - a.saved);
}

/** @param {Kept} kept @returns {Promise<SealedFile[]>} */
export async function filesOf({ person, id, files }) {
  const store = (await open()).transaction(FILES).objectStore(FILES);
  return Promise.all(files.map(async (file) => ({ id: file, sealed: await settled(store.get([person, id, file])) })));
}

/**
 * @param {Kept} kept
 * @param {SealedFile[]} fresh files that are not there yet
 * @throws {Older}
 * @throws {Missing}
 */
export function put(kept, fresh) {
  const { person, id } = kept;
  return change(async (drafts, files) => {
    /** @type {Kept | undefined} */
    const before = await settled(drafts.get([person, id]));
    if (before && before.rev >= kept.rev) throw new Older();
    // What an upload told meanwhile is not taken back.
    const newest = before && before.uploaded > kept.uploaded ? { uploaded: before.uploaded, at: before.at } : {};
    await settled(drafts.put({ ...kept, ...newest }, [person, id]));
    for (const { id: file, sealed } of fresh) await settled(files.put(sealed, [person, id, file]));
    for (const file of kept.files) if ((await settled(files.count([person, id, file]))) === 0) throw new Missing();
    for (const gone of before?.files ?? []) if (!kept.files.includes(gone)) await settled(files.delete([person, id, gone]));
  });
}

/**
 * @param {string} person
 * @param {string} id
 * @param {Partial<Pick<Kept, "uploaded" | "at" | "tried" | "discarded" | "discardedAt">>} facts
 */
export function note(person, id, facts) {
  return change(async (drafts) => {
    /** @type {Kept | undefined} */
    const before = await settled(drafts.get([person, id]));
    if (before) await settled(drafts.put({ ...before, ...facts }, [person, id]));
  });
}

/**
 * @param {string} person
 * @param {string} id
 * @param {(kept: Kept) => boolean} only what stands there when it is to go: another tab may have kept a newer one meanwhile
 */
export function remove(person, id, only) {
  return change(async (drafts, files) => {
    /** @type {Kept | undefined} */
    const before = await settled(drafts.get([person, id]));
    if (before && !only(before)) return;
    await settled(drafts.delete([person, id]));
    await settled(files.delete(IDBKeyRange.bound([person, id], [person, id, []])));
  });
}

/**
 * The key of somebody without a key ring: this browser can use it, and nobody can copy it out.
 * @param {string} person
 * @returns {Promise<CryptoKey>}
 */
export async function browserKey(person) {
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Looked at and written in one transaction: two tabs make one key.
  const store = (await open()).transaction(KEYS, "readwrite").objectStore(KEYS);
  const kept = await settled(store.get(person));
  if (!kept) await settled(store.put(fresh, person));
  return kept ?? fresh;
}
