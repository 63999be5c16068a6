// @ts-check
// The cells of a sweep as a table that scrolls both ways. Only what is in sight is drawn, and asked for.

const STATE = 15; // the bits of a byte that are the state
const CAPTION = 18;
const SPARE = 160; // pixels beyond the edge that are drawn as well
const TALL = 620; // pixels at most

/** @typedef {Model & { set(name: string, value: any): void, save_changes(): void }} Shared */

/** @param {HTMLElement} el */
function makeParts(el) {
  const error = make("p", "mj-sweep-reason mj-alarm", { role: "alert" });
  const view = make("div", "mj-sweep-view", {
    role: "grid", "aria-label": "Cells of the sweep", "aria-readonly": "true", "data-lm-suppress-shortcuts": "true",
  });
  const plane = make("div", "mj-sweep-plane", { role: "rowgroup" });
  const heads = make("div", "mj-sweep-heads", { role: "row", "aria-rowindex": "1" });
  const corner = make("div", "mj-sweep-corner", { role: "columnheader", "aria-colindex": "1" });
  heads.append(corner);
  plane.append(heads);
  view.append(plane);
  return { error, view, plane, heads, corner };
}

/** @param {{ model: Shared, el: HTMLElement }} context */
function render({ model, el }) {
  el.classList.add("mj-sweep");
  const { states: names, cells: count, ratio, grids } = model.get("state");
  const design = readDesign(model);
  const asking = asker(model);
  const bar = makeBar(el, model);
  const view = () => /** @type {View} */ (model.get("view"));
  const choices = makeChoices(el, design, view, change, (name) => play.toggle(name), grids);
  const { error, view: box, plane, heads, corner } = makeParts(el);
  el.append(error, box);
  const beside = makeBeside(el);
  const stored = stock(asking, byte, (cell) => stateOf(cell) === "done", onStock);
  let layout = arrange(design, view());
  const painted = painter(plane, heads, corner, showOne);
  let here = layout.where.get(model.get("at")) ?? /** @type {[number, number]} */ ([0, 0]);
  /** @type {number | null} the cell below the pointer */
  let hovered = null;
  let frame = 0;
  let near = false;
  const play = player(design, view, change, {
    forward() {
      if (here[1] + 1 >= layout.width) return false;
      go(here[0], here[1] + 1);
      return true;
    },
    back: () => go(here[0], 0),
    shown: () => !box.hasAttribute("aria-busy"),
    told: () => choices.show(play.axis()),
  });

  /** @param {number} cell */
  function byte(cell) {
    /** @type {DataView} */
    const all = model.get("states");
    return cell >= 0 && cell < all.byteLength ? all.getUint8(cell) : -1;
  }
  /** @param {number} cell */
  function stateOf(cell) {
    return cell < 0 ? "" : (names[byte(cell) & STATE] ?? "");
  }
  const current = () => layout.at(...here);

  // Sizes

  function sizes() {
    const side = SIZES[view().size] ?? SIZES.medium;
    const wide = Math.round(side * Math.min(1, ratio));
    const captions = layout.slots > 1 ? CAPTION : 0;
    const longest = Math.max(...layout.rows.slice(0, 500).map((place) => layout.y?.labels[place].length ?? 0), layout.y?.name.length ?? 0);
    const most = Math.max(72, Math.min(180, box.clientWidth * 0.26));
    const left = layout.y ? Math.round(Math.max(64, Math.min(most, longest * 7 + 22))) : GAP;
    return { wide: wide + GAP, tall: Math.round(wide / ratio) + captions + GAP, left, captions };
  }

  /** Keeps a cell within the part that neither header covers. @param {[number, number]} where */
  function bring([row, column]) {
    const { wide, tall, left } = sizes();
    const [top, start] = [row * tall, column * wide];
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + tall > box.scrollTop + box.clientHeight - HEAD) box.scrollTop = top + tall + HEAD - box.clientHeight;
    if (start < box.scrollLeft) box.scrollLeft = start;
    else if (start + wide > box.scrollLeft + box.clientWidth - left) box.scrollLeft = start + wide + left - box.clientWidth;
  }

  // Drawing

  function draw() {
    frame ||= requestAnimationFrame(paint);
  }

  function paint() {
    frame = 0;
    if (!box.clientWidth) return;
    const size = sizes();
    const { wide, tall, left } = size;
    const whole = { width: left + layout.width * wide, height: HEAD + layout.rows.length * tall };
    plane.style.width = `${whole.width}px`;
    plane.style.height = `${whole.height}px`;
    box.style.height = `${Math.min(TALL, whole.height + (whole.width > box.clientWidth ? 16 : 2))}px`;
    box.classList.toggle("mj-sweep-flat", !layout.y);
    box.style.setProperty("--mj-left", `${left}px`);
    box.style.setProperty("--mj-cell-wide", `${wide - GAP}px`);
    box.style.setProperty("--mj-cell-tall", `${tall - GAP}px`);
    const span = (/** @type {number} */ start, /** @type {number} */ length, /** @type {number} */ step, /** @type {number} */ all) => ({
      from: Math.max(0, Math.floor((start - SPARE) / step)),
      to: Math.min(all, Math.ceil((start + length + SPARE) / step)),
    });
    const down = span(box.scrollTop, box.clientHeight - HEAD, tall, layout.rows.length);
    const across = span(box.scrollLeft, box.clientWidth - left, wide, layout.width);
    box.setAttribute("aria-rowcount", String(layout.rows.length + 1));
    box.setAttribute("aria-colcount", String(layout.width + 1));
    painted.paintHeads(layout, across, size);
    painted.paintRows(layout, here, down, across, size);
    showBeside();
    ask(down, across);
  }

  /** @param {ReturnType<typeof makeCell>} one @param {number} row @param {number} column */
  function showOne(one, row, column) {
    const { picks, tile } = view();
    const rest = layout.slots > 1 ? others(design, view()).filter(({ name }) => (picks[name] ?? ALL) === ALL) : [];
    const cell = layout.at(row, column);
    const label = cell < 0 ? undefined : stored.label(cell);
    showCell(one, {
      cell, label, tile: label?.tiles === 1 ? 0 : tile,
      state: stateOf(cell),
      progress: model.get("progress")[cell] ?? null,
      url: cell >= 0 && stateOf(cell) === "done" ? stored.thumbnail(cell, tile) : "",
      name: cell < 0 ? "" : named(design, cell),
      caption: cell >= 0 && rest.length ? named(design, cell, rest) : "",
      focus: row === here[0] && column === here[1],
    });
  }

  /** Ask for what is missing of what is in sight, and while it plays for what comes next. @param {Span} down @param {Span} across */
  function ask(down, across) {
    /** @type {number[]} */
    const wanted = [];
    const pushAll = (/** @type {Layout} */ from) => {
      for (let row = down.from; row < Math.min(down.to, from.rows.length); row += 1)
        for (let column = across.from; column < Math.min(across.to, from.width); column += 1) {
          const cell = from.at(row, column);
          if (cell >= 0) wanted.push(cell);
        }
    };
    const own = [current(), ...neighbours(shownCell())].filter((cell) => cell >= 0);
    wanted.push(...own);
    pushAll(layout);
    const next = play.next();
    if (next >= 0) pushAll(arrange(design, { ...view(), picks: { ...view().picks, [play.axis()]: next } }));
    const waits = stored.want([...new Set(wanted)], view().tile, near);
    if (waits) box.setAttribute("aria-busy", "true");
    else box.removeAttribute("aria-busy");
  }

  /** @param {string} failure */
  function onStock(failure) {
    error.textContent = failure || model.get("state").error;
    error.hidden = !error.textContent;
    if (failure) return;
    stored.forget();
    draw();
  }

  // The neighbours

  const shownCell = () => hovered ?? current();

  /** @param {number} cell @returns {[number, number]} the cells left of it and above it, or -1 */
  function neighbours(cell) {
    const [row, column] = layout.where.get(cell) ?? [-1, -1];
    if (row < 0) return [-1, -1];
    return [column > 0 ? layout.at(row, column - 1) : -1, row > 0 ? layout.at(row - 1, column) : -1];
  }

  function showBeside() {
    const cell = shownCell();
    const [left, above] = neighbours(cell);
    const told = (/** @type {number} */ each, /** @type {string} */ text) => {
      if (each < 0) return null;
      const state = stateOf(each);
      const words = [...(SIGNS[state] ?? ["", state]), stored.label(each)?.words].filter(Boolean).join(" ");
      const url = state === "done" ? stored.thumbnail(each, view().tile) : "";
      return { url, alt: named(design, each), state: state === "done" && !url ? "" : words, text };
    };
    const notes = design.axes.map((axis, index) => (cell < 0 ? "" : axis.notes[design.place(index, cell)])).filter(Boolean);
    const own = cell < 0 ? "" : [named(design, cell), stored.label(cell)?.prompt, ...notes].filter(Boolean).join("\n");
    beside.show({
      own: told(cell, own),
      left: told(left, left < 0 ? "" : `← ${changes(design, left, cell).join(", ")}`),
      above: told(above, above < 0 ? "" : `↑ ${changes(design, above, cell).join(", ")}`),
    });
  }

  // What a person does

  /** @param {Partial<View>} what */
  function change(what) {
    model.set("view", { ...view(), ...what });
    save();
  }

  function save() {
    try {
      model.save_changes();
    } catch {
      // No kernel: one can still look at what is here.
    }
  }

  /** @param {number} row @param {number} column @param {boolean} [focus] */
  function go(row, column, focus = true) {
    const to = /** @type {[number, number]} */ ([
      Math.max(0, Math.min(layout.rows.length - 1, row)),
      Math.max(0, Math.min(layout.width - 1, column)),
    ]);
    here = to;
    hovered = null;
    bring(to);
    cancelAnimationFrame(frame);
    paint();
    if (focus) painted.node(...to)?.focus({ preventScroll: true });
    if (current() >= 0 && current() !== model.get("at")) {
      model.set("at", current());
      save();
    }
  }

  /** @param {HTMLElement} node @param {number} tile */
  function open(node, tile) {
    const { id, cell } = node.dataset;
    if (!node.classList.contains("mj-tile") || !id) return;
    play.stop();
    send(model, { kind: "open", cell: Number(cell) });
    node.dispatchEvent(new CustomEvent("mj-open", { bubbles: true, composed: true, cancelable: true, detail: { id, tile } }));
  }

  /** Which picture of a grid is meant: the one that is pressed. @param {HTMLElement} node @param {MouseEvent} [event] */
  function tileAt(node, event) {
    const tile = Number(node.dataset.tile);
    if (tile || stored.label(Number(node.dataset.cell))?.tiles !== 4) return tile;
    const image = node.querySelector("img")?.getBoundingClientRect();
    if (!event || !image) return 1;
    return 1 + (event.clientX > image.left + image.width / 2 ? 1 : 0) + (event.clientY > image.top + image.height / 2 ? 2 : 0);
  }

  const page = () => Math.max(1, Math.floor((box.clientHeight - HEAD) / sizes().tall) - 1);
  /** @type {Record<string, (event: KeyboardEvent) => void>} */
  const keys = {
    ArrowLeft: () => go(here[0], here[1] - 1),
    ArrowRight: () => go(here[0], here[1] + 1),
    ArrowUp: () => go(here[0] - 1, here[1]),
    ArrowDown: () => go(here[0] + 1, here[1]),
    PageUp: () => go(here[0] - page(), here[1]),
    PageDown: () => go(here[0] + page(), here[1]),
    Home: (event) => go(event.ctrlKey || event.metaKey ? 0 : here[0], 0),
    End: (event) => go(event.ctrlKey || event.metaKey ? layout.rows.length : here[0], layout.width),
    Enter: (event) => open(/** @type {HTMLElement} */ (event.target), tileAt(/** @type {HTMLElement} */ (event.target))),
    " ": () => play.toggle(""),
  };

  /** @param {EventTarget | null} target */
  const cellAt = (target) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest?.(".mj-cell") ?? null);

  box.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const act = keys[event.key];
    if (!act || !cellAt(event.target) || !(plain || /^(Home|End)$/.test(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== " ") play.stop();
    act(event);
  });
  box.addEventListener("click", (event) => {
    const node = cellAt(event.target);
    if (!node) return;
    const where = layout.where.get(Number(node.dataset.cell));
    play.stop();
    if (where) go(...where);
    open(node, tileAt(node, event));
  });
  box.addEventListener("pointerover", (event) => {
    const node = cellAt(event.target);
    const cell = node ? Number(node.dataset.cell) : -1;
    if (event.pointerType === "touch" || cell < 0 || cell === hovered) return;
    hovered = cell;
    draw();
  });
  box.addEventListener("pointerleave", () => {
    hovered = null;
    draw();
  });
  box.addEventListener("focusin", (event) => {
    const where = layout.where.get(Number(cellAt(event.target)?.dataset.cell));
    if (where && (where[0] !== here[0] || where[1] !== here[1])) go(...where, false);
  });

  // What changes

  function onView() {
    const focused = box.contains(document.activeElement);
    const before = current();
    layout = arrange(design, view());
    const kept = layout.where.get(before) ?? here;
    choices.show(play.axis());
    go(...kept, focused);
  }
  function onTold() {
    bar.show(count);
  }
  function onState() {
    onStock("");
  }

  const sight = new IntersectionObserver(
    (entries) => {
      near = entries[entries.length - 1].isIntersecting;
      if (near) draw();
    },
    { rootMargin: "200px" },
  );
  const room = new ResizeObserver(draw);
  sight.observe(box);
  room.observe(box);
  box.addEventListener("scroll", draw, { passive: true });
  /** @type {[string, Function][]} */
  const heard = [
    ["change:view", onView], ["change:states", draw], ["change:progress", draw], ["change:told", onTold], ["change:state", onState],
  ];
  for (const [name, call] of heard) model.on(name, call);
  choices.show(play.axis());
  onTold();
  onState();

  return () => {
    for (const [name, call] of heard) model.off(name, call);
    play.stop();
    cancelAnimationFrame(frame);
    sight.disconnect();
    room.disconnect();
    asking.close();
    stored.close();
    choices.close();
    bar.close();
  };
}

export default { render };
