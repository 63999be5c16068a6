// @ts-check
// Painting a mask: what mouse, pen, fingers and keys do. Its pixels are in mask_raster.js, what is seen of them in mask_board.js.

const SIDE = 1600; // pixels of the picture that is shown; the mask has all of them
const APART = 400; // ms; a wheel that turned elsewhere just before goes on scrolling the page
const THICKER = 1.15;
const CLOSER = 1.5;

/** @typedef {{ name: string, width: number, height: number }} Earlier */
/** @typedef {{ name: string, width: number, height: number, masks: Earlier[], look: boolean }} State */
/** @typedef {{ clientX: number, clientY: number }} Finger */
/** @typedef {{ id: number, kind: string, value: number, points: Point[], box: Box | null, x: number, y: number }} Drag */

/** @param {Box} box @returns {Point[]} */
function corners({ x, y, w, h }) {
  return [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
}

/** @param {Point} a @param {Point} b @returns {Box} */
function between(a, b) {
  return { x: Math.min(a[0], b[0]), y: Math.min(a[1], b[1]), w: Math.abs(a[0] - b[0]), h: Math.abs(a[1] - b[1]) };
}

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  /** @type {State} */
  const { name, width, height } = model.get("state");
  const mask = raster(width, height);
  const largest = Math.max(2, Math.round(Math.min(width, height) / 1.5));

  /** @type {Tool} */
  let chosen = "brush";
  let size = Math.max(1, Math.round(Math.min(width, height) / 12)); // of the brush, in pixels
  /** @type {Drag | null} */
  let drag = null;
  /** @type {Map<number, Finger>} */
  const fingers = new Map();
  /** @type {Box | null} the rectangle of the keyboard */
  let frame = null;
  /** @type {Point | null} */
  let pointer = null;
  let pen = false; // once a pen was used, fingers move the picture
  let moving = false; // Space is held
  let elsewhere = 0; // when the wheel last turned outside

  el.classList.add("mj-mask");
  const described = `Mask of ${name}, ${width} by ${height} pixels. Arrow keys move a rectangle, Enter paints it.`;
  const stage = make("div", "mj-mask-stage", { tabindex: "0", role: "application", "aria-label": described });
  stage.style.setProperty("--mj-ratio", String(width / height));
  const line = make("p", "mj-mask-line", { role: "status" });
  const lost = make("p", "mj-mask-lost", { role: "alert" });
  lost.hidden = true;
  const bar = toolBar({
    choose,
    resize,
    travel,
    clear: () => finish(mask.fill(0), "Cleared."),
    invert: () => finish(mask.invert(), "Inverted."),
    zoom: (factor) => sheet.zoomTo(sheet.scale() * factor),
  }, largest);
  const pictures = asker(model);
  const earlier = shelf(model, pictures, width, height);
  const foot = make("div", "mj-mask-foot");
  foot.append(line, keyList());
  el.append(bar.node, stage, lost, foot, earlier.node);
  const sheet = board(stage, mask, zoomed);
  const wire = link({ model, el }, mask, () => {
    drag = null; // what was being drawn is drawn over
    stage.classList.remove("mj-moving");
    step(mask.whole, "");
  });

  // What is painted

  function share() {
    const painted = mask.count();
    if (!painted) return "Nothing is painted yet.";
    if (painted === mask.pixels.length) return "All of it is painted.";
    const part = (100 * painted) / mask.pixels.length;
    return `${part < 1 ? part.toPrecision(1) : Math.round(part)} % is painted.`;
  }

  /** @param {string} text */
  function say(text) {
    line.textContent = text;
  }

  /** Makes what was painted in a box a step that can be undone, and shows it. @param {Box | null} box @param {string} said */
  function step(box, said) {
    const isNew = mask.step(box);
    sheet.redraw(box);
    bar.allow({ undo: mask.canTravel(false), redo: mask.canTravel(true), clear: mask.pixels.includes(1) });
    say(`${said} ${share()}`.trim());
    outline();
    return isNew;
  }

  /** The same, and tells it. @param {Box | null} box @param {string} [said] */
  function finish(box, said = "") {
    if (step(box, said)) wire.tell();
  }

  /** @param {boolean} again */
  function travel(again) {
    const box = drag ? null : mask.travel(again);
    if (!box) return;
    step(box, again ? "Done again." : "Undone.");
    wire.tell();
  }

  function outline() {
    /** @type {Parameters<typeof sheet.outline>[0]} */
    const shapes = frame ? [{ points: corners(frame), closed: true }] : [];
    if (drag?.kind === "rectangle") shapes.push({ points: corners(between(drag.points[0], drag.points[1])), closed: true });
    else if (drag?.kind === "lasso") shapes.push({ points: drag.points, closed: true });
    else if (pointer && hasSize()) shapes.push({ points: [pointer], closed: false, ring: size / 2 });
    sheet.outline(shapes);
  }

  // Tools

  /** @param {Tool} tool */
  function choose(tool) {
    chosen = tool;
    stage.dataset.tool = tool;
    bar.choose(tool);
    outline();
  }

  function hasSize() {
    return chosen === "brush" || chosen === "eraser";
  }

  /** @param {number} next */
  function resize(next) {
    size = Math.min(largest, Math.max(1, Math.round(next)));
    bar.resize(size);
    outline();
  }

  /** @param {boolean} thicker */
  function resizeBy(thicker) {
    resize(thicker ? Math.max(size * THICKER, size + 1) : Math.min(size / THICKER, size - 1));
  }

  function zoomed() {
    bar.zoom(sheet.percent());
    outline();
    look();
  }

  // Mouse, pen and fingers

  /** @param {PointerEvent} event */
  function down(event) {
    stage.focus({ preventScroll: true });
    if (event.pointerType === "touch") {
      if (drag && drag.kind !== "pan" && pen) return; // a palm beside the pen
      fingers.set(event.pointerId, event);
      if (fingers.size > 1) return drop(); // two fingers move and zoom
    } else if (event.pointerType === "pen") pen = true;
    if (drag || ![0, 1, 5].includes(event.button)) return;
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    const pan = moving || event.button === 1 || (pen && event.pointerType === "touch");
    const erases = chosen === "eraser" || event.button === 5 || event.altKey; // 5 is the other end of a pen
    const at = sheet.at(event);
    drag = {
      id: event.pointerId,
      kind: pan ? "pan" : hasSize() ? "line" : chosen,
      value: Number(!erases),
      points: [at, at],
      box: null,
      x: event.clientX,
      y: event.clientY,
    };
    stage.classList.toggle("mj-moving", pan);
    if (drag.kind === "line") draw(at);
    outline();
  }

  /** Draws on to a point. @param {Point} at */
  function draw(at) {
    if (!drag) return;
    const box = mask.line(drag.points[1], at, size / 2, drag.value);
    drag.points[1] = at;
    drag.box = join(drag.box, box);
    sheet.redraw(box);
  }

  /** @param {PointerEvent} event */
  function move(event) {
    pointer = event.pointerType === "touch" ? null : sheet.at(event);
    if (fingers.has(event.pointerId) && fingers.size === 2) return pinch(event);
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event);
    if (drag?.id === event.pointerId && drag.kind === "pan") {
      sheet.move(event.clientX - drag.x, event.clientY - drag.y);
      [drag.x, drag.y] = [event.clientX, event.clientY];
    } else if (drag?.id === event.pointerId) {
      const all = event.getCoalescedEvents?.() ?? [];
      for (const each of all.length ? all : [event]) {
        const at = sheet.at(each);
        if (drag.kind === "line") draw(at);
        else if (drag.kind === "lasso") drag.points.push(at);
        else drag.points[1] = at;
      }
    }
    outline();
  }

  /** @param {PointerEvent} event */
  function pinch(event) {
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    const before = fingers.get(event.pointerId);
    fingers.set(event.pointerId, event);
    if (!other || !before) return;
    const gap = (/** @type {Finger} */ one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    const edge = stage.getBoundingClientRect();
    const middle = [(event.clientX + other.clientX) / 2 - edge.left, (event.clientY + other.clientY) / 2 - edge.top];
    sheet.move((event.clientX - before.clientX) / 2, (event.clientY - before.clientY) / 2);
    sheet.zoomTo((sheet.scale() * gap(event)) / Math.max(1, gap(before)), middle[0], middle[1]);
  }

  /** @param {PointerEvent} event */
  function up(event) {
    fingers.delete(event.pointerId);
    if (drag?.id !== event.pointerId) return;
    const { kind, value, points, box } = drag;
    drag = null;
    stage.classList.remove("mj-moving");
    if (kind === "line") finish(box);
    else if (kind === "lasso") finish(mask.area(points, value));
    else if (kind === "rectangle" && between(points[0], points[1]).w) finish(mask.rectangle(points[0], points[1], value));
    outline();
  }

  /** Lets go of what is being drawn, as if it had not begun. */
  function drop() {
    if (!drag) return;
    const { box } = drag;
    drag = null;
    stage.classList.remove("mj-moving");
    mask.cancel(box);
    sheet.redraw(box);
    outline();
  }

  /** @param {PointerEvent} event */
  function cancel(event) {
    fingers.delete(event.pointerId);
    if (drag?.id === event.pointerId) drop();
  }

  function leave() {
    pointer = null;
    outline();
  }

  /** @param {WheelEvent} event */
  function wheel(event) {
    const turned = event.deltaY || event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      const edge = stage.getBoundingClientRect();
      const factor = Math.exp(-Math.max(-60, Math.min(60, turned)) / 150);
      sheet.zoomTo(sheet.scale() * factor, event.clientX - edge.left, event.clientY - edge.top);
    } else if (event.timeStamp - elsewhere < APART) {
      elsewhere = event.timeStamp;
      return;
    } else if (hasSize() && turned) resizeBy(turned < 0);
    else return;
    event.preventDefault();
  }

  /** @param {WheelEvent} event */
  function wheelElsewhere(event) {
    if (!event.composedPath().includes(stage)) elsewhere = event.timeStamp;
  }

  /** @param {MouseEvent} event */
  function press(event) {
    if (event.button === 1) event.preventDefault(); // or the browser scrolls by itself
  }

  // Keys

  /** @param {KeyboardEvent} event */
  function keyAnywhere(event) {
    event.stopPropagation(); // or the notebook takes it for its own
    const letter = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !["z", "y"].includes(letter)) return;
    event.preventDefault();
    travel(letter === "y" || event.shiftKey);
  }

  /** @type {Record<string, () => void>} */
  const keys = {
    " ": () => hold(true),
    Enter: () => place(Number(chosen !== "eraser")),
    Delete: () => place(0),
    Backspace: () => place(0),
    Escape: escape,
    "[": () => resizeBy(false),
    "]": () => resizeBy(true),
    "+": () => sheet.zoomTo(sheet.scale() * CLOSER),
    "=": () => sheet.zoomTo(sheet.scale() * CLOSER),
    "-": () => sheet.zoomTo(sheet.scale() / CLOSER),
    0: () => sheet.zoomTo(0),
  };
  for (const [tool, text, letter] of TOOLS) {
    keys[letter] = () => {
      choose(tool);
      say(`${text}.`);
    };
  }

  /** @param {KeyboardEvent} event */
  function keyDown(event) {
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const bracket = "[]".includes(event.key); // where it needs AltGr, that is Ctrl and Alt, or ⌥ alone
    const plain = !event.metaKey && (bracket ? event.altKey || !event.ctrlKey : !event.ctrlKey && !event.altKey);
    if (arrow) steer(arrow[0], arrow[1], event);
    else if (act && plain) act();
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  function keyUp(event) {
    if (event.key === " ") hold(false);
  }

  /** Moves the rectangle, or changes its size. @param {number} x @param {number} y @param {KeyboardEvent} event */
  function steer(x, y, event) {
    const far = Math.max(1, Math.round((Math.min(width, height) / 100) * (event.shiftKey ? 10 : 1)));
    const by = event.ctrlKey || event.metaKey ? 1 : far;
    if (!frame) {
      const [w, h] = [Math.max(1, Math.round(width / 4)), Math.max(1, Math.round(height / 4))];
      frame = { x: Math.round((width - w) / 2), y: Math.round((height - h) / 2), w, h };
    } else if (event.altKey) {
      frame.w = Math.min(width - frame.x, Math.max(1, frame.w + x * by));
      frame.h = Math.min(height - frame.y, Math.max(1, frame.h + y * by));
    } else {
      frame.x = Math.min(width - frame.w, Math.max(0, frame.x + x * by));
      frame.y = Math.min(height - frame.h, Math.max(0, frame.y + y * by));
    }
    sheet.reveal(frame);
    say(`Rectangle at ${frame.x}, ${frame.y}, ${frame.w} × ${frame.h} of ${width} × ${height} pixels.`);
    outline();
  }

  /** @param {number} value */
  function place(value) {
    if (!frame) return say("The arrow keys bring a rectangle.");
    const { x, y, w, h } = frame;
    finish(mask.rectangle([x, y], [x + w, y + h], value), `${value ? "Painted" : "Taken away"} at ${x}, ${y}, ${w} × ${h}.`);
  }

  function escape() {
    drop();
    frame = null;
    say(share());
    outline();
  }

  /** @param {boolean} on */
  function hold(on) {
    moving = on;
    stage.classList.toggle("mj-moving", on || drag?.kind === "pan");
  }

  // What Python says

  function show() {
    earlier.show(model.get("state").masks);
    look();
  }

  function look() {
    if (!model.get("state").look || !stage.clientWidth) return; // it has no place on the page yet
    (el.closest(".mj-region") ?? el).scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
    stage.focus({ preventScroll: true });
    send(model, { kind: "looked" });
  }

  const sight = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    sight.disconnect();
    pictures.ask({ what: "picture", side: SIDE }, async (bytes, error) => {
      lost.hidden = !error;
      lost.textContent = error && `The picture cannot be shown: ${error}`;
      if (bytes) sheet.show(await createImageBitmap(new Blob([/** @type {any} */ (bytes)])));
    });
  }, { rootMargin: "300px" });
  sight.observe(stage);

  /** Tells the words beside it with each click there: while the kernel is busy the browser holds back what was typed. */
  function words(/** @type {MouseEvent} */ event) {
    const form = el.closest(".mj-region");
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const box = form?.querySelector("textarea");
    if (box && button && form?.contains(button) && !el.contains(button)) send(model, { kind: "said", text: box.value });
  }

  const events = /** @type {[EventTarget, string, any, any?][]} */ ([
    [stage, "pointerdown", down], [stage, "pointermove", move], [stage, "pointerup", up], [stage, "pointercancel", cancel],
    [stage, "pointerleave", leave], [stage, "mousedown", press], [stage, "wheel", wheel, { passive: false }],
    [stage, "keydown", keyDown], [stage, "keyup", keyUp], [stage, "blur", () => hold(false)], [el, "keydown", keyAnywhere],
    [window, "wheel", wheelElsewhere, { passive: true, capture: true }], [window, "click", words, true],
  ]);
  for (const [target, kind, hear, options] of events) target.addEventListener(kind, hear, options);
  model.on("change:state", show);
  choose("brush");
  resize(size);
  step(null, "");
  show();

  return () => {
    for (const [target, kind, hear, options] of events) target.removeEventListener(kind, hear, options);
    model.off("change:state", show);
    sight.disconnect();
    wire.close();
    pictures.close();
    sheet.close();
    earlier.close();
  };
}

export default { render };
