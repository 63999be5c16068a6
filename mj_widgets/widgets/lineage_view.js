// @ts-check
// The window on a lineage: which part of it is seen, how large, and the hands that move it. It scrolls as everything does, by
// wheel, finger and bar; besides, it is dragged with the mouse, and zoomed with Ctrl and the wheel, or two fingers.

const [LOWEST, HIGHEST] = [132, 520]; // pixels
const [FARTHEST, NEAREST] = [0.03, 2]; // zoom
const LEGIBLE = 0.75; // zoom that a graph too wide for its place begins with, at least
const DRAG = 4; // pixels that the mouse moves before it drags

/**
 * @param {HTMLElement} stage @param {HTMLElement} view what scrolls @param {HTMLElement} plane what is scrolled
 * @param {() => Graph} graph @param {() => void} moved
 */
function windowOn(stage, view, plane, graph, moved) {
  let zoom = 0; // until it is known how much room there is

  function box(margin = 0) {
    const [left, top] = [view.scrollLeft / zoom, view.scrollTop / zoom];
    const [wide, tall] = [view.clientWidth / zoom, view.clientHeight / zoom];
    return { left: left - margin, top: top - margin, right: left + wide + margin, bottom: top + tall + margin };
  }

  /** Take the room that the graph needs. */
  function size() {
    const { width, height } = graph();
    stage.style.height = `${Math.min(HIGHEST, Math.max(LOWEST, height + 18))}px`;
    plane.style.width = `${width * zoom}px`;
    plane.style.height = `${height * zoom}px`;
    for (const layer of /** @type {Iterable<HTMLElement>} */ (plane.children)) layer.style.transform = `scale(${zoom})`;
    plane.style.setProperty("--mj-line", `${Math.max(1, Math.floor(1.5 / zoom))}px`); // as thin as it can be seen
  }

  /** Keep what is at a point where it is. @param {number} wanted @param {number} [x] @param {number} [y] in the view */
  function zoomTo(wanted, x = view.clientWidth / 2, y = view.clientHeight / 2) {
    const [left, top] = [(view.scrollLeft + x) / zoom, (view.scrollTop + y) / zoom];
    zoom = Math.min(NEAREST, Math.max(FARTHEST, wanted));
    size();
    view.scrollTo({ left: left * zoom - x, top: top * zoom - y, behavior: "instant" });
    moved();
  }

  /** Bring a node into sight, with a little of what is around it. @param {number} node @param {ScrollBehavior} [behavior] */
  function bring(node, behavior = "instant") {
    if (!zoom || !graph().has(node)) return;
    const seen = box();
    const [x, y] = [graph().x(node), graph().y(node)];
    // What it came from is to its left, so that side gets more room.
    const room = Math.min(COLUMN / 2, Math.max(0, (seen.right - seen.left - COLUMN) / 2));
    const space = Math.min(ROW / 2, Math.max(0, (seen.bottom - seen.top - ROW) / 2));
    let [left, top] = [seen.left, seen.top];
    if (x + COLUMN > seen.right) left = x + COLUMN - (seen.right - seen.left);
    if (x - room < left) left = x - room;
    if (y + TALL + space > seen.bottom) top = y + TALL + space - (seen.bottom - seen.top);
    if (y - space < top) top = y - space;
    if (left !== seen.left || top !== seen.top) view.scrollTo({ left: left * zoom, top: top * zoom, behavior });
  }

  /** Where an event is: in the view, and on the plane. @param {{ clientX: number, clientY: number }} event */
  function where({ clientX, clientY }) {
    const edge = view.getBoundingClientRect();
    const [x, y] = [clientX - edge.left, clientY - edge.top];
    return { x, y, left: (view.scrollLeft + x) / zoom, top: (view.scrollTop + y) / zoom };
  }

  const hands = handsOn(view, { where, zoomTo, zoom: () => zoom });
  return {
    box, size, zoomTo, bring, where,
    zoom: () => zoom,
    dragged: hands.dragged,
    /** Look at it for the first time, when there is room. @param {number} node what shall be in sight */
    begin(node) {
      if (zoom || !view.clientWidth) return;
      zoom = Math.max(LEGIBLE, Math.min(1, view.clientWidth / graph().width));
      size();
      bring(node);
    },
    /** Zoom as a button does: about a node, where it is in sight. @param {number} factor @param {number} node */
    zoomBy(factor, node) {
      const seen = box();
      const [x, y] = graph().has(node) ? [graph().x(node) + COLUMN / 2, graph().y(node) + TALL / 2] : [NOBODY, NOBODY];
      const inside = x > seen.left && x < seen.right && y > seen.top && y < seen.bottom;
      if (!inside) return zoomTo(zoom * factor);
      zoomTo(zoom * factor, (x - seen.left) * zoom, (y - seen.top) * zoom);
      bring(node);
    },
    /** @param {number} node what shall be in sight, where not all can be */
    fit(node) {
      zoomTo(Math.min(1, view.clientWidth / graph().width, view.clientHeight / graph().height));
      bring(node);
    },
    /** Stay where one looks, while something comes above it. @param {number} x @param {number} y that it went, on the plane */
    follow(x, y) {
      view.scrollLeft += x * zoom;
      view.scrollTop += y * zoom;
    },
  };
}

