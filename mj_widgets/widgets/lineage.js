// @ts-check
// The lineage as a graph that one can walk. Python says where each node stands; here only what is in sight is drawn.

const DOTS = 0.4; // zoom; from farther away nodes are dots on a canvas
const BEND = 12; // pixels; how round an edge turns
const EMPTY = "Here the pictures of this session will stand, each beside what it was made from.";

/** @typedef {Model & { set(name: string, value: any): void, save_changes(): void }} Shared */

/** @param {HTMLElement} el */
function makeParts(el) {
  const head = make("div", "mj-family-head");
  const count = make("p", "mj-family-count");
  const zooming = make("div", "mj-kin-zoom", { role: "group", "aria-label": "Zoom" });
  const error = make("p", "mj-family-error", { role: "alert" });
  const empty = make("p", "mj-family-empty");
  empty.textContent = EMPTY;
  head.append(count, zooming);
  const stage = make("div", "mj-graph-stage");
  const canvas = make("canvas", "", { "aria-hidden": "true" });
  const view = make("div", "mj-graph-view", {
    role: "tree", tabindex: "0", "aria-label": "Lineage", "data-lm-suppress-shortcuts": "true",
  });
  const plane = make("div", "mj-graph-plane", { role: "none" });
  const lines = make("div", "mj-graph-layer", { "aria-hidden": "true" });
  const layer = make("div", "mj-graph-layer", { role: "none" });
  plane.append(lines, layer);
  view.append(plane);
  stage.append(canvas, view);
  const panel = make("div", "mj-kin-panel");
  el.classList.add("mj-family");
  el.append(head, error, empty, stage, panel);
  return { head, count, zooming, error, empty, stage, canvas, view, plane, lines, layer, panel };
}

