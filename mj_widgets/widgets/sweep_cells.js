// @ts-check
// One cell of the table: its picture with its marks, or what has become of it in words.

/** A sign and a name for each state, so that colour is not all that tells them apart. */
const SIGNS = /** @type {Record<string, [string, string]>} */ ({
  waiting: ["○", "Waiting"],
  running: ["◔", "Running"],
  done: ["✓", "Done"],
  moderated: ["⊘", "Moderated"],
  rejected: ["✕", "Rejected"],
  "timed out": ["⧖", "Timed out"],
  unconfirmed: ["?", "Not confirmed"],
  "over the cap": ["∑", "Over the cap"],
  skipped: ["–", "Skipped"],
  deleted: ["⌫", "Deleted"],
});
const FAILED = ["moderated", "rejected", "timed out", "unconfirmed"];

/** @typedef {{ cell: number, state: string, label: Label | undefined, progress: number | null, url: string, name: string,
 *   caption: string, tile: number, focus: boolean }} Sight */

/** @param {number} column */
function makeCell(column) {
  const node = make("div", "mj-cell", { role: "gridcell", "aria-colindex": String(column + 2) });
  const image = make("img", "mj-cell-picture", { alt: "", draggable: "false" });
  const said = make("div", "mj-cell-said", { "aria-hidden": "true" });
  const state = make("b", "");
  const words = make("span", "");
  const bar = make("div", "mj-cell-bar");
  const fill = make("span", "mj-fill");
  const caption = make("span", "mj-cell-caption", { "aria-hidden": "true" });
  const badge = make("span", "mj-number", { "aria-hidden": "true" });
  bar.append(fill);
  said.append(state, words, bar);
  node.append(image, said, caption, badge);
  return { node, image, said, state, words, bar, fill, caption, badge, shown: "" };
}

/** @param {ReturnType<typeof makeCell>} made @param {Sight} sight */
function showCell(made, { cell, state, label, progress, url, name, caption, tile, focus }) {
  const { node, image } = made;
  node.tabIndex = focus ? 0 : -1;
  const stars = label?.marks.stars[tile] ?? 0;
  const heart = label?.marks.hearts.includes(tile) ?? false;
  const key = JSON.stringify([cell, state, label?.byte, label?.id, progress, url, name, caption, tile]);
  if (key === made.shown) return;
  made.shown = key;
  const pictured = state === "done" && Boolean(label?.tiles);
  node.classList.toggle("mj-tile", pictured); // the lightbox hears its keys
  node.classList.toggle("mj-cell-none", cell < 0);
  node.classList.toggle("mj-cell-failed", FAILED.includes(state));
  Object.assign(node.dataset, { cell: String(cell), state, id: label?.id ?? "", tile: String(label?.tiles === 1 ? 0 : tile) });
  if (image.getAttribute("src") !== url) {
    if (url) image.src = url;
    else image.removeAttribute("src");
  }
  image.hidden = !url;
  made.said.hidden = Boolean(url);
  const [sign, said] = cell < 0 ? ["", "Not in the design"] : (SIGNS[state] ?? ["", state]);
  const loading = pictured || state === "done";
  made.state.textContent = loading && !label?.words ? "" : `${sign} ${said}`.trim();
  made.words.textContent = label?.words ?? "";
  made.bar.hidden = state !== "running";
  made.bar.classList.toggle("mj-unknown", progress === null);
  made.fill.style.width = progress === null ? "" : `${progress}%`;
  if (state === "running" && progress !== null) made.state.textContent = progress < 100 ? `${sign} ${progress} %` : `${sign} Fetching`;
  made.caption.textContent = caption;
  made.caption.hidden = !caption;
  showMarks(node, pictured ? stars : 0, pictured && heart);
  node.title = [name, said, label?.words].filter(Boolean).join("\n");
  const marks = `${stars ? `, rated ${stars} of 5` : ""}${heart ? ", favourite" : ""}`;
  const far = state === "running" && progress !== null ? ` ${progress} %` : "";
  node.setAttribute("aria-label", [name, `${said}${far}${marks}`, label?.words].filter(Boolean).join(". "));
}