/**
 * The mouse that drags, the wheel with Ctrl, and two fingers.
 * @param {HTMLElement} view
 * @param {{ where: (event: { clientX: number, clientY: number }) => { x: number, y: number },
 *   zoomTo: (wanted: number, x: number, y: number) => void, zoom: () => number }} tools
 */
function handsOn(view, { where, zoomTo, zoom }) {
  /** @type {{ x: number, y: number, left: number, top: number } | null} */
  let grip = null;
  let dragged = false;
  /** @type {{ apart: number, zoom: number } | null} */
  let pinch = null;

  view.addEventListener("pointerdown", (event) => {
    dragged = false;
    const { x, y } = where(event);
    const onBar = x > view.clientWidth || y > view.clientHeight;
    if (event.pointerType === "touch" || event.button || onBar) return; // a finger pans as it does everywhere
    grip = { x, y, left: view.scrollLeft, top: view.scrollTop };
  });

  view.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const at = where(event);
    const [x, y] = [at.x - grip.x, at.y - grip.y];
    if (!dragged && Math.hypot(x, y) < DRAG) return;
    if (!dragged) view.setPointerCapture(event.pointerId);
    dragged = true;
    view.classList.add("mj-graph-dragged");
    view.scrollTo({ left: grip.left - x, top: grip.top - y, behavior: "instant" });
  });

  const letGo = () => {
    grip = null;
    view.classList.remove("mj-graph-dragged");
  };
  view.addEventListener("pointerup", letGo);
  view.addEventListener("pointercancel", letGo);

  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // it scrolls
    event.preventDefault();
    const { x, y } = where(event);
    const notch = Math.max(-60, Math.min(60, event.deltaMode ? event.deltaY * 20 : event.deltaY));
    zoomTo(zoom() * Math.exp(-notch * 0.004), x, y);
  }, { passive: false });

  /** @param {TouchEvent} event */
  function touched(event) {
    if (event.touches.length !== 2) {
      pinch = null;
      return;
    }
    event.preventDefault();
    const [a, b] = event.touches;
    const apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
    pinch ??= { apart, zoom: zoom() };
    const { x, y } = where({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
    zoomTo(pinch.zoom * (apart / pinch.apart), x, y);
  }
  view.addEventListener("touchstart", touched, { passive: false });
  view.addEventListener("touchmove", touched, { passive: false });
  view.addEventListener("touchend", touched);
  view.addEventListener("touchcancel", touched);

  return { dragged: () => dragged };
}
