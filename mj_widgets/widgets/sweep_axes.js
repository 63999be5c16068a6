// @ts-check
// What a person chooses: which axis lies where, where the other ones stand, which values are hidden, how large the pictures are.

const SIZES = /** @type {Record<string, number>} */ ({ small: 88, medium: 136, large: 232 }); // pixels
const LISTED = 200; // values of an axis that can be hidden one by one

/** @param {string} text @param {string} name @param {[string, string][]} options @param {(value: string) => void} chosen */
function chooser(text, name, options, chosen) {
  const label = make("label", "mj-sweep-choice");
  const select = make("select", "", { "aria-label": name });
  select.append(...options.map(([value, said]) => Object.assign(make("option", ""), { value, textContent: said })));
  select.addEventListener("change", () => chosen(select.value));
  label.append(`${text} `, select);
  return { label, select };
}

/**
 * @param {HTMLElement} el @param {Design} design @param {() => View} view
 * @param {(change: Partial<View>) => void} change @param {(axis: string) => void} play @param {boolean} grids
 */
function makeChoices(el, design, view, change, play, grids) {
  const names = design.axes.map(({ name }) => /** @type {[string, string]} */ ([name, name]));
  const nothing = /** @type {[string, string]} */ (["", "nothing"]);
  const row = make("div", "mj-sweep-choices", { role: "group", "aria-label": "The table" });
  const lie = (/** @type {"x" | "y"} */ at, /** @type {string} */ name) => {
    const other = at === "x" ? "y" : "x";
    const now = view();
    const free = name && name === now[other] ? now[at] : now[other]; // they change places
    change(at === "x" ? { x: name, y: free } : { y: name, x: free });
  };
  const y = chooser("Rows", "Rows (Y)", [nothing, ...names], (name) => lie("y", name));
  const x = chooser("Columns", "Columns (X)", [nothing, ...names], (name) => lie("x", name));
  const swap = barButton("⇄", "Swap rows and columns", () => change({ x: view().y, y: view().x }));
  swap.setAttribute("aria-label", "Swap rows and columns");
  const pictures = /** @type {[string, string][]} */ ([["0", "all four"], ...["1", "2", "3", "4"].map((n) => [n, n])]);
  const tile = chooser("Picture", "Which picture of each", pictures, (value) => change({ tile: Number(value) }));
  tile.label.hidden = !grids;
  const sizes = Object.keys(SIZES).map((name) => /** @type {[string, string]} */ ([name, name]));
  const size = chooser("Size", "Size of the pictures", sizes, (value) => change({ size: value }));
  const menu = make("details", "mj-sweep-values");
  const summary = make("summary", "mj-sweep-tool");
  const lists = make("div", "mj-sweep-lists");
  menu.append(summary, lists);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    summary.focus();
    event.stopPropagation();
  });
  const leave = (/** @type {Event} */ event) => {
    if (menu.open && !event.composedPath().includes(menu)) menu.open = false;
  };
  window.addEventListener("pointerdown", leave, true);
  window.addEventListener("focusin", leave, true);
  row.append(y.label, swap, x.label, tile.label, size.label, menu);
  const sliders = make("div", "mj-sweep-sliders");
  el.append(row, sliders);
  /** @type {Map<string, ReturnType<typeof makeSlider>>} */
  const made = new Map();

  /** @param {Axis} axis */
  function makeSlider(axis) {
    const node = make("div", "mj-sweep-slider", { role: "group", "aria-label": axis.name });
    const name = make("span", "mj-sweep-name");
    name.textContent = axis.name;
    const range = make("input", "", { type: "range", min: "0", step: "1", "aria-label": axis.name });
    const value = make("output", "mj-sweep-value");
    const places = () => visible(axis, view());
    const pick = (/** @type {number} */ place) => change({ picks: { ...view().picks, [axis.name]: place } });
    range.addEventListener("input", () => pick(places()[Number(range.value)]));
    const go = barButton("▶", `Play through ${axis.name}`, () => play(axis.name));
    go.setAttribute("aria-label", `Play through ${axis.name}`);
    const beside = barButton("Side by side", `Show all values of ${axis.name} beside each other`, () =>
      pick(view().picks[axis.name] === ALL ? places()[0] : ALL),
    );
    node.append(name, go, range, value, beside);
    return {
      node,
      /** @param {string} playing */
      show(playing) {
        const there = places();
        const at = view().picks[axis.name] ?? ALL;
        range.max = String(there.length - 1);
        range.value = String(Math.max(0, there.indexOf(at)));
        range.disabled = go.disabled = at === ALL;
        const said = at === ALL ? `all ${there.length}` : axis.labels[at] || "none";
        range.setAttribute("aria-valuetext", said);
        value.textContent = said;
        value.title = axis.notes[at] ?? "";
        beside.setAttribute("aria-pressed", String(at === ALL));
        const plays = playing === axis.name;
        go.textContent = plays ? "❚❚" : "▶";
        go.setAttribute("aria-pressed", String(plays));
      },
    };
  }

  function showLists() {
    const { hidden } = view();
    const number = design.axes.reduce((sum, { name }) => sum + (hidden[name]?.length ?? 0), 0);
    summary.textContent = number ? `Values (${number} hidden)` : "Values";
    lists.replaceChildren(
      ...design.axes.map((axis) => {
        const field = make("fieldset", "");
        const legend = make("legend", "");
        legend.textContent = axis.name;
        field.append(legend);
        axis.labels.slice(0, LISTED).forEach((text, place) => {
          const label = make("label", "");
          const box = make("input", "", { type: "checkbox" });
          box.checked = !(hidden[axis.name] ?? []).includes(place);
          box.dataset.value = `${axis.name} ${place}`;
          box.disabled = box.checked && visible(axis, view()).length === 1;
          box.addEventListener("change", () => hide(axis, place, !box.checked));
          label.append(box, ` ${text || "none"}`);
          label.title = axis.notes[place] ?? "";
          field.append(label);
        });
        if (axis.labels.length > LISTED) field.append(`and ${axis.labels.length - LISTED} more`);
        return field;
      }),
    );
  }

  /** @param {Axis} axis @param {number} place @param {boolean} on */
  function hide(axis, place, on) {
    const { hidden, picks } = view();
    const before = (hidden[axis.name] ?? []).filter((each) => each !== place);
    const next = { ...hidden, [axis.name]: on ? [...before, place] : before };
    const left = visible(axis, { ...view(), hidden: next });
    const at = picks[axis.name] === place && on ? left[0] : picks[axis.name];
    change({ hidden: next, picks: { ...picks, [axis.name]: at } });
    const box = [...lists.querySelectorAll("input")].find((each) => each.dataset.value === `${axis.name} ${place}`);
    box?.focus();
  }

  return {
    /** @param {string} playing */
    show(playing) {
      const now = view();
      y.select.value = now.y;
      x.select.value = now.x;
      tile.select.value = String(now.tile);
      size.select.value = now.size;
      const rest = others(design, now);
      for (const [name, { node }] of made) if (!rest.some((axis) => axis.name === name)) node.remove();
      rest.forEach((axis) => {
        const slider = made.get(axis.name) ?? makeSlider(axis);
        made.set(axis.name, slider);
        if (!slider.node.isConnected) sliders.append(slider.node);
        slider.show(playing);
      });
      sliders.hidden = !rest.length;
      showLists();
    },
    close() {
      window.removeEventListener("pointerdown", leave, true);
      window.removeEventListener("focusin", leave, true);
    },
  };
}
