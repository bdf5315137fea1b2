// The keyboard: an element with data-key="a" is pressed (or gets the focus) when A is typed outside of text fields.
// What a page offers is listed by `?`, where single keys can be switched off too. A key that is held down presses
// nothing, nor does an Enter that comes as soon as the page: it was meant for the page before.
"use strict";

const TOO_SOON_MS = 400;
const shownAt = performance.now();
let touched = false; // whether somebody has done anything on this page
document.addEventListener("pointerdown", () => { touched = true; });

const KEYS = "ruecklauf-keys";
const LAST_OPENED = "ruecklauf-last-opened";
const keysAreOn = () => localStorage.getItem(KEYS) !== "off";
const showKeys = () => document.documentElement.classList.toggle("without-keys", !keysAreOn());
showKeys();

const typesText = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit])");

const shown = (element) => element.getClientRects().length > 0;
const usable = (element) => shown(element) && !element.matches(":disabled");

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
  const last = items.findIndex((each) => each.href && each.href === sessionStorage.getItem(LAST_OPENED));
  const item = items[at < 0 ? Math.max(0, last) : Math.max(0, Math.min(items.length - 1, at + by))];
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

// What a key does on this page: what the page is about goes before the ways to other pages, whose letter it may have.
function pressedBy(key) {
  const named = `[data-key="${CSS.escape(key)}"]`;
  return [...document.querySelectorAll(`main ${named}`), ...document.querySelectorAll(named)].find(usable);
}

function listKeys(help) {
  for (const old of help.querySelectorAll(".from-page")) old.remove();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (element.dataset.opens === "help" || pressedBy(element.dataset.key) !== element) continue;
    const [key, what] = [document.createElement("dt"), document.createElement("dd")];
    const cap = document.createElement("kbd");
    cap.textContent = element.dataset.key === "enter" ? "↵" : element.dataset.key.toUpperCase();
    key.append(cap);
    what.textContent = words(element);
    key.className = what.className = "from-page";
    help.querySelector(`[data-keys-of=${element.closest("nav.pages") ? "nav" : "main"}]`).append(key, what);
  }
  help.querySelector("[data-keys-on]").checked = keysAreOn();
}

function open(dialog) {
  if (dialog.id === "help") listKeys(dialog);
  dialog.showModal();
  const first = dialog.querySelector("input:not([type=hidden], [type=checkbox])");
  if (!first) return;
  first.focus();
  first.select();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  // What a dialog has closed over may have the focus for a moment yet: nobody types there.
  if (typesText(event.target) && shown(event.target)) {
    if (event.key === "Escape") {
      event.preventDefault(); // a search keeps its words
      event.target.blur();
    }
    return;
  }
  if (!keysAreOn()) return;
  const steps = { j: 1, k: -1 };
  const key = event.key.toLowerCase();
  if (key !== "enter") touched = true;
  else if (!touched && performance.now() - shownAt < TOO_SOON_MS) {
    event.preventDefault();
    return;
  }
  if (key in steps && step(steps[key])) {
    event.preventDefault();
    return;
  }
  const target = pressedBy(key);
  if (!target || (key === "enter" && event.target.matches("a, button, summary"))) return;
  event.preventDefault();
  if (!event.repeat) press(target);
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  event.target.closest("[data-closes]")?.closest("dialog").close();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-on]")) return;
  localStorage.setItem(KEYS, event.target.checked ? "on" : "off");
  showKeys();
});

// What cannot be taken back is asked for once more: the button says what.
let asked = null;
let sure = null;
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.dataset.sure || sure === button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = document.getElementById("sure");
  dialog.querySelector("[data-asked]").textContent = button.dataset.sure;
  dialog.returnValue = "";
  asked = button;
  dialog.showModal();
}, true);
document.getElementById("sure")?.addEventListener("close", (event) => {
  if (event.target.open) return; // it was closed before, and asks again by now
  if (event.target.returnValue !== "yes") return asked.focus();
  sure = asked;
  asked.form.requestSubmit(asked);
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

// What was entered wrong has the focus, and in a list the keys begin where somebody has come back from.
document.querySelector("main [aria-invalid=true]")?.focus();
document.addEventListener("click", (event) => {
  const item = event.target.closest("a[data-item]");
  if (item) sessionStorage.setItem(LAST_OPENED, item.href);
});

// What htmx fetches: how much was found is told to those who cannot see it, and silence of the server to everybody.
document.addEventListener("htmx:afterSwap", (event) => {
  const found = document.getElementById("found")?.dataset.told;
  if (event.target.id === "found" && found) document.getElementById("told").textContent = found;
});
const unheard = (is) => () => { document.getElementById("unheard").hidden = !is; };
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(name, unheard(true));
document.addEventListener("htmx:afterOnLoad", unheard(false));
