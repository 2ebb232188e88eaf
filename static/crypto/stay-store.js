/**
 * This browser's half of stay-1, in IndexedDB `postern-stay`: one entry for each person.
 *
 * On lock and sign-out the page deletes the whole database (static/elements/keys-stay.js), since the worker is gone by
 * then; so no connection stays open here.
 */

/** @typedef {import("./stay.js").Place & {key: CryptoKey, blob: import("./bytes.js").Bytes}} Kept */

const NAME = "postern-stay";
const STORE = "kept";

/**
 * @param {string} person
 * @returns {Promise<Kept | null>}
 */
export async function get(person) {
  return (await within("readonly", (store) => store.get(person))) ?? null;
}

/**
 * @param {string} person
 * @param {Kept} kept
 */
export async function put(person, kept) {
  await within("readwrite", (store) => store.put(kept, person));
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function within(mode, work) {
  const base = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = base.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    base.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
