/** One tab writes a draft at a time: a Web Lock for as long as the composer has it, which another tab can take over. */

/** @param {string} id */
const nameOf = (id) => `postern-draft ${id}`;

/** @typedef {{release: () => void}} Claim */

/**
 * @param {string} id of the draft
 * @param {{steal?: boolean, onlost: () => void}} how  `steal`: the person said that this is the tab to go on in
 * @returns {Promise<Claim | null>} null where another tab has it
 */
export function claim(id, { steal = false, onlost }) {
  // Pages over plain HTTP, which only tests have, come without; then revisions alone tell two tabs apart.
  if (!navigator.locks) return Promise.resolve({ release() {} });
  return new Promise((resolve, reject) => {
    let mine = false;
    navigator.locks
      .request(nameOf(id), steal ? { steal } : { ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(null);
        mine = true;
        return new Promise((done) => resolve({ release: () => done(undefined) }));
      })
      .catch((error) => (mine ? onlost() : reject(error)));
  });
}

/** The drafts that are open in some tab of this browser. @returns {Promise<Set<string>>} */
export async function claimed() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map(({ name }) => (name ?? "").replace(/^postern-draft /u, "")));
}
