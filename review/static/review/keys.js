// The keyboard: an element with data-key="a" is pressed (or gets the focus) when A is typed outside of text fields.
"use strict";

const typesText = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit])");

const shown = (element) => element.getClientRects().length > 0;

function press(element) {
  if (element.matches("a, button, input[type=radio], input[type=checkbox]")) {
    if (element.matches("input")) element.focus();
    element.click();
  } else {
    element.focus();
  }
}

function step(by) {
  const items = [...document.querySelectorAll("[data-item]")].filter(shown);
  if (items.length === 0) return false;
  const at = items.indexOf(document.activeElement.closest("[data-item]"));
  items[at < 0 ? 0 : Math.max(0, Math.min(items.length - 1, at + by))].focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || typesText(event.target)) return;
  const help = document.getElementById("help");
  const steps = { j: 1, k: -1 };
  const key = event.key.toLowerCase();
  if (event.key === "?" && help) {
    help.open ? help.close() : help.showModal();
  } else if (key in steps && step(steps[key])) {
    // the step was made
  } else {
    const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(shown);
    if (!target || (key === "enter" && event.target.matches("a, button"))) return;
    press(target);
  }
  event.preventDefault();
});
