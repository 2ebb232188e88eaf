/** Addresses of messages, as webmail/converters.py writes them: each mailbox name is one segment, in one way only. */

/** @typedef {{mailbox: string, uidvalidity: number, uid: number}} Place */

/** @param {Place} place */
export function messageUrl({ mailbox, uidvalidity, uid }) {
  const segment = mailbox.replace(/[\0-\x7f]/gu, (sign) => (/[\w ,=@'()-]/u.test(sign) ? sign : `~${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`));
  return `/mailbox/${encodeURI(segment)}/${uidvalidity}/${uid}/`;
}

/** @param {Place} place */
export function rawUrl(place) {
  return `${messageUrl(place)}raw/`;
}
