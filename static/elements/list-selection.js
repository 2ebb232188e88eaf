/** Ticks in the list: one, a range from the last one, all on the page, none. */

import { number } from "./format.js";
import { say } from "./words.js";

/** @param {ParentNode} list @returns {HTMLInputElement[]} */
export function ticks(list) {
  return [...list.querySelectorAll("input.row-tick")].filter((tick) => tick instanceof HTMLInputElement);
}

/** @param {ParentNode} list @returns {string[]} the UIDs that are ticked */
export function ticked(list) {
  return ticks(list)
    .filter((tick) => tick.checked)
    .map((tick) => tick.value);
}

/**
 * Gives every tick between two of them (both included) the state of the second.
 * @param {ParentNode} list
 * @param {HTMLInputElement} from
 * @param {HTMLInputElement} to
 */
export function tickRange(list, from, to) {
  const all = ticks(list);
  const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  if (first < 0) return;
  for (const tick of all.slice(first, last + 1)) tick.checked = to.checked;
}

/** @param {ParentNode} list @param {boolean} checked */
export function tickAll(list, checked) {
  for (const tick of ticks(list)) tick.checked = checked;
  const mode = list.querySelector("#choose");
  if (mode instanceof HTMLInputElement && !checked) mode.checked = false;
  tell(list);
}

/** Says how many, in the bar that stands in for the head while anything is ticked. @param {ParentNode} list */
export function tell(list) {
  const count = ticked(list).length;
  const words = list.querySelector(".select-count");
  const text = say("ui-selected", { count: number(count) });
  if (words && words.textContent !== text) {
    words.textContent = text;
    words.setAttribute("data-count", number(count)); // what a narrow bar has room for
  }
  const all = list.querySelector("#tick-all");
  if (all instanceof HTMLInputElement) {
    const total = ticks(list).length;
    all.checked = total > 0 && count === total;
    all.indeterminate = count > 0 && count < total;
  }
}
