/** Single keys: which one was pressed, and whether the person was writing. */

/**
 * The key as people name it ("j", "#", "J" with Shift, "ArrowDown"), or "" when it is not meant for the page:
 * somebody writes, a modifier is held, or an open dialog has the keyboard.
 * @param {KeyboardEvent} event
 */
export function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return "";
  const target = /** @type {Element | null} */ (event.composedPath()[0] instanceof Element ? event.composedPath()[0] : null);
  if (target?.closest("textarea, select, dialog[open], [contenteditable]:not([contenteditable=false])")) return "";
  const input = target?.closest("input");
  if (input && !["checkbox", "radio", "button", "submit"].includes(input.type)) return "";
  return event.key;
}

/** @param {Element} element whether the person could see and press it */
export function pressable(element) {
  return element.checkVisibility({ visibilityProperty: true }) && element.getAttribute("aria-disabled") !== "true" && !element.matches(":disabled");
}
