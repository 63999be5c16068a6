// @ts-check
// What is seen of a mask: the picture, the painted part over it, and the line of what is just being drawn; zoomed and moved.

const CLOSEST = 24; // screen pixels a pixel of the picture has at most
const STRIPE = 8; // screen pixels it is wide
const STRIPES = [0x8fbe1ee6, 0x8fff66ff]; // two pinks, as ABGR: on a picture of one of them the other is seen
const [INNER, OUTER] = [0xff000000, 0xffffffff]; // and the edge is black within white, which is seen on any

/**
 * @param {HTMLElement} stage where it is shown
 * @param {{ width: number, height: number, pixels: Uint8Array }} mask
 * @param {() => void} moved is called when it was zoomed, moved or resized
 */
function board(stage, mask, moved) {
  const [ground, veil, lines] = ["ground", "veil", "lines"].map((name) => make("canvas", `mj-mask-${name}`));
  stage.append(ground, veil, lines);
  /** @type {ImageBitmap | null} */
  let picture = null;
  let scale = 0; // CSS pixels that a pixel of the picture has; 0 until the stage has a size
  let [left, top] = [0, 0]; // where the picture begins, in CSS pixels
  let fitted = true;
  let sharp = 1; // device pixels in a CSS pixel
  let frame = 0;
  /** @type {Box | null} */
  let stale = null;
  let all = true;
  /** @type {{ points: Point[], closed: boolean, ring?: number }[]} */
  let shapes = [];

  function least() {
    return Math.min(stage.clientWidth / mask.width, stage.clientHeight / mask.height);
  }

  function settle() {
    const room = [stage.clientWidth - mask.width * scale, stage.clientHeight - mask.height * scale];
    left = room[0] >= 0 ? room[0] / 2 : Math.min(0, Math.max(room[0], left));
    top = room[1] >= 0 ? room[1] / 2 : Math.min(0, Math.max(room[1], top));
    all = true;
    draw();
    moved();
  }

  function resize() {
    if (!stage.clientWidth || !stage.clientHeight) return;
    sharp = window.devicePixelRatio || 1;
    for (const canvas of [ground, veil, lines]) {
      canvas.width = Math.round(stage.clientWidth * sharp);
      canvas.height = Math.round(stage.clientHeight * sharp);
    }
    scale = fitted ? least() : Math.max(least(), scale);
    settle();
  }

  /** @param {number} to @param {number} [x] @param {number} [y] CSS pixels; what is there stays there */
  function zoomTo(to, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
    if (!scale) return;
    const next = Math.min(Math.max(to, least()), Math.max(CLOSEST, least()));
    fitted = next <= least() * 1.001;
    left = x - ((x - left) * next) / scale;
    top = y - ((y - top) * next) / scale;
    scale = next;
    settle();
  }

  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (!scale) return;
      if (all) drawGround();
      drawVeil(all ? null : stale);
      drawLines();
      all = false;
      stale = null;
    });
  }

  function drawGround() {
    const context = /** @type {CanvasRenderingContext2D} */ (ground.getContext("2d"));
    context.clearRect(0, 0, ground.width, ground.height);
    if (!picture) return;
    context.imageSmoothingEnabled = scale * sharp < 4;
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, left * sharp, top * sharp, mask.width * scale * sharp, mask.height * scale * sharp);
  }

  /** Draws the painted part by looking up, for each pixel of the screen, the one of the mask. @param {Box | null} box */
  function drawVeil(box) {
    const context = /** @type {CanvasRenderingContext2D} */ (veil.getContext("2d"));
    const [size, x0, y0] = [scale * sharp, left * sharp, top * sharp];
    const edge = Math.max(1, Math.round(1.5 * sharp));
    const from = [0, 0];
    const to = [veil.width, veil.height];
    if (box) {
      from[0] = Math.max(0, Math.floor(box.x * size + x0) - edge - 1);
      from[1] = Math.max(0, Math.floor(box.y * size + y0) - edge - 1);
      to[0] = Math.min(veil.width, Math.ceil((box.x + box.w) * size + x0) + edge + 1);
      to[1] = Math.min(veil.height, Math.ceil((box.y + box.h) * size + y0) + edge + 1);
    }
    const [w, h] = [to[0] - from[0], to[1] - from[1]];
    if (w <= 0 || h <= 0) return;

    const wide = w + 2 * edge; // the part and an edge around it
    const tall = h + 2 * edge;
    const near = new Uint8Array(wide * tall);
    const columns = new Int32Array(wide);
    for (let i = 0; i < wide; i += 1) columns[i] = Math.floor((from[0] - edge + i + 0.5 - x0) / size);
    const first = columns.findIndex((column) => column >= 0);
    let last = wide;
    while (last > 0 && columns[last - 1] >= mask.width) last -= 1;
    for (let j = 0; j < tall && first >= 0; j += 1) {
      const row = Math.floor((from[1] - edge + j + 0.5 - y0) / size);
      if (row < 0 || row >= mask.height) continue;
      for (let i = first; i < last; i += 1) near[j * wide + i] = mask.pixels[row * mask.width + columns[i]];
    }

    const image = context.createImageData(w, h);
    const words = new Uint32Array(image.data.buffer);
    for (let j = 0; j < h; j += 1) {
      for (let i = 0; i < w; i += 1) {
        const at = (j + edge) * wide + i + edge;
        const here = near[at];
        const sum = near[at - edge] + near[at + edge] + near[at - edge * wide] + near[at + edge * wide];
        if (here) words[j * w + i] = sum < 4 ? INNER : STRIPES[Math.floor((from[0] + i + from[1] + j) / (STRIPE * sharp)) & 1];
        else if (sum) words[j * w + i] = OUTER;
      }
    }
    context.putImageData(image, from[0], from[1]);
  }

  function drawLines() {
    const context = /** @type {CanvasRenderingContext2D} */ (lines.getContext("2d"));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, lines.width, lines.height);
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    for (const { points, closed, ring } of shapes) {
      context.beginPath();
      for (const [x, y] of points) {
        const [px, py] = [left + x * scale, top + y * scale];
        if (ring === undefined) context.lineTo(px, py);
        else context.arc(px, py, Math.max(1.5, ring * scale), 0, 2 * Math.PI);
      }
      if (closed) context.closePath();
      context.lineWidth = 3;
      context.strokeStyle = "#000";
      context.setLineDash([]);
      context.stroke();
      context.lineWidth = 1.4;
      context.strokeStyle = "#fff";
      if (ring === undefined) context.setLineDash([6, 4]);
      context.stroke();
    }
  }

  const watched = new ResizeObserver(resize);
  watched.observe(stage);

  return {
    /** What a person reads as the zoom: screen pixels a pixel of the picture has, in per cent. */
    percent: () => Math.round(scale * 100),
    scale: () => scale,
    zoomTo,

    /** @param {number} x @param {number} y CSS pixels */
    move(x, y) {
      left += x;
      top += y;
      settle();
    },

    /** @param {{ clientX: number, clientY: number }} event @returns {Point} where that is on the picture */
    at(event) {
      const edge = stage.getBoundingClientRect();
      return [
        (event.clientX - edge.left - stage.clientLeft - left) / scale,
        (event.clientY - edge.top - stage.clientTop - top) / scale,
      ];
    },

    /** Moves until a box is in sight. @param {Box} box */
    reveal(box) {
      const [x, y] = [left + box.x * scale, top + box.y * scale];
      const [right, bottom] = [x + box.w * scale, y + box.h * scale];
      const across = x < 0 ? -x : Math.min(0, stage.clientWidth - right);
      const down = y < 0 ? -y : Math.min(0, stage.clientHeight - bottom);
      if (across || down) this.move(across, down);
    },

    /** @param {Box | null} box what was painted */
    redraw(box) {
      stale = join(stale, box);
      if (box) draw();
    },

    /** Draws outlines, in pixels of the picture, in place of those before. @param {typeof shapes} next */
    outline(next) {
      shapes = next;
      draw();
    },

    /** @param {ImageBitmap} next */
    show(next) {
      picture?.close();
      picture = next;
      all = true;
      draw();
    },

    close() {
      watched.disconnect();
      cancelAnimationFrame(frame);
      picture?.close();
    },
  };
}
