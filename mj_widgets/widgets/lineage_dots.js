// @ts-check
// A lineage from far away, on a canvas: a mark for each node, whose form says its status.

/** What the canvas is painted with: it takes no variables. @param {HTMLElement} el */
function palette(el) {
  const probe = make("span", "");
  probe.hidden = true;
  el.append(probe);
  const colour = (/** @type {string} */ value) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const found = {
    ink: colour("color-mix(in srgb, var(--mj-ink) 45%, var(--mj-paper))"),
    line: colour("var(--mj-thread)"),
    accent: colour("var(--mj-accent)"),
    danger: colour("var(--mj-danger)"),
  };
  probe.remove();
  return found;
}

/**
 * @param {HTMLCanvasElement} canvas @param {HTMLElement} view what scrolls above it
 * @param {{ graph: Graph, nodes: number[], trunks: number[], way: Set<number>, at: number, zoom: number,
 *   byte: (node: number) => number } | null} seen nothing is painted without it
 */
function paintDots(canvas, view, seen) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const sharp = window.devicePixelRatio || 1;
  const [wide, tall] = [Math.round(view.clientWidth * sharp), Math.round(view.clientHeight * sharp)];
  if (canvas.width !== wide || canvas.height !== tall) [canvas.width, canvas.height] = [wide, tall];
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, wide, tall);
  if (!seen) return;
  const { graph, way, zoom } = seen;
  const colours = palette(/** @type {HTMLElement} */ (canvas.parentElement));
  context.setTransform(sharp, 0, 0, sharp, -view.scrollLeft * sharp, -view.scrollTop * sharp);
  const [w, h] = [Math.max(2, WIDE * 0.75 * zoom), Math.max(2, TALL * zoom)];
  const x = (/** @type {number} */ node) => (graph.x(node) + EDGE) * zoom;
  const y = (/** @type {number} */ node) => graph.y(node) * zoom;

  /** @param {string} colour @param {(node: number) => boolean} wanted */
  function edges(colour, wanted) {
    context.strokeStyle = colour;
    context.beginPath();
    for (const node of new Set([.../** @type {any} */ (seen).nodes, .../** @type {any} */ (seen).trunks])) {
      const branch = (graph.x(node) + COLUMN) * zoom;
      for (const child of graph.children.get(node) ?? []) {
        if (!wanted(child)) continue;
        context.moveTo(x(node) + w, y(node) + h / 2);
        context.lineTo(branch, y(node) + h / 2);
        context.lineTo(branch, y(child) + h / 2);
        context.lineTo(x(child), y(child) + h / 2);
      }
    }
    context.stroke();
  }

  context.lineWidth = 1;
  edges(colours.line, () => true);
  edges(colours.accent, (node) => way.has(node));
  for (const node of seen.nodes) {
    const now = told(seen.byte(node));
    context.fillStyle = now.liked ? colours.accent : colours.ink;
    context.strokeStyle = now.failed ? colours.danger : colours.accent;
    if (!now.word) context.fillRect(x(node), y(node), w, h);
    else context.strokeRect(x(node) + 0.5, y(node) + 0.5, w - 1, h - 1); // hollow: there is no picture
    if (now.failed && w > 5) {
      context.beginPath();
      context.moveTo(x(node), y(node));
      context.lineTo(x(node) + w, y(node) + h);
      context.stroke();
    }
    if (node !== seen.at) continue;
    context.lineWidth = 2;
    context.strokeStyle = colours.accent;
    context.strokeRect(x(node) - 3, y(node) - 3, w + 6, h + 6);
    context.lineWidth = 1;
  }
}
