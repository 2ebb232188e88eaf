/** A message that a link asked for, on its way to the composer in this page's memory: its words never stand in an address. */

/** @type {import("./mailto.js").Wish | null} */
let waiting = null;

/** @param {import("./mailto.js").Wish} wish */
export function prepare(wish) {
  waiting = wish;
}

/** Once: the next empty page is empty again. */
export function takePrepared() {
  const wish = waiting;
  waiting = null;
  return wish;
}
