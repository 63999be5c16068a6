// @ts-check
// The tools of the painter, as buttons, and the list of its keys.

/** @typedef {"brush" | "rectangle" | "lasso" | "eraser"} Tool */

/** @type {[Tool, string, string, string][]} */
const TOOLS = [
  ["brush", "Brush", "b", "Paint what shall be drawn anew"],
  ["rectangle", "Rectangle", "r", "Drag from corner to corner"],
  ["lasso", "Lasso", "l", "Draw around it"],
  ["eraser", "Eraser", "e", "Take away what is painted"],
];
const KEYS = [
  ["B R L E", "brush, rectangle, lasso, eraser"],
  ["[ ] or wheel", "thinner, thicker"],
  ["Alt while painting", "take away"],
  ["Ctrl+Z, with Shift", "undo, redo"],
  ["+ − 0, Ctrl+wheel", "closer, farther, all of it"],
  ["Space and drag", "move the picture"],
  ["Arrows", "move a rectangle; with Shift farther, with Ctrl by one pixel"],
  ["Alt+arrows", "make the rectangle larger or smaller"],
  ["Enter, Delete", "paint the rectangle, take it away"],
  ["Escape", "let go of it"],
];

/**
 * @typedef {{ choose(tool: Tool): void, resize(size: number): void, travel(again: boolean): void, clear(): void, invert(): void,
 *   zoom(factor: number): void }} Acts what the buttons do; a factor of 0 shows all of the picture
 */

/** @param {Acts} acts @param {number} largest the thickest brush, in pixels */
function toolBar(acts, largest) {
  /** @param {string} text @param {string} title @param {() => void} act */
  function button(text, title, act) {
    const made = make("button", "mj-mask-tool", { type: "button", title });
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  const tools = TOOLS.map(([id, text, key, title]) => {
    const made = button(text, `${title} (${key.toUpperCase()})`, () => acts.choose(id));
    made.dataset.tool = id;
    return made;
  });
  const slider = make("input", "mj-mask-size", { type: "range", min: "0", max: "100", "aria-label": "Brush size" });
  slider.addEventListener("input", () => acts.resize(1 + (largest - 1) * (Number(slider.value) / 100) ** 2));
  const across = make("span", "mj-mask-across", { "aria-hidden": "true" });
  const undo = button("Undo", "Undo (Ctrl+Z)", () => acts.travel(false));
  const redo = button("Redo", "Redo (Ctrl+Shift+Z)", () => acts.travel(true));
  const clear = button("Clear", "Take everything away", acts.clear);
  const invert = button("Invert", "Paint what is not painted, and the other way round", acts.invert);
  const percent = make("span", "mj-mask-percent", { "aria-hidden": "true" });
  const out = button("−", "Farther (-)", () => acts.zoom(1 / 1.5));
  const closer = button("+", "Closer (+)", () => acts.zoom(1.5));
  const fit = button("Fit", "All of the picture (0)", () => acts.zoom(0));
  out.setAttribute("aria-label", "Zoom out");
  closer.setAttribute("aria-label", "Zoom in");

  const node = make("div", "mj-mask-bar");
  /** @type {[string, HTMLElement[]][]} */
  const groups = [
    ["Tool", tools],
    ["Brush size", [slider, across]],
    ["Changes", [undo, redo, clear, invert]],
    ["Zoom", [out, percent, closer, fit]],
  ];
  for (const [heading, parts] of groups) {
    const group = make("div", "mj-mask-group", { role: "group", "aria-label": heading });
    group.append(...parts);
    node.append(group);
  }

  return {
    node,
    /** @param {Tool} tool */
    choose(tool) {
      for (const each of tools) each.setAttribute("aria-pressed", String(each.dataset.tool === tool));
    },
    /** @param {number} size of the brush, in pixels */
    resize(size) {
      const place = 100 * Math.sqrt((size - 1) / (largest - 1));
      if (Math.abs(Number(slider.value) - place) > 1) slider.value = String(place); // else somebody is moving it
      slider.setAttribute("aria-valuetext", `${size} pixels`);
      across.textContent = `${size} px`;
    },
    /** @param {number} value */
    zoom(value) {
      percent.textContent = `${value} %`;
    },
    /** @param {{ undo: boolean, redo: boolean, clear: boolean }} can */
    allow(can) {
      undo.disabled = !can.undo;
      redo.disabled = !can.redo;
      clear.disabled = !can.clear;
    },
  };
}

function keyList() {
  const node = make("details", "mj-mask-help");
  const list = make("dl", "");
  for (const [keys, what] of KEYS) {
    list.append(Object.assign(make("dt", ""), { textContent: keys }), Object.assign(make("dd", ""), { textContent: what }));
  }
  node.append(Object.assign(make("summary", ""), { textContent: "Keys" }), list);
  return node;
}
