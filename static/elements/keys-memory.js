/**
 * What this browser remembers of key rings, in IndexedDB `postern-keys`, also after signing out.
 *
 * The server keeps the sealed ring, so the server is the one who could offer an older copy of it
 * (design D2). The highest revision seen is no secret and opens nothing.
 */

/** @typedef {{ring: string, epoch: number, rev: number, hash: string}} Head */

const HEADS = "heads";
const CHOICES = "choices";

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("postern-keys", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(HEADS);
      request.result.createObjectStore(CHOICES);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
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
 * The highest revision this browser saw of a person's ring.
 * @param {string} person
 * @returns {Promise<Head | null>}
 */
export async function highest(person) {
  const store = (await open()).transaction(HEADS).objectStore(HEADS);
  return (await settled(store.get(person))) ?? null;
}

/**
 * Remember a revision, unless a higher one is remembered already. One transaction, so that two tabs
 * cannot lower what the other has seen.
 * @param {string} person
 * @param {Head} head
 */
export async function remember(person, head) {
  const store = (await open()).transaction(HEADS, "readwrite").objectStore(HEADS);
  /** @type {Head | undefined} */
  const kept = await settled(store.get(person));
  const lower = kept && kept.ring === head.ring && (kept.epoch > head.epoch || (kept.epoch === head.epoch && kept.rev > head.rev));
  if (!lower) await settled(store.put({ ring: head.ring, epoch: head.epoch, rev: head.rev, hash: head.hash }, person));
}

/** @typedef {{rev: number, hash: string}} PinsHead */

/**
 * The newest list of pins this browser saw, for the ring it belongs to.
 * @param {string} person
 * @returns {Promise<PinsHead | null>}
 */
export async function highestPins(person) {
  const ring = (await highest(person))?.ring;
  const store = (await open()).transaction(HEADS).objectStore(HEADS);
  return (await settled(store.get(`pins ${ring} ${person}`))) ?? null;
}

/**
 * @param {string} person
 * @param {PinsHead} head
 */
export async function rememberPins(person, head) {
  const ring = (await highest(person))?.ring;
  const store = (await open()).transaction(HEADS, "readwrite").objectStore(HEADS);
  const place = `pins ${ring} ${person}`;
  /** @type {PinsHead | undefined} */
  const kept = await settled(store.get(place));
  if (!kept || kept.rev <= head.rev) await settled(store.put({ rev: head.rev, hash: head.hash }, place));
}

/**
 * Whether the person chose to stay unlocked in this browser; so at first.
 * @param {string} person
 * @returns {Promise<boolean>}
 */
export async function staysOpen(person) {
  const store = (await open()).transaction(CHOICES).objectStore(CHOICES);
  return (await settled(store.get(person))) ?? true;
}

/**
 * @param {string} person
 * @param {boolean} stay
 */
export async function chooseStay(person, stay) {
  const store = (await open()).transaction(CHOICES, "readwrite").objectStore(CHOICES);
  await settled(store.put(stay, person));
}
