// @ts-check
"use strict";
// What a prompt says is somebody's text: it becomes text nodes and attributes that are no code, and nothing is loaded.

(() => {
  const data = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
  const NOTHING = "(nothing)";
  const IDLE = new Set(["done", "waiting", "running", "skipped", "over the cap"]);

  /** @param {string} id @returns {HTMLElement} */
  const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /** @param {string} tag @param {Record<string, any>} [has] @param {...(Node | string)} inside @returns {any} */
  function make(tag, has = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(has)) {
      if (name === "class") made.className = value;
      else if (name.startsWith("aria-") || name === "role" || name === "scope" || name === "for") made.setAttribute(name, value);
      else /** @type {any} */ (made)[name] = value;
    }
    made.append(...inside);
    return made;
  }

  /** @param {number | null | undefined} value */
  const number = (value) => (value == null ? "–" : String(Math.round(value * 10000) / 10000));
  /** @param {number} axis @param {number} place */
  const label = (axis, place) => data.axes[axis].labels[place] || NOTHING;
  /** @param {any} cell */
  const source = (cell) => `data:image/webp;base64,${cell.picture}`;
  /** @param {any} cell */
  const described = (cell) =>
    data.axes.map((/** @type {any} */ axis, /** @type {number} */ n) => `${axis.name} ${label(n, cell.at[n])}`).join(", ");

  // What is chosen

  const state = { x: data.x, y: data.y, fixed: data.axes.map(() => 0), side: 180 };
  /** @type {any[][]} the cells in sight, by row; of a place the first is walked to, and Tab goes to those beside it */
  let walk = [];
  let here = [0, 0];
  /** @type {any} */
  let open = null;

  const others = () =>
    data.axes.flatMap((/** @type {any} */ axis, /** @type {number} */ n) => (n === state.x || n === state.y || axis.beside ? [] : [n]));

  function drawChoices() {
    const form = at("choose");
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.id : "";
    /** @param {"x" | "y"} which @param {string} words */
    const choice = (which, words) => {
      const select = make("select", { id: `axis-${which}` });
      if (which === "y") select.append(make("option", { value: "-1", selected: state.y < 0 }, "nothing"));
      data.axes.forEach((/** @type {any} */ axis, /** @type {number} */ n) =>
        select.append(make("option", { value: String(n), selected: n === state[which] }, axis.name))
      );
      select.addEventListener("change", () => {
        const other = which === "x" ? "y" : "x";
        const chosen = Number(select.value);
        if (chosen === state[other]) state[other] = state[which];
        state[which] = chosen;
        if (state.x < 0) state.x = data.axes.findIndex((/** @type {any} */ _, /** @type {number} */ n) => n !== state.y);
        draw();
      });
      return make("label", {}, words, select);
    };
    const swap = make("button", { type: "button", id: "swap" }, "⇄ Swap");
    swap.disabled = state.y < 0;
    swap.addEventListener("click", () => {
      [state.x, state.y] = [state.y, state.x];
      draw();
    });
    const sliders = others().map((/** @type {number} */ n) => {
      const last = data.axes[n].labels.length - 1;
      const told = make("output", {}, label(n, state.fixed[n]));
      const slider = make("input", { type: "range", id: `fixed-${n}`, min: "0", max: String(last), step: "1" });
      slider.value = String(state.fixed[n]);
      slider.setAttribute("aria-valuetext", label(n, state.fixed[n]));
      slider.addEventListener("input", () => {
        state.fixed[n] = Number(slider.value);
        told.textContent = label(n, state.fixed[n]);
        slider.setAttribute("aria-valuetext", told.textContent);
        drawSheet();
      });
      return make("label", {}, data.axes[n].name, told, slider);
    });
    const size = make("input", { type: "range", id: "size", min: "80", max: "480", step: "20" });
    size.value = String(state.side);
    size.addEventListener("input", () => {
      state.side = Number(size.value);
      at("sheet").style.setProperty("--side", `${state.side}px`);
    });
    const axes = data.axes.length ? [choice("x", "Across"), swap, choice("y", "Down")] : [];
    form.replaceChildren(...axes, ...sliders, make("label", {}, "Size of the pictures", size));
    if (focused) document.getElementById(focused)?.focus();
  }

  // The pictures

  function drawSheet() {
    const columns = state.x < 0 ? [-1] : data.axes[state.x].labels.map((/** @type {string} */ _, /** @type {number} */ n) => n);
    const rows = state.y < 0 ? [-1] : data.axes[state.y].labels.map((/** @type {string} */ _, /** @type {number} */ n) => n);
    const fixed = others();
    /** @type {Map<string, any[]>} */
    const placed = new Map();
    let shown = 0;
    for (const cell of data.cells) {
      if (fixed.some((/** @type {number} */ n) => cell.at[n] !== state.fixed[n])) continue;
      const key = `${state.x < 0 ? -1 : cell.at[state.x]} ${state.y < 0 ? -1 : cell.at[state.y]}`;
      placed.set(key, [...(placed.get(key) ?? []), cell]);
      shown += 1;
    }
    /** @param {number} axis @param {number} place @param {string} scope */
    const head = (axis, place, scope) => {
      const th = make("th", { scope }, axis < 0 ? "" : label(axis, place));
      if (axis >= 0 && data.axes[axis].notes[place]) th.append(make("small", {}, data.axes[axis].notes[place]));
      return th;
    };
    const name = (/** @type {number} */ axis) => (axis < 0 ? "" : data.axes[axis].name);
    const corner = make("th", { scope: "col" }, [name(state.y) && `↓ ${name(state.y)}`, name(state.x) && `→ ${name(state.x)}`].filter(Boolean).join("  "));
    const top = make("tr", {}, corner, ...columns.map((/** @type {number} */ column) => head(state.x, column, "col")));
    walk = [];
    const body = rows.map((/** @type {number} */ row) => {
      /** @type {any[]} */
      const line = [];
      walk.push(line);
      const tr = make("tr", {}, head(state.y, row, "row"));
      for (const column of columns) {
        const found = placed.get(`${column} ${row}`) ?? [];
        const td = make("td", {}, found.length ? make("div", {}, ...found.map((cell) => button(cell, line))) : make("span", { class: "none" }, "–"));
        if (!found.length) td.title = "The design has no cell here.";
        tr.append(td);
      }
      return tr;
    });
    at("sheet").replaceChildren(make("table", {}, make("thead", {}, top), make("tbody", {}, ...body)));
    here = [0, 0];
    const first = walk.findIndex((line) => line.length);
    if (first >= 0) walk[first][0].button.tabIndex = 0;
    here[0] = Math.max(0, first);
    const told = fixed.map((/** @type {number} */ n) => `${data.axes[n].name}: ${label(n, state.fixed[n])}`);
    at("here").textContent = [`${shown} of ${data.cells.length} cells`, ...told].join(" · ");
  }

  /** @param {any} cell @param {any[]} line */
  function button(cell, line) {
    const bad = !IDLE.has(cell.state);
    const made = make("button", { type: "button", class: "cell", tabIndex: -1 });
    if (cell.picture) made.append(make("img", { alt: `${described(cell)}: ${cell.prompt}`, src: source(cell), decoding: "async" }));
    else {
      made.classList.add("words");
      made.classList.toggle("bad", bad);
      made.append(make("b", {}, cell.state === "done" ? "picture not here" : cell.state), cell.words);
      made.setAttribute("aria-label", `${described(cell)}: ${cell.state}. ${cell.words}`);
    }
    const place = { cell, button: made };
    line.push(place);
    made.addEventListener("click", () => enlarge(place));
    made.addEventListener("focus", () => stand(place));
    return made;
  }

  /** @param {any} place */
  function stand(place) {
    for (const line of walk) for (const one of line) one.button.tabIndex = one === place ? 0 : -1;
    const row = walk.findIndex((line) => line.includes(place));
    here = [row, walk[row]?.indexOf(place) ?? 0];
  }

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  /** @param {KeyboardEvent} event */
  function step(event) {
    const way = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    let [row, column] = [here[0] + way[0], here[1] + way[1]];
    while (walk[row] && !walk[row].length && way[0]) row += way[0];
    if (!walk[row]?.length) return;
    column = Math.min(column, walk[row].length - 1);
    const next = walk[row][column];
    if (!next) return;
    if (open) enlarge(next);
    else next.button.focus();
  }

  // One of them, large

  const dialog = /** @type {HTMLDialogElement} */ (at("close-up"));

  /** @param {any} place */
  function enlarge(place) {
    open = place;
    stand(place);
    const cell = place.cell;
    const facts = make("dl");
    /** @param {string} name @param {any} value */
    const fact = (name, value) => {
      if (value !== null && value !== undefined && value !== "") facts.append(make("dt", {}, name), make("dd", {}, String(value)));
    };
    data.axes.forEach((/** @type {any} */ axis, /** @type {number} */ n) => fact(axis.name, label(n, cell.at[n])));
    fact("Prompt", cell.prompt);
    fact("Mode", cell.mode);
    fact("State", cell.state);
    fact("Words", cell.words);
    fact("Credits", cell.credits == null ? null : number(cell.credits));
    fact("Rating", cell.rating == null ? null : `${cell.rating} of 5`);
    fact("Tags", cell.tags.join(", "));
    for (const [name, value] of Object.entries(cell.metrics)) fact(name, typeof value === "number" ? number(value) : value);
    fact("Cell", cell.index);
    fact("Id", cell.id);
    const picture = cell.picture
      ? make("img", { src: source(cell), alt: `${described(cell)}: ${cell.prompt}` })
      : make("p", { class: "none" }, `${cell.state}: there is no picture. ${cell.words}`);
    const close = make("button", { type: "button" }, "Close");
    close.addEventListener("click", () => dialog.close());
    const [back, on] = ["ArrowLeft", "ArrowRight"].map((key) => {
      const made = make("button", { type: "button" }, key === "ArrowLeft" ? "← Before" : "Next →");
      made.addEventListener("click", () => step(new KeyboardEvent("keydown", { key })));
      return made;
    });
    dialog.replaceChildren(make("nav", {}, back, on, close), make("div", { class: "both" }, picture, facts));
    if (!dialog.open) dialog.showModal();
    close.focus();
  }

  dialog.addEventListener("close", () => {
    const place = open;
    open = null;
    place?.button.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  dialog.addEventListener("keydown", step);
  at("sheet").addEventListener("keydown", step);

  // What else is known

  /** @param {string} caption @param {string[]} names @param {any[][]} rows */
  function table(caption, names, rows) {
    const made = make("table", {}, make("caption", {}, caption));
    made.append(make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)))));
    const line = (/** @type {any[]} */ row) =>
      make("tr", {}, ...row.map((value) => (typeof value === "number" ? make("td", { class: "number" }, number(value)) : make("td", {}, String(value ?? "–")))));
    made.append(make("tbody", {}, ...rows.map(line)));
    return made;
  }

  /** @param {string} title @param {boolean} unfolded @param {...Node} inside */
  const section = (title, unfolded, ...inside) =>
    at("more").append(make("details", { open: unfolded }, make("summary", {}, make("h2", {}, title)), ...inside));

  function drawMore() {
    at("template").textContent = data.template;
    at("told").textContent = data.told;
    at("states").replaceChildren(
      ...Object.entries(data.states).map(([name, many]) => make("li", { class: IDLE.has(name) ? "" : "bad" }, `${many} ${name}`))
    );
    if (data.effects.length) {
      const names = ["Axis", "Value", "Cells", "Mean", "Low", "High", "Spread of luck"];
      section("Effects", true, ...data.effects.flatMap((/** @type {any} */ one) => [
        table(one.metric, names, one.rows),
        make("ul", {}, ...one.verdicts.map((/** @type {string} */ verdict) => make("li", {}, verdict))),
      ]));
    }
    const bill = data.bill;
    const money = [["all", bill.number, bill.pictures, bill.unknown, bill.open]];
    for (const [mode, one] of Object.entries(bill.modes)) money.push([mode, one.number, one.pictures, one.unknown, one.open]);
    const spent = `This sweep spent or holds ${number(bill.spent)} credits${bill.cap == null ? "" : ` of a cap of ${number(bill.cap)}`}. `;
    section("Bill", false, make("p", {}, `${spent}What was there already, or was refused, cost it nothing.`),
      table("What the pictures cost, whoever paid", ["Mode", "Pictures", "Credits", "Of unknown price", "Not finished"], money));
    const failed = data.cells.filter((/** @type {any} */ cell) => cell.state !== "done");
    if (failed.length)
      section(`Cells without a picture (${failed.length})`, false,
        table("", ["Cell", "Values", "State", "Words"], failed.map((/** @type {any} */ cell) => [cell.index, described(cell), cell.state, cell.words])));
    section("Manifest", false, make("p", {}, "From this, saved as manifest.json, mj.Sweep.from_manifest rebuilds the design."),
      make("pre", { tabIndex: 0 }, JSON.stringify(data.manifest, null, 1)));
  }

  function draw() {
    drawChoices();
    drawSheet();
  }

  drawMore();
  draw();
})();
