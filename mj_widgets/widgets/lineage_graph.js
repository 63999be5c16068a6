// @ts-check
// Who stands where in a lineage, and what is near what. Nothing here draws.

const [EDGE, WIDE, TALL, COLUMN, ROW, MARGIN] = [108, 96, 72, 228, 92, 16]; // pixels at zoom 1
const NOBODY = -1; // in place of a node, or of a root's parent; as in nodes.py

/** @typedef {ReturnType<typeof read>} Graph */

/** Unpack who stands where. @param {DataView} bytes */
function read(bytes) {
  const numbers = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const count = numbers.length / 3;
  const parent = numbers.subarray(0, count);
  const column = numbers.subarray(count, 2 * count);
  const row = numbers.subarray(2 * count);
  /** @type {number[]} those in sight of a fully opened window, as one reads */
  const shown = [];
  for (let node = 0; node < count; node += 1) if (row[node] >= 0) shown.push(node);
  shown.sort((a, b) => row[a] - row[b] || column[a] - column[b]);
  /** @type {number[][]} each from top to bottom */
  const columns = [];
  /** @type {Map<number, number[]>} the children; of `NOBODY`, the roots */
  const children = new Map();
  for (const node of shown) {
    (columns[column[node]] ??= []).push(node);
    const siblings = children.get(parent[node]);
    if (siblings) siblings.push(node);
    else children.set(parent[node], [node]);
  }
  /** @type {Map<number, number>} how many a folded node hides */
  const hidden = new Map();
  for (let node = 0; node < count; node += 1) {
    if (row[node] >= 0 || parent[node] < 0) continue;
    let above = parent[node];
    while (row[above] < 0) above = parent[above];
    hidden.set(above, (hidden.get(above) ?? 0) + 1);
  }
  const rows = shown.length ? row[shown[shown.length - 1]] + 1 : 0;
  return {
    parent, column, row, shown, columns, children, hidden,
    width: 2 * MARGIN + columns.length * COLUMN,
    height: 2 * MARGIN + rows * ROW - (ROW - TALL),
    has: (/** @type {number} */ node) => node >= 0 && node < count && row[node] >= 0,
    x: (/** @type {number} */ node) => MARGIN + column[node] * COLUMN,
    y: (/** @type {number} */ node) => MARGIN + row[node] * ROW,
  };
}

/** The place of the first that stands in this row or below it. @param {Graph} graph @param {number[]} nodes @param {number} row */
function firstFrom(graph, nodes, row) {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (graph.row[nodes[middle]] < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * What stands in a window, and the parents whose children's common line passes through it.
 * @param {Graph} graph @param {{ left: number, top: number, right: number, bottom: number }} box
 */
function within(graph, box) {
  const nodes = [];
  const trunks = [];
  const [first, last] = [Math.floor((box.top - MARGIN - TALL) / ROW), Math.floor((box.bottom - MARGIN) / ROW)];
  const until = Math.min(graph.columns.length - 1, Math.floor((box.right - MARGIN) / COLUMN));
  for (let column = Math.max(0, Math.floor((box.left - MARGIN) / COLUMN) - 1); column <= until; column += 1) {
    const all = graph.columns[column];
    const start = firstFrom(graph, all, first);
    // The lines of one column do not overlap: at most the last one above the window reaches into it.
    for (let place = Math.max(0, start - 1); place < all.length && graph.row[all[place]] <= last; place += 1) {
      const born = graph.children.get(all[place]);
      if (born && born.length > 1 && graph.row[born[born.length - 1]] >= first) trunks.push(all[place]);
      if (place >= start) nodes.push(all[place]);
    }
  }
  return { nodes: nodes.sort((a, b) => graph.row[a] - graph.row[b] || graph.column[a] - graph.column[b]), trunks };
}

/** The one straight above or below, or the nearest to the left of that. @param {Graph} graph @param {number} node @param {1 | -1} way */
function beyond(graph, node, way) {
  let found = node;
  for (let column = 0; column <= graph.column[node]; column += 1) {
    const all = graph.columns[column];
    const place = way > 0 ? firstFrom(graph, all, graph.row[node] + 1) : firstFrom(graph, all, graph.row[node]) - 1;
    const other = all[place];
    if (other === undefined) continue;
    if (found === node || way * (graph.row[other] - graph.row[found]) <= 0) found = other;
  }
  return found;
}

/** As many rows up or down, or nearly. @param {Graph} graph @param {number} node @param {1 | -1} way @param {number} rows */
function leap(graph, node, way, rows) {
  const goal = graph.row[node] + way * Math.max(1, rows);
  let found = node;
  for (let next = beyond(graph, found, way); next !== found && way * (graph.row[found] - goal) < 0; ) {
    found = next;
    next = beyond(graph, found, way);
  }
  return found;
}

/** Everything from the root to a node. @param {Graph} graph @param {number} node */
function wayTo(graph, node) {
  const way = new Set();
  for (let each = node; each >= 0; each = graph.parent[each]) way.add(each);
  return way;
}
