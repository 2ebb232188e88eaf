/** How much is remembered of messages that were opened: the page and the worker both keep to it. */

/** Of a month this many, the last read; what is beyond is found out again when it is opened. */
export const SEEN_MOST = 2000;
export const SIGNERS_MOST = 2000;
export const SUBJECT_LONGEST = 200;
/** A message that arrived between others is sorted in, so more are kept than are asked about. */
export const LAST = 8;
