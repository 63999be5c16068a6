// @ts-check
// Zoom and pan of one picture on a stage: wheel, buttons, double click, drag, two fingers.

const MOST = 8; // screen pixels a pixel of the picture
const STEP = 1.4;

/**
 * @param {HTMLElement} stage @param {HTMLImageElement} image lies in the stage's upper left corner
 * @param {(scale: number, fits: boolean) => void} changed
 */
function zoomable(stage, image, changed) {
  let [width, height] = [1, 1]; // of the picture, in its own pixels
  let scale = 1; // screen pixels a pixel of the picture
  let [x, y] = [0, 0]; // where its upper left corner is on the stage
  let fits = true; // whether it goes on fitting when the stage changes
  /** @type {Map<number, { x: number, y: number }>} fingers, or the mouse with its button down */
  const held = new Map();

  const fit = () => Math.min(stage.clientWidth / width, stage.clientHeight / height) || 1;

  function place() {
    const [w, h] = [width * scale, height * scale];
    const within = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) =>
      size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at));
    x = within(x, w, stage.clientWidth);
    y = within(y, h, stage.clientHeight);
    image.style.width = `${w}px`;
    image.style.height = `${h}px`;
    image.style.transform = `translate(${x}px, ${y}px)`;
    stage.classList.toggle("mj-wide", w > stage.clientWidth + 1 || h > stage.clientHeight + 1);
    changed(scale, fits);
  }

  /** @param {number} wanted @param {{ x: number, y: number }} [at] a point of the stage that stays where it is */
  function to(wanted, at = { x: stage.clientWidth / 2, y: stage.clientHeight / 2 }) {
    const least = Math.min(fit(), 1);
    const next = Math.min(MOST, Math.max(least, wanted));
    x = at.x - ((at.x - x) * next) / scale;
    y = at.y - ((at.y - y) * next) / scale;
    scale = next;
    fits = Math.abs(next / fit() - 1) < 0.01;
    place();
  }

  /** All pixels, or where they fit, twice as large. @param {{ x: number, y: number }} [at] */
  const toFull = (at) => to(Math.abs(fit() - 1) < 0.1 ? 2 : 1, at);

  function toFit() {
    fits = true;
    scale = fit();
    place();
  }

  /** @param {MouseEvent} event */
  function point(event) {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaMode ? event.deltaY * 30 : event.deltaY;
      to(scale * Math.exp(-Math.max(-100, Math.min(100, pixels)) / 300), point(event));
    },
    { passive: false },
  );
  stage.addEventListener("dblclick", (event) => (fits ? toFull(point(event)) : toFit()));
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || /** @type {Element} */ (event.target).closest("button")) return;
    held.set(event.pointerId, point(event));
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = point(event);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, now);
    if (other) {
      const spread = (/** @type {{ x: number, y: number }} */ at) => Math.hypot(at.x - other.x, at.y - other.y) || 1;
      to((scale * spread(now)) / spread(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else {
      x += now.x - before.x;
      y += now.y - before.y;
      place();
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    stage.addEventListener(end, (event) => held.delete(/** @type {PointerEvent} */ (event).pointerId));
  }
  const sized = new ResizeObserver(() => (fits ? toFit() : place()));
  sized.observe(stage);

  return {
    toFit,
    in: () => to(scale * STEP),
    out: () => to(scale / STEP),
    toggle: () => (fits ? toFull() : toFit()),
    /** Says how large the picture is in its own pixels; what is seen of it stays. @param {number} w @param {number} h */
    size(w, h) {
      if (!w || !h || (w === width && h === height)) return;
      scale *= width / w;
      [width, height] = [w, h];
      if (fits) toFit();
      else place();
    },
    close: () => sized.disconnect(),
  };
}
