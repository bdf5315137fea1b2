// The contact sheet: X takes a return out or puts it back, O opens it; the button says how many are chosen.
"use strict";

for (const sheet of document.querySelectorAll("[data-sheet]")) {
  const boxes = [...sheet.querySelectorAll("[data-item]")];
  const button = sheet.querySelector("[data-key=enter]");
  const tell = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    sheet.querySelector("[data-count]").textContent = chosen;
    button.disabled = chosen === 0;
  };
  sheet.addEventListener("change", tell);
  sheet.addEventListener("keydown", (event) => {
    const box = event.target.closest("[data-item]");
    if (!box || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key.toLowerCase() === "x") box.click();
    if (event.key.toLowerCase() === "o") box.closest("li").querySelector("[data-open]").click();
  });
  tell();
}
