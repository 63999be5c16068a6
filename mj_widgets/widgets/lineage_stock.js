// @ts-check
// The words and thumbnails of a lineage's nodes: those that are here, and how the others are come by. They are asked for a few
// at a time, nearest first; what has left the sight before its turn is not asked for.

const BATCH = 12; // thumbnails asked for at once
const KEPT = 300; // thumbnails that stay when they are out of sight

/**
 * @param {ReturnType<typeof asker>} asking
 * @param {(node: number) => number} byte what has become of a node: when it changes, the node is asked about again
 * @param {(error: string) => void} came is called when something came, or could not be given
 */
function stock(asking, byte, came) {
  /** @type {Map<number, Label & { byte: number }>} */
  const labels = new Map();
  /** @type {Map<number, string>} the addresses of thumbnails, the latest used last */
  const thumbnails = new Map();
  /** @type {Map<number, number>} what could not be given, with the byte that it had */
  const lost = new Map();
  let asked = false;

  /** @param {any} answer @param {DataView | null} content @param {Map<number, number>} bytes */
  function take(answer, content, bytes) {
    for (const label of answer.nodes) labels.set(label.node, { ...label, byte: bytes.get(label.node) });
    let start = 0;
    answer.pictures.forEach((/** @type {number} */ node, /** @type {number} */ place) => {
      const length = answer.sizes[place];
      const part = content && new Uint8Array(content.buffer, content.byteOffset + start, length);
      start += length;
      if (part?.length) thumbnails.set(node, URL.createObjectURL(new Blob([/** @type {any} */ (part)])));
      else lost.set(node, bytes.get(node) ?? NOBODY);
    });
  }

  return {
    /** @param {number} node */
    label: (node) => labels.get(node),
    /** The address of a thumbnail that is here. @param {number} node */
    thumbnail(node) {
      const url = thumbnails.get(node) ?? "";
      if (url) {
        thumbnails.delete(node);
        thumbnails.set(node, url);
      }
      return url;
    },
    /** Ask for what is missing of these, and say whether anything is. @param {number[]} wanted @param {boolean} now */
    want(wanted, now) {
      const unknown = wanted.filter((node) => labels.get(node)?.byte !== byte(node));
      const missing = wanted.filter(
        (node) => told(byte(node)).pictured && !thumbnails.has(node) && lost.get(node) !== byte(node),
      );
      const waits = unknown.length > 0 || missing.length > 0;
      if (!waits || !now || asked) return waits;
      asked = true;
      const bytes = new Map(wanted.map((node) => [node, byte(node)]));
      asking.ask({ nodes: unknown, pictures: missing.slice(0, BATCH) }, (content, error, answer) => {
        asked = false;
        if (!error) take(answer, content, bytes);
        came(error);
      });
      return waits;
    },
    /** Let go of what was not used for long. @param {Set<number>} shown */
    forget(shown) {
      for (const [node, url] of thumbnails) {
        if (thumbnails.size <= KEPT) return;
        if (shown.has(node)) continue;
        URL.revokeObjectURL(url);
        thumbnails.delete(node);
      }
    },
    close() {
      for (const url of thumbnails.values()) URL.revokeObjectURL(url);
    },
  };
}
