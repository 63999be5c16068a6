// @ts-check
// The rows, cells and headers that are in sight; what has left it is taken away.

const GAP = 4; // pixels between two cells
const HEAD = 38; // pixels of the column headers

/** @typedef {{ from: number, to: number }} Span */
/** @typedef {{ wide: number, tall: number, left: number }} Size of a cell with its gap, and of the row headers */

/**
 * @param {HTMLElement} plane @param {HTMLElement} heads @param {HTMLElement} corner
 * @param {(cell: ReturnType<typeof makeCell>, row: number, column: number) => void} show
 */
function painter(plane, heads, corner, show) {
  /** @type {Map<number, { node: HTMLElement, head: HTMLElement, cells: Map<number, ReturnType<typeof makeCell>> }>} */
  const rows = new Map();
  /** @type {Map<number, HTMLElement>} */
  const columns = new Map();

  /** @param {Layout} layout @param {Span} across @param {Size} size */
  function paintHeads(layout, across, { wide, left }) {
    const axes = [layout.y && `${layout.y.name} ↓`, layout.x && `${layout.x.name} →`].filter(Boolean).join("  ");
    if (corner.textContent !== axes) corner.textContent = axes;
    corner.title = axes;
    const { slots } = layout;
    const [from, to] = [Math.floor(across.from / slots), Math.ceil(across.to / slots)];
    for (const [place, node] of columns) {
      if (place >= from && place < to) continue;
      node.remove();
      columns.delete(place);
    }
    for (let place = from; place < to; place += 1) {
      const node = columns.get(place) ?? make("div", "mj-sweep-column", { role: "columnheader" });
      if (!columns.has(place)) heads.append(node);
      columns.set(place, node);
      node.setAttribute("aria-colindex", String(place * slots + 2));
      if (slots > 1) node.setAttribute("aria-colspan", String(slots));
      else node.removeAttribute("aria-colspan");
      node.style.left = `${left + place * slots * wide}px`;
      node.style.width = `${slots * wide - GAP}px`;
      showHead(node, layout.x, layout.columns[place]);
    }
  }

  /** @param {HTMLElement} node @param {Axis | null} axis @param {number} value */
  function showHead(node, axis, value) {
    const text = axis ? axis.labels[value] || "none" : "";
    const note = axis?.notes[value] ?? "";
    const key = `${text}\n${note}`;
    if (node.dataset.key === key) return;
    node.dataset.key = key;
    const inner = make("span", "mj-sweep-label", { dir: "auto" });
    inner.textContent = text;
    node.replaceChildren(inner);
    node.title = note ? `${text}: ${note}` : text;
    node.classList.toggle("mj-sweep-noted", Boolean(note));
    if (note) node.setAttribute("aria-description", note);
    else node.removeAttribute("aria-description");
  }

  /** @param {Layout} layout @param {[number, number]} here @param {Span} down @param {Span} across @param {Size} size */
  function paintRows(layout, here, down, across, size) {
    const wanted = new Set([here[0]]); // what has the focus is always there
    for (let row = down.from; row < down.to; row += 1) wanted.add(row);
    for (const [row, { node }] of rows) {
      if (wanted.has(row) && row < layout.rows.length) continue;
      node.remove();
      rows.delete(row);
    }
    for (const row of wanted) if (row < layout.rows.length) paintRow(layout, here, row, across, size);
  }

  /** @param {Layout} layout @param {[number, number]} here @param {number} row @param {Span} across @param {Size} size */
  function paintRow(layout, here, row, across, { wide, tall, left }) {
    let made = rows.get(row);
    if (!made) {
      const node = make("div", "mj-sweep-row", { role: "row", "aria-rowindex": String(row + 2) });
      const head = make("div", "mj-sweep-rowhead", { role: "rowheader", "aria-colindex": "1" });
      node.append(head);
      made = { node, head, cells: new Map() };
      rows.set(row, made);
      const after = [...rows.keys()].filter((each) => each > row).sort((a, b) => a - b)[0];
      plane.insertBefore(node, after === undefined ? null : /** @type {any} */ (rows.get(after)).node);
    }
    made.node.style.top = `${HEAD + row * tall}px`;
    showHead(made.head, layout.y, layout.rows[row]);
    const wanted = new Set(row === here[0] ? [here[1]] : []);
    for (let column = across.from; column < across.to; column += 1) wanted.add(column);
    for (const [column, { node }] of made.cells) {
      if (wanted.has(column) && column < layout.width) continue;
      node.remove();
      made.cells.delete(column);
    }
    for (const column of [...wanted].sort((a, b) => a - b)) {
      if (column >= layout.width) continue;
      const one = made.cells.get(column) ?? makeCell(column);
      if (!made.cells.has(column)) {
        const after = [...made.cells.keys()].filter((each) => each > column).sort((a, b) => a - b)[0];
        made.node.insertBefore(one.node, after === undefined ? null : /** @type {any} */ (made.cells.get(after)).node);
        made.cells.set(column, one);
      }
      one.node.style.left = `${left + column * wide}px`;
      show(one, row, column);
    }
  }

  return {
    paintHeads,
    paintRows,
    /** @param {number} row @param {number} column */
    node: (row, column) => rows.get(row)?.cells.get(column)?.node,
  };
}
