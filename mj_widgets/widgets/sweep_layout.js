// @ts-check
// Where each cell of a sweep stands: which axis lies where, what is left to the sliders, what is hidden.

const ALL = -1; // in place of a value: all of them, side by side

/**
 * @typedef {{ name: string, labels: string[], notes: string[] }} Axis
 * @typedef {{ x: string, y: string, picks: Record<string, number>, hidden: Record<string, number[]>, tile: number, size: string }} View
 * @typedef {{ axes: Axis[], count: number, place(axis: number, cell: number): number }} Design
 * @typedef {{ columns: number[], rows: number[], slots: number, width: number, where: Map<number, [number, number]>,
 *   at(row: number, column: number): number, x: Axis | null, y: Axis | null }} Layout
 */

/** @param {Model} model @returns {Design} */
function readDesign(model) {
  const { axes, cells, wide } = model.get("state");
  /** @type {DataView} */
  const bytes = model.get("places");
  return {
    axes,
    count: cells,
    place(axis, cell) {
      const at = (axis * cells + cell) * wide;
      return wide === 2 ? bytes.getUint16(at, true) : bytes.getUint32(at, true);
    },
  };
}

/** The values of an axis that are not hidden. @param {Axis | null} axis @param {View} view @returns {number[]} */
function visible(axis, view) {
  if (!axis) return [0];
  const hidden = new Set(view.hidden[axis.name] ?? []);
  return axis.labels.map((_, place) => place).filter((place) => !hidden.has(place));
}

/** The axes that lie neither on X nor on Y, and have a choice. @param {Design} design @param {View} view */
function others({ axes }, view) {
  return axes.filter(({ name, labels }) => name !== view.x && name !== view.y && labels.length > 1);
}

/** @param {Design} design @param {View} view @returns {Layout} */
function arrange(design, view) {
  const find = (/** @type {string} */ name) => design.axes.findIndex((axis) => axis.name === name);
  const [x, y] = [find(view.x), find(view.y)];
  const [across, down] = [design.axes[x] ?? null, design.axes[y] ?? null];
  const [columns, rows] = [visible(across, view), visible(down, view)];
  const columnOf = new Map(columns.map((value, place) => [value, place]));
  const rowOf = new Map(rows.map((value, place) => [value, place]));
  const rest = design.axes.map((axis, index) => ({ axis, index })).filter(({ index }) => index !== x && index !== y);
  const picked = rest.filter(({ axis }) => (view.picks[axis.name] ?? ALL) !== ALL);
  const beside = rest
    .filter(({ axis }) => (view.picks[axis.name] ?? ALL) === ALL && view.hidden[axis.name]?.length)
    .map(({ axis, index }) => ({ index, hidden: new Set(view.hidden[axis.name]) }));
  /** @type {Map<number, number[]>} */
  const stacks = new Map();
  let slots = 1;
  for (let cell = 0; cell < design.count; cell += 1) {
    const column = x < 0 ? 0 : columnOf.get(design.place(x, cell));
    const row = y < 0 ? 0 : rowOf.get(design.place(y, cell));
    if (column === undefined || row === undefined) continue;
    if (picked.some(({ axis, index }) => design.place(index, cell) !== view.picks[axis.name])) continue;
    if (beside.some(({ index, hidden }) => hidden.has(design.place(index, cell)))) continue;
    const key = row * columns.length + column;
    const stack = stacks.get(key);
    if (stack) slots = Math.max(slots, stack.push(cell));
    else stacks.set(key, [cell]);
  }
  /** @type {Map<number, [number, number]>} */
  const where = new Map();
  for (const [key, stack] of stacks) {
    const [row, column] = [Math.floor(key / columns.length), key % columns.length];
    stack.forEach((cell, slot) => where.set(cell, [row, column * slots + slot]));
  }
  const at = (/** @type {number} */ row, /** @type {number} */ place) =>
    stacks.get(row * columns.length + Math.floor(place / slots))?.[place % slots] ?? -1;
  return { columns, rows, slots, width: columns.length * slots, where, at, x: across, y: down };
}

/** What is different between two cells: a text for each axis. @param {Design} design @param {number} from @param {number} to */
function changes(design, from, to) {
  return design.axes.flatMap(({ name, labels }, index) => {
    const [before, after] = [design.place(index, from), design.place(index, to)];
    return before === after ? [] : [`${name}: ${labels[before] || "none"} → ${labels[after] || "none"}`];
  });
}

/** What a cell is called. @param {Design} design @param {number} cell @param {Axis[]} [only] */
function named(design, cell, only = design.axes) {
  return design.axes
    .map((axis, index) => ({ axis, label: axis.labels[design.place(index, cell)] }))
    .filter(({ axis }) => only.includes(axis))
    .map(({ axis, label }) => `${axis.name} ${label || "none"}`)
    .join(", ");
}
