// The keyboard: an element with data-key="a" is pressed (or gets the focus) when A is typed outside of text fields.
// What a page offers is listed by `?`. A key that is held down presses nothing: the next page must be looked at first.
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
    if (element.select) element.select();
  }
}

function step(by) {
  const items = [...document.querySelectorAll("[data-item]")].filter(shown);
  if (items.length === 0) return false;
  const at = items.indexOf(document.activeElement.closest("[data-item]"));
  const item = items[at < 0 ? 0 : Math.max(0, Math.min(items.length - 1, at + by))];
  item.focus();
  item.scrollIntoView({ block: "nearest" });
  return true;
}

function words(element) {
  const label = element.labels?.[0] ?? element;
  const text = label.cloneNode(true);
  for (const key of text.querySelectorAll("kbd, svg, .hidden")) key.remove();
  return element.dataset.says ?? element.getAttribute("aria-label") ?? text.textContent.trim();
}

function listKeys(help) {
  const list = help.querySelector("[data-help]");
  for (const old of list.querySelectorAll(".from-page")) old.remove();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (!shown(element) || element.dataset.opens === "help") continue;
    const [key, what] = [document.createElement("dt"), document.createElement("dd")];
    const cap = document.createElement("kbd");
    cap.textContent = element.dataset.key === "enter" ? "↵" : element.dataset.key.toUpperCase();
    key.append(cap);
    what.textContent = words(element);
    key.className = what.className = "from-page";
    list.append(key, what);
  }
}

function open(dialog) {
  if (dialog.id === "help") listKeys(dialog);
  dialog.showModal();
  const first = dialog.querySelector("input:not([type=hidden])");
  if (!first) return;
  first.focus();
  first.select();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (typesText(event.target)) {
    if (event.key === "Escape") {
      event.preventDefault(); // a search keeps its words
      event.target.blur();
    }
    return;
  }
  const steps = { j: 1, k: -1 };
  const key = event.key.toLowerCase();
  if (key in steps && step(steps[key])) {
    event.preventDefault();
    return;
  }
  const named = `[data-key="${CSS.escape(key)}"]`;
  // What the page is about goes before the ways to other pages: its variants may have their letters.
  const target = [...document.querySelectorAll(`main ${named}`), ...document.querySelectorAll(named)].find(shown);
  if (!target || (key === "enter" && event.target.matches("a, button, summary"))) return;
  event.preventDefault();
  if (!event.repeat) press(target);
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  event.target.closest("[data-closes]")?.closest("dialog").close();
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload(); // what the browser kept may be settled by now
});

// The next page's picture is fetched while this one is looked at.
window.addEventListener("load", () => {
  for (const link of document.querySelectorAll("[data-preload]")) new Image().src = link.dataset.preload;
});
