// A table of things to tick: X ticks the one that has the focus, and the box in the head ticks all on the page.
"use strict";

for (const table of document.querySelectorAll("[data-ticks]")) {
  const boxes = [...table.querySelectorAll("[data-item]")];
  const all = table.querySelector("[data-all]");
  if (!all) continue; // who may only look has nothing to tick
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.disabled = boxes.length === 0;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  table.addEventListener("change", (event) => {
    if (event.target !== all) tell();
  });
  table.addEventListener("keydown", (event) => {
    const box = event.target.closest("[data-item]");
    if (box && !event.repeat && event.key.toLowerCase() === "x" && !event.ctrlKey && !event.altKey && !event.metaKey) box.click();
  });
  tell();
}
