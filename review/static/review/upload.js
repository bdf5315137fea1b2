// Files are sent one by one as soon as they are dropped or chosen, and each is told when it lies in the mailbox.
// Without this script the form sends them all at once.
"use strict";

for (const form of document.querySelectorAll("[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-sent]");
  const { sending, taken, failed, large, most } = form.querySelector("[data-words]").dataset;
  form.querySelector("[data-send]").hidden = true;
  let before = Promise.resolve();

  const line = (name) => {
    const [item, word] = [document.createElement("li"), document.createElement("span")];
    const told = document.createElement("strong");
    told.textContent = name;
    word.className = "state";
    word.textContent = sending;
    item.append(told, " ", word);
    list.prepend(item);
    return (text, tone) => {
      word.textContent = text;
      word.className = `state ${tone}`;
    };
  };

  const send = async (file, tell) => {
    if (file.size > most * 1024 * 1024) return tell(large, "bad");
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("files", file);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-From-Script": "yes" }, redirect: "error" });
      const said = answer.headers.get("Content-Type") === "application/json" ? await answer.json() : null;
      if (answer.ok && said) tell(taken, "good");
      else tell(said?.refused?.join(" ") || failed, "bad");
    } catch {
      tell(failed, "bad");
    }
    document.body.dispatchEvent(new Event("sent"));
  };

  const sendAll = (files) => {
    for (const file of files) {
      const tell = line(file.name);
      before = before.then(() => send(file, tell));
    }
  };

  input.addEventListener("change", () => {
    sendAll(input.files);
    input.value = "";
  });
  // Files that miss the field would otherwise be opened instead of the page.
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    sendAll(event.dataTransfer.files);
  });
}

// What became of the files is asked for every few seconds; what has not changed stays, with the focus and what is
// selected in it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "state") return;
  const answer = new DOMParser().parseFromString(event.detail.serverResponse, "text/html").getElementById("state");
  if (answer?.innerHTML === event.target.innerHTML) event.detail.shouldSwap = false;
});
