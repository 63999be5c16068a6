// @ts-check
// The pixels of a mask, a byte each, 0 or 1: a pixel is painted when its centre is. A canvas would paint some by halves.

/** @typedef {{ x: number, y: number, w: number, h: number }} Box a rectangle of whole pixels */
/** @typedef {[number, number]} Point on the picture, in pixels, with fractions */

const PACKED = 32 * 2 ** 20; // bytes of undo history
const STEPS = 500;

/** @param {Box | null} a @param {Box | null} b @returns {Box | null} what holds both */
function join(a, b) {
  if (!a || !b) return a ?? b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, w: Math.max(a.x + a.w, b.x + b.w) - x, h: Math.max(a.y + a.h, b.y + b.h) - y };
}

/** @param {Uint8Array} pixels @param {number} width @param {Box} box */
function cut(pixels, width, { x, y, w, h }) {
  if (w === width) return pixels.slice(y * width, (y + h) * width);
  const part = new Uint8Array(w * h);
  for (let row = 0; row < h; row += 1) part.set(pixels.subarray((y + row) * width + x, (y + row) * width + x + w), row * w);
  return part;
}

/** @param {Uint8Array} pixels @param {number} width @param {Box} box @param {Uint8Array} part */
function paste(pixels, width, { x, y, w, h }, part) {
  for (let row = 0; row < h; row += 1) pixels.set(part.subarray(row * w, (row + 1) * w), (y + row) * width + x);
}

/**
 * Writes pixels as the lengths of their runs, or where there are too many of those, as bits. Nothing painted is nothing.
 * Python reads and writes the same (mask.py).
 * @param {Uint8Array} pixels
 */
function pack(pixels) {
  const most = pixels.length / 32;
  const runs = [];
  for (let at = 0, value = 0; at < pixels.length && runs.length <= most; value ^= 1) {
    const found = pixels.indexOf(value ^ 1, at);
    const end = found < 0 ? pixels.length : found;
    runs.push(end - at);
    at = end;
  }
  if (runs.length === 1 && runs[0] === pixels.length) return new Uint8Array(0);
  if (runs.length <= most) {
    const bytes = new Uint8Array(4 + 4 * runs.length);
    bytes.set(new TextEncoder().encode("runs"));
    new Uint32Array(bytes.buffer, 4).set(runs);
    return bytes;
  }
  const bytes = new Uint8Array(4 + Math.ceil(pixels.length / 8));
  bytes.set(new TextEncoder().encode("bits"));
  for (let at = 0; at < pixels.length; at += 1) bytes[4 + (at >> 3)] |= pixels[at] << (7 - (at & 7));
  return bytes;
}

/** @param {Uint8Array} bytes @param {number} size */
function unpack(bytes, size) {
  const pixels = new Uint8Array(size);
  if (!bytes.length) return pixels;
  if (bytes[0] === "b".charCodeAt(0)) {
    for (let at = 0; at < size; at += 1) pixels[at] = (bytes[4 + (at >> 3)] >> (7 - (at & 7))) & 1;
    return pixels;
  }
  const runs = new Uint32Array(bytes.slice(4).buffer);
  for (let index = 0, at = 0; index < runs.length; at += runs[index], index += 1) {
    if (index % 2) pixels.fill(1, at, at + runs[index]);
  }
  return pixels;
}

