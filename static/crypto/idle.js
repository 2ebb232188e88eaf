/**
 * Notices on the page's side that nobody uses it any more.
 *
 * A sleeping computer stops timers but not the clock, so the deadline is a time of day that is looked at
 * by a slow timer and whenever the page comes back into view. Other tabs report their activity.
 */

/** Fifteen minutes without a key, a touch or a pointer, in milliseconds. */
export const IDLE = 15 * 60_000;
const LOOK = 10_000;
const TELL = 30_000;

/**
 * @param {object} how
 * @param {() => void} how.onidle  called once
 * @param {() => void} [how.onactive]  called at most every half minute, for the other tabs
 * @param {EventTarget} [how.target]
 * @param {number} [how.after]  milliseconds
 * @param {number} [how.look]  milliseconds between two looks at the clock
 * @param {() => number} [how.now]
 */
export function watchIdle({ onidle, onactive, target = document, after = IDLE, look = LOOK, now = Date.now }) {
  let last = now();
  let told = last;
  const touch = () => {
    last = now();
  };
  const active = () => {
    // The first key press after a night must not pass for activity before the lock has happened.
    if (check()) return;
    touch();
    if (last - told >= TELL) {
      told = last;
      onactive?.();
    }
  };
  const check = () => {
    if (now() - last < after) return false;
    stop();
    onidle();
    return true;
  };
  const events = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"];
  const timer = setInterval(check, look);
  for (const event of events) target.addEventListener(event, active, { passive: true, capture: true });
  target.addEventListener("visibilitychange", check);
  const stop = () => {
    clearInterval(timer);
    for (const event of events) target.removeEventListener(event, active, { capture: true });
    target.removeEventListener("visibilitychange", check);
  };
  /** Milliseconds until nobody's absence locks, as things stand. */
  const left = () => Math.max(0, after - (now() - last));
  return { touch, stop, left };
}
