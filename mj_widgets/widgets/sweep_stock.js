// @ts-check
// The words and thumbnails of a sweep's cells: those that are here, and how the others are come by. They are asked for a few at
// a time; what has left the sight before its turn is not asked for.

const BATCH = 24; // thumbnails asked for at once
const KEPT = 600; // thumbnails that stay when they are out of sight

/**
 * @typedef {{ cell: number, id: string, prompt: string, words: string, tiles: number, byte: number,
 *   marks: { stars: Record<string, number>, hearts: number[] } }} Label
 */

/**
 * @param {ReturnType<typeof asker>} asking
 * @param {(cell: number) => number} byte what has become of a cell: when it changes, the cell is asked about again
 * @param {(cell: number) => boolean} pictured whether a cell may have a picture
 * @param {(error: string) => void} came is called when something came, or could not be given
 */
function stock(asking, byte, pictured, came) {
  /** @type {Map<number, Label>} */
  const labels = new Map();
  /** @type {Map<string, string>} the addresses of thumbnails by cell and tile, the latest used last */
  const thumbnails = new Map();
  /** @type {Map<string, number>} what could not be given, with the byte that it had */
  const lost = new Map();
  let asked = false;
  const key = (/** @type {number} */ cell, /** @type {number} */ tile) => `${cell} ${tile}`;

  /** @param {number} cell */
  function drop(cell) {
    for (let tile = 0; tile <= 4; tile += 1) {
      const url = thumbnails.get(key(cell, tile));
      if (url) URL.revokeObjectURL(url);
      thumbnails.delete(key(cell, tile));
    }
  }

  /** @param {any} answer @param {DataView | null} content @param {Map<number, number>} bytes */
  function take(answer, content, bytes) {
    for (const label of answer.cells) {
      const before = labels.get(label.cell);
      if (before && before.id !== label.id) drop(label.cell);
      labels.set(label.cell, { ...label, byte: bytes.get(label.cell) });
    }
    let start = 0;
    answer.pictures.forEach((/** @type {[number, number]} */ [cell, tile], /** @type {number} */ place) => {
      const length = answer.sizes[place];
      const part = content && new Uint8Array(content.buffer, content.byteOffset + start, length);
      start += length;
      if (part?.length) thumbnails.set(key(cell, tile), URL.createObjectURL(new Blob([/** @type {any} */ (part)])));
      else lost.set(key(cell, tile), bytes.get(cell) ?? -1);
    });
  }

  return {
    /** @param {number} cell */
    label: (cell) => labels.get(cell),
    /** The address of a thumbnail that is here. @param {number} cell @param {number} tile */
    thumbnail(cell, tile) {
      const url = thumbnails.get(key(cell, tile)) ?? "";
      if (url) {
        thumbnails.delete(key(cell, tile));
        thumbnails.set(key(cell, tile), url);
      }
      return url;
    },
    /** Ask for what is missing of these, and say whether anything is. @param {number[]} wanted @param {number} tile @param {boolean} now */
    want(wanted, tile, now) {
      const unknown = wanted.filter((cell) => labels.get(cell)?.byte !== byte(cell));
      const missing = wanted.filter(
        (cell) => pictured(cell) && !thumbnails.has(key(cell, tile)) && lost.get(key(cell, tile)) !== byte(cell),
      );
      const waits = unknown.length > 0 || missing.length > 0;
      if (!waits || !now || asked) return waits;
      asked = true;
      const bytes = new Map(wanted.map((cell) => [cell, byte(cell)]));
      const pictures = missing.slice(0, BATCH).map((cell) => [cell, tile]);
      asking.ask({ cells: unknown, pictures }, (content, error, answer) => {
        asked = false;
        if (!error) take(answer, content, bytes);
        came(error);
      });
      return waits;
    },
    /** Let go of what was not used for long: the latest used is what is in sight. */
    forget() {
      for (const [each, url] of thumbnails) {
        if (thumbnails.size <= KEPT) return;
        URL.revokeObjectURL(url);
        thumbnails.delete(each);
      }
    },
    close() {
      for (const url of thumbnails.values()) URL.revokeObjectURL(url);
    },
  };
}
