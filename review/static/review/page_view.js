// The page as received: enlarge, move, turn, and switch the machine's drawing off. All of it is the SVG's own
// attributes: nothing is styled inline.
"use strict";

const STEP = 1.4;
const LARGEST = 8;

class PageView {
  constructor(svg) {
    this.svg = svg;
    this.turned = svg.querySelector("g");
    const { width, height } = svg.viewBox.baseVal;
    this.page = { width, height };
    this.turns = 0;
    this.fit();
  }

  // Width and height as the page lies now.
  get lying() {
    const { width, height } = this.page;
    return this.turns % 2 ? { width: height, height: width } : { width, height };
  }

  fit() {
    this.zoom = 1;
    this.middle = { x: this.lying.width / 2, y: this.lying.height / 2 };
    this.show();
  }

  turn() {
    this.turns = (this.turns + 1) % 4;
    const { width, height } = this.page;
    const shift = [[0, 0], [height, 0], [width, height], [0, width]][this.turns];
    this.turned.setAttribute("transform", `translate(${shift}) rotate(${90 * this.turns})`);
    this.fit();
  }

  // Enlarge so that `point` (in the SVG's own units) stays where it is.
  enlarge(factor, point = this.middle) {
    const zoom = Math.max(1, Math.min(LARGEST, this.zoom * factor));
    const share = this.zoom / zoom;
    this.middle = {
      x: point.x + (this.middle.x - point.x) * share,
      y: point.y + (this.middle.y - point.y) * share,
    };
    this.zoom = zoom;
    this.show();
  }

  move(x, y) {
    this.middle = { x: this.middle.x + x, y: this.middle.y + y };
    this.show();
  }

  show() {
    const { width, height } = this.lying;
    const seen = { width: width / this.zoom, height: height / this.zoom };
    const within = (value, half, whole) => Math.max(half, Math.min(whole - half, value));
    this.middle = {
      x: within(this.middle.x, seen.width / 2, width),
      y: within(this.middle.y, seen.height / 2, height),
    };
    const corner = [this.middle.x - seen.width / 2, this.middle.y - seen.height / 2];
    this.svg.setAttribute("viewBox", [...corner, seen.width, seen.height].join(" "));
    this.svg.classList.toggle("enlarged", this.zoom > 1);
    if (this.twin) this.twin.follow(this);
  }

  // Show the same part as another view of a page of the same size.
  follow(other) {
    this.svg.setAttribute("viewBox", other.svg.getAttribute("viewBox"));
    this.turned.setAttribute("transform", other.turned.getAttribute("transform") ?? "");
  }

  at(event) {
    const point = new DOMPoint(event.clientX, event.clientY);
    return point.matrixTransform(this.svg.getScreenCTM().inverse());
  }
}

function listenTo(view) {
  let held = null;
  view.svg.addEventListener("dblclick", (event) => view.enlarge(STEP * STEP, view.at(event)));
  view.svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // without Ctrl the page is scrolled, as everywhere
    event.preventDefault();
    view.enlarge(event.deltaY < 0 ? STEP : 1 / STEP, view.at(event));
  }, { passive: false });
  view.svg.addEventListener("pointerdown", (event) => {
    if (view.zoom === 1 || event.button !== 0) return;
    held = view.at(event);
    view.svg.setPointerCapture(event.pointerId);
  });
  view.svg.addEventListener("pointermove", (event) => {
    if (!held) return;
    const now = view.at(event);
    view.move(held.x - now.x, held.y - now.y);
  });
  for (const end of ["pointerup", "pointercancel"]) view.svg.addEventListener(end, () => { held = null; });
}

// What lies beside a page shows the same part of it.
function viewsOf(box) {
  return [...box.querySelectorAll("svg.received")].map((svg) => {
    const view = new PageView(svg);
    const beside = svg.parentElement.querySelector("svg.issued");
    if (beside) {
      const issued = new PageView(beside);
      if (!("alone" in beside.dataset)) view.twin = issued; // what was not located has no same part
    }
    return view;
  });
}

// The pages as issued are drawn by the server when somebody first asks for them.
function load(box, selector) {
  for (const image of box.querySelectorAll(`${selector}[data-href]`)) {
    image.setAttribute("href", image.dataset.href);
    image.removeAttribute("data-href");
  }
}

for (const box of document.querySelectorAll("[data-page-view]")) {
  const views = viewsOf(box);
  views.forEach(listenTo);
  const press = (button, name) => button.setAttribute("aria-pressed", String(box.classList.toggle(name)));
  const does = {
    in: () => views.forEach((view) => view.enlarge(STEP)),
    out: () => views.forEach((view) => view.enlarge(1 / STEP)),
    fit: () => views.forEach((view) => view.fit()),
    turn: () => views.forEach((view) => view.turn()),
    seen: (button) => button.setAttribute("aria-pressed", String(!box.classList.toggle("bare"))),
    part: (button) => {
      const hides = box.classList.toggle(`without-${button.dataset.part}`);
      button.setAttribute("aria-pressed", String(!hides));
    },
    blank: (button) => {
      load(box, ".as-issued");
      press(button, "blank");
    },
    beside: (button) => {
      load(box, ".issued image");
      press(button, "beside");
    },
  };
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-does]");
    if (button) does[button.dataset.does](button);
  });
  document.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea")) return;
    for (const view of views.filter((each) => each.zoom > 1)) {
      event.preventDefault();
      view.move((way[0] * view.lying.width) / view.zoom / 6, (way[1] * view.lying.height) / view.zoom / 6);
    }
  });
}