/** The pixels of one mask, and how they became so. @param {number} width @param {number} height */
function raster(width, height) {
  const pixels = new Uint8Array(width * height);
  const before = new Uint8Array(width * height); // as they were when the last step was done
  const whole = { x: 0, y: 0, w: width, h: height };
  /** @typedef {{ box: Box, old: Uint8Array, now: Uint8Array }} Step */
  /** @type {Step[]} */
  let done = [];
  /** @type {Step[]} */
  let undone = [];

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom @returns {Box | null} */
  function within(left, top, right, bottom) {
    const x = Math.max(0, Math.floor(left));
    const y = Math.max(0, Math.floor(top));
    const w = Math.min(width, Math.ceil(right)) - x;
    const h = Math.min(height, Math.ceil(bottom)) - y;
    return w > 0 && h > 0 ? { x, y, w, h } : null;
  }

  /** Paints the pixels of a row whose centres lie from `low` to `high`. */
  function span(/** @type {number} */ y, /** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ value) {
    const from = Math.max(0, Math.ceil(low - 0.5));
    const to = Math.min(width - 1, Math.floor(high - 0.5));
    if (from <= to) pixels.fill(value, y * width + from, y * width + to + 1);
  }

  return {
    width,
    height,
    pixels,
    whole,

    /** Draws a line with round ends. @param {Point} a @param {Point} b @param {number} radius @param {number} value */
    line(a, b, radius, value) {
      const r = Math.max(0.5, radius);
      const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
      const [across, along] = length ? [((a[1] - b[1]) / length) * r, ((b[0] - a[0]) / length) * r] : [0, 0];
      const corners = [
        [a[0] + across, a[1] + along], [b[0] + across, b[1] + along],
        [b[0] - across, b[1] - along], [a[0] - across, a[1] - along],
      ];
      const [left, right] = [Math.min(a[0], b[0]) - r, Math.max(a[0], b[0]) + r];
      const box = within(left, Math.min(a[1], b[1]) - r, right, Math.max(a[1], b[1]) + r);
      if (!box) return null;
      for (let y = box.y; y < box.y + box.h; y += 1) {
        const middle = y + 0.5;
        let low = Infinity;
        let high = -Infinity;
        for (const end of [a, b]) {
          const half = Math.sqrt(r * r - (middle - end[1]) ** 2);
          if (!(half >= 0)) continue;
          low = Math.min(low, end[0] - half);
          high = Math.max(high, end[0] + half);
        }
        for (let index = 0; length && index < 4; index += 1) {
          const [from, to] = [corners[index], corners[(index + 1) % 4]];
          if (from[1] <= middle === to[1] <= middle) continue;
          const x = from[0] + ((middle - from[1]) / (to[1] - from[1])) * (to[0] - from[0]);
          low = Math.min(low, x);
          high = Math.max(high, x);
        }
        span(y, low, high, value);
      }
      const [x, y] = [Math.floor(b[0]), Math.floor(b[1])]; // the finest brush paints the pixel that is pointed at
      if (x >= 0 && y >= 0 && x < width && y < height) pixels[y * width + x] = value;
      return box;
    },

    /** Fills what a line goes around. @param {Point[]} points @param {number} value */
    area(points, value) {
      const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
      const least = (/** @type {number[]} */ all) => all.reduce((a, b) => Math.min(a, b), Infinity);
      const most = (/** @type {number[]} */ all) => all.reduce((a, b) => Math.max(a, b), -Infinity);
      const box = within(least(xs), least(ys), most(xs), most(ys));
      if (!box) return null;
      for (let y = box.y; y < box.y + box.h; y += 1) {
        const middle = y + 0.5;
        /** @type {[number, number][]} */
        const crossed = [];
        for (let index = 0; index < points.length; index += 1) {
          const [from, to] = [points[index], points[(index + 1) % points.length]];
          if (from[1] <= middle === to[1] <= middle) continue;
          const x = from[0] + ((middle - from[1]) / (to[1] - from[1])) * (to[0] - from[0]);
          crossed.push([x, from[1] <= middle ? 1 : -1]);
        }
        crossed.sort((one, other) => one[0] - other[0]);
        for (let index = 0, turns = 0; index + 1 < crossed.length; index += 1) {
          turns += crossed[index][1];
          if (turns) span(y, crossed[index][0], crossed[index + 1][0], value);
        }
      }
      return box;
    },

    /**
     * Fills a rectangle between two corners: every pixel that it touches.
     * @param {Point} a @param {Point} b @param {number} value
     */
    rectangle(a, b, value) {
      const box = within(Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1]));
      if (!box) return null;
      for (let y = box.y; y < box.y + box.h; y += 1) pixels.fill(value, y * width + box.x, y * width + box.x + box.w);
      return box;
    },

    /** @param {number} value */
    fill(value) {
      pixels.fill(value);
      return whole;
    },

    invert() {
      for (let at = 0; at < pixels.length; at += 1) pixels[at] ^= 1;
      return whole;
    },

    /** @param {Uint8Array} bytes */
    load(bytes) {
      pixels.set(unpack(bytes, pixels.length));
      return whole;
    },

    /** Makes one step of what was painted in a box; false when nothing is another. @param {Box | null} box */
    step(box) {
      if (!box) return false;
      const [old, now] = [cut(before, width, box), cut(pixels, width, box)];
      if (!old.some((value, at) => value !== now[at])) return false;
      paste(before, width, box, now);
      done.push({ box, old: pack(old), now: pack(now) });
      undone = [];
      for (let kept = 0, index = done.length - 1; index >= 0; index -= 1) {
        kept += done[index].old.length + done[index].now.length;
        if (kept > PACKED || done.length - index > STEPS) {
          done = done.slice(index + 1);
          break;
        }
      }
      return true;
    },

    /** Begins anew: what is there now is where undoing ends. */
    settle() {
      before.set(pixels);
      done = [];
      undone = [];
    },

    /** Takes back what was painted since the last step. @param {Box | null} box */
    cancel(box) {
      if (box) paste(pixels, width, box, cut(before, width, box));
    },

    /** @param {boolean} again undo, or do again @returns {Box | null} what has changed */
    travel(again) {
      const found = (again ? undone : done).pop();
      if (!found) return null;
      (again ? done : undone).push(found);
      const part = unpack(again ? found.now : found.old, found.box.w * found.box.h);
      paste(pixels, width, found.box, part);
      paste(before, width, found.box, part);
      return found.box;
    },

    canTravel: (/** @type {boolean} */ again) => (again ? undone : done).length > 0,

    /** How many pixels are painted. */
    count() {
      let sum = 0;
      for (let at = 0; at < pixels.length; at += 1) sum += pixels[at];
      return sum;
    },
  };
}