/** @param {{ model: Shared, el: HTMLElement }} context */
function render({ model, el }) {
  const key = Math.random().toString(36).slice(2);
  const { head, count, zooming, error, empty, stage, canvas, view, plane, lines, layer, panel } = makeParts(el);
  const asking = asker(model);
  const stored = stock(asking, byte, onStock);
  const about = makePanel(panel, { model, asking, thumbnail: stored.thumbnail, select, seen: draw });
  /** @type {Graph} */
  let graph = read(model.get("places"));
  const sight = windowOn(stage, view, plane, () => graph, draw);
  /** @type {Map<number, ReturnType<typeof makeNode>>} */
  const nodes = new Map();
  /** @type {Map<string, HTMLElement>} */
  const trunks = new Map();
  let frame = 0;
  let near = false; // whether we are on the screen, or nearly
  let folding = false; // whether it is we who wait for other places

  /** @returns {number} the selected node */
  const at = () => model.get("at");

  /** @param {number} node */
  function byte(node) {
    /** @type {DataView} */
    const all = model.get("statuses");
    return node >= 0 && node < all.byteLength ? all.getUint8(node) : NOBODY; // places may come before statuses
  }

  // Drawing

  function draw() {
    frame ||= requestAnimationFrame(paint);
  }

  function paint() {
    frame = 0;
    sight.begin(at());
    const zoom = sight.zoom();
    if (!zoom) return;
    const far = zoom < DOTS;
    const seen = within(graph, sight.box(far ? 0 : ROW));
    const way = graph.has(at()) ? wayTo(graph, at()) : new Set();
    view.classList.toggle("mj-graph-far", far);
    paintNodes(far ? [] : seen.nodes, way);
    paintTrunks(far ? [] : seen.trunks, way);
    paintDots(canvas, view, far ? { ...seen, graph, way, at: at(), zoom, byte } : null);
    const here = nodes.get(at());
    if (here) view.setAttribute("aria-activedescendant", here.item.id);
    else view.removeAttribute("aria-activedescendant");
    ask();
  }

  /** @param {number[]} wanted @param {Set<number>} way */
  function paintNodes(wanted, way) {
    // The selected one is always there: it is what the keyboard is at.
    const all = graph.has(at()) && !wanted.includes(at()) ? [...wanted, at()] : wanted;
    const keep = new Set(all);
    for (const [node, { item }] of nodes) {
      if (keep.has(node)) continue;
      item.remove();
      nodes.delete(node);
    }
    const progress = model.get("progress");
    all.forEach((node, place) => {
      const made = nodes.get(node) ?? makeNode(`${key}-${node}`, node);
      nodes.set(node, made);
      if (layer.children[place] !== made.item) layer.insertBefore(made.item, layer.children[place] ?? null);
      showNode(made, node, graph, {
        byte: byte(node), label: stored.label(node), progress: progress[node] ?? null, url: stored.thumbnail(node), at: at(),
        onWay: way.has(node),
      });
    });
  }

  /** @param {number[]} wanted @param {Set<number>} way */
  function paintTrunks(wanted, way) {
    /** @type {Map<string, [number, number]>} a parent and the child that its line goes down to */
    const spans = new Map();
    for (const node of wanted) {
      const born = /** @type {number[]} */ (graph.children.get(node));
      spans.set(`${node}`, [node, born[born.length - 1]]);
      const next = born.find((child) => way.has(child));
      if (next !== undefined && next !== born[0]) spans.set(`${node} way`, [node, next]);
    }
    for (const [name, line] of trunks) {
      if (spans.has(name)) continue;
      line.remove();
      trunks.delete(name);
    }
    for (const [name, [parent, child]] of spans) {
      const line = trunks.get(name) ?? make("div", `mj-node-trunk${name.endsWith("way") ? " mj-node-on-way" : ""}`);
      if (!trunks.has(name)) lines.append(line);
      trunks.set(name, line);
      line.style.translate = `${graph.x(parent) + COLUMN}px ${graph.y(parent) + TALL / 2}px`;
      line.style.height = `${graph.y(child) - graph.y(parent) - BEND}px`;
    }
  }

  /** Ask for what is missing of what is in sight, what is nearest first. */
  function ask() {
    const seen = sight.box();
    const away = (/** @type {number} */ node) =>
      Math.max(0, seen.top - graph.y(node), graph.y(node) + TALL - seen.bottom) +
      Math.max(0, seen.left - graph.x(node) - EDGE, graph.x(node) + COLUMN - seen.right);
    const order = [...nodes.keys()].map((node) => ({ node, far: away(node) })).sort((a, b) => a.far - b.far);
    const wanted = new Set([...order.map(({ node }) => node), ...about.way()]);
    if (stored.want([...wanted], near)) view.setAttribute("aria-busy", "true");
    else view.removeAttribute("aria-busy");
  }

  /** @param {string} failure */
  function onStock(failure) {
    if (failure) return say(error, failure);
    stored.forget(new Set([...nodes.keys(), ...about.way()]));
    about.show();
    draw();
  }

  // What a person does

  /** @param {number} node */
  function select(node) {
    if (!graph.has(node) || node === at()) return;
    model.set("at", node);
    try {
      model.save_changes();
    } catch {
      // No kernel: one can still walk among what is here.
    }
  }

  /** @param {number} node @param {boolean} on */
  function fold(node, on) {
    const can = on ? graph.children.has(node) : graph.hidden.has(node);
    if (!can) return;
    folding = true;
    send(model, { kind: "fold", node, on });
  }

  /** @param {number} node */
  function open(node) {
    if (model.get("state").shows) send(model, { kind: "show", node });
    else about.focus();
  }

  const rows = () => Math.floor(view.clientHeight / sight.zoom() / ROW) - 1;
  /** @type {Record<string, (node: number) => void>} */
  const keys = {
    ArrowLeft: (node) => select(graph.parent[node]),
    ArrowRight: (node) => (graph.hidden.has(node) ? fold(node, false) : select(graph.children.get(node)?.[0] ?? NOBODY)),
    ArrowUp: (node) => select(beyond(graph, node, -1)),
    ArrowDown: (node) => select(beyond(graph, node, 1)),
    PageUp: (node) => select(leap(graph, node, -1, rows())),
    PageDown: (node) => select(leap(graph, node, 1, rows())),
    Home: () => select(graph.shown[0]),
    End: () => select(graph.shown[graph.shown.length - 1]),
    Enter: open,
    " ": (node) => fold(node, !graph.hidden.has(node)),
    "-": (node) => fold(node, true),
    "+": (node) => fold(node, false),
    "=": (node) => fold(node, false),
  };

  view.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== view) return;
    const act = keys[event.key];
    if (!act || !graph.shown.length) return;
    event.preventDefault();
    event.stopPropagation();
    if (graph.has(at())) act(at());
    else select(graph.shown[0]);
  });

  /** Which node is below the pointer. @param {MouseEvent} event @returns {number} */
  function hit(event) {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".mj-node"));
    if (item) return Number(item.dataset.node);
    if (sight.zoom() >= DOTS) return NOBODY;
    const { left, top } = sight.where(event);
    const row = Math.floor((top - MARGIN) / ROW);
    const all = graph.columns[Math.floor((left - MARGIN) / COLUMN)] ?? [];
    const found = all[firstFrom(graph, all, row)];
    return found !== undefined && graph.row[found] === row ? found : NOBODY;
  }

  const onFold = (/** @type {MouseEvent} */ event) => /** @type {Element} */ (event.target).closest(".mj-node-fold") !== null;

  view.addEventListener("click", (event) => {
    const node = hit(event);
    if (sight.dragged() || node < 0) return;
    if (onFold(event)) fold(node, !graph.hidden.has(node));
    else select(node);
    view.focus({ preventScroll: true });
  });

  view.addEventListener("dblclick", (event) => {
    const node = hit(event);
    if (node < 0 || onFold(event)) return;
    if (sight.zoom() >= DOTS) return open(node);
    const { x, y } = sight.where(event);
    sight.zoomTo(1, x, y);
  });

  /** @param {string} text @param {string} tip @param {() => void} act */
  function button(text, tip, act) {
    const made = make("button", "mj-kin-tool", { type: "button", "aria-label": tip, title: tip });
    made.textContent = text;
    made.addEventListener("click", act);
    zooming.append(made);
  }
  button("−", "Zoom out", () => sight.zoomBy(1 / 1.35, at()));
  button("+", "Zoom in", () => sight.zoomBy(1.35, at()));
  button("Fit", "Zoom out to an overview", () => sight.fit(at()));

  // What changes

  function showCount() {
    const [all, roots] = [graph.shown.length, graph.children.get(NOBODY)?.length ?? 0];
    const folded = [...graph.hidden.values()].reduce((sum, each) => sum + each, 0);
    const words = (/** @type {number} */ number, /** @type {string} */ what) => `${number} ${what}${number === 1 ? "" : "s"}`;
    say(count, [words(all + folded, "picture"), words(roots, "prompt"), folded && `${folded} hidden`].filter(Boolean).join(" · "));
    empty.hidden = all > 0;
    head.hidden = stage.hidden = panel.hidden = !all;
  }

  function onPlaces() {
    const zoom = sight.zoom();
    const seen = zoom ? within(graph, sight.box()).nodes : [];
    const anchor = seen.includes(at()) ? at() : (seen[0] ?? NOBODY);
    const [x, y] = anchor < 0 ? [0, 0] : [graph.x(anchor), graph.y(anchor)];
    graph = read(model.get("places"));
    showCount();
    if (zoom) sight.size();
    if (zoom && graph.has(anchor)) sight.follow(graph.x(anchor) - x, graph.y(anchor) - y);
    if (folding) sight.bring(at());
    folding = false;
    draw();
  }

  function onAt() {
    sight.bring(at(), calm() ? "instant" : "smooth");
    about.look(at(), byte(at()));
    draw();
  }

  function onStatuses() {
    about.look(at(), byte(at()));
    draw();
  }

  function onState() {
    say(error, model.get("state").error);
    about.show();
  }

  const screenful = new IntersectionObserver(
    (entries) => {
      near = entries[entries.length - 1].isIntersecting;
      if (near) draw();
    },
    { rootMargin: "200px" },
  );
  let wide = 0;
  const room = new ResizeObserver(() => {
    if (wide !== view.clientWidth) sight.bring(at());
    wide = view.clientWidth;
    draw();
  });
  const theme = new MutationObserver(draw);
  screenful.observe(stage);
  room.observe(view);
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  view.addEventListener("scroll", draw, { passive: true });
  /** @type {[string, Function][]} */
  const heard = [
    ["change:places", onPlaces], ["change:at", onAt], ["change:statuses", onStatuses], ["change:progress", draw],
    ["change:state", onState],
  ];
  for (const [name, call] of heard) model.on(name, call);
  const parting = hideTwin(model);
  showCount();
  onState();
  onStatuses();

  return () => {
    for (const [name, call] of heard) model.off(name, call);
    cancelAnimationFrame(frame);
    for (const each of [screenful, room, theme]) each.disconnect();
    asking.close();
    about.close();
    stored.close();
    parting();
  };
}

export default { initialize: keepTwin, render };
