/**
 * The letter on paper: whole, with its head and what is known about its protection, without what is there to be pressed.
 *
 * A frame is printed as tall as it stands on the page, so it is measured at the width of the paper first
 * (static/css/paper.css has the same width). Quotations that are folded away on the screen are part of the letter.
 */

/** @type {HTMLDetailsElement[]} */
let unfolded = [];

function begin() {
  document.documentElement.dataset["printing"] = "";
  unfolded = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("details.folded:not([open])")]);
  for (const each of unfolded) each.open = true;
  document.dispatchEvent(new CustomEvent("postern:fit"));
}

function end() {
  delete document.documentElement.dataset["printing"];
  for (const each of unfolded) each.open = false;
  unfolded = [];
  document.dispatchEvent(new CustomEvent("postern:fit"));
}

addEventListener("beforeprint", begin);
addEventListener("afterprint", end);
document.addEventListener("click", (event) => {
  if (/** @type {Element} */ (event.target).closest?.("[data-print]")) print();
});
