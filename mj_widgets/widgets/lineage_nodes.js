// @ts-check
// One node of a lineage: its picture, its signs, and the edge that leads to it.

const [LIKED, PICTURE, STARS] = [3, 4, 5]; // bits of a node's byte, as in nodes.py
const RUNNING = 1;

/** By status, as in nodes.py: what is said, and a sign that does not need its colour. */
const STATUSES = [
  ["Waiting", "…"], ["Drawing", "✎"], ["", ""], ["Failed", "✕"], ["Not confirmed", "?"], ["Stopped", "■"], ["Deleted", "⌫"],
];

/** @typedef {{ node: number, id: string, step: string, prompt: string, diff: string[], note: string }} Label */

/** The words of a prompt, and its parameters. @param {string} prompt */
function parted(prompt) {
  const at = prompt.search(/(?<!\S)--\S/);
  return at < 0 ? [prompt, ""] : [prompt.slice(0, at).trimEnd(), prompt.slice(at)];
}

/** A text of an element, set only where it is another. @param {HTMLElement} node @param {string} text */
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = !text;
}

/** What has become of a node, from its byte, which is `NOBODY` where it has not come yet. @param {number} byte */
function told(byte) {
  const known = Math.max(0, byte);
  const [word, sign] = STATUSES[known & 7];
  return {
    status: known & 7, word, sign,
    failed: word !== "" && (known & 7) > RUNNING,
    running: (known & 7) === RUNNING,
    liked: ((known >> LIKED) & 1) === 1,
    pictured: ((known >> PICTURE) & 1) === 1,
    stars: known >> STARS,
  };
}

/** @param {string} id @param {number} node */
function makeNode(id, node) {
  const item = make("div", "mj-node", { role: "treeitem", id, "data-node": String(node) });
  const from = make("span", "mj-node-from", { "aria-hidden": "true" });
  const [says, flags] = [make("bdi", "mj-node-says"), make("bdi", "mj-node-flags")];
  const [step, diff] = [make("bdi", "mj-node-step"), make("bdi", "mj-node-diff")];
  from.append(says, flags, step, diff);
  const thumb = make("span", "mj-node-thumb", { "aria-hidden": "true" });
  const image = make("img", "", { alt: "", draggable: "false" });
  const [sign, marks, meter] = [make("span", "mj-node-sign"), make("span", "mj-node-stars"), make("span", "mj-node-meter")];
  thumb.append(image, sign, marks, meter);
  const fold = make("button", "mj-node-fold", { type: "button", tabindex: "-1" });
  const hides = make("span", "");
  fold.append(hides);
  item.append(from, thumb, fold, make("span", "mj-node-on", { "aria-hidden": "true" }));
  return { item, says, flags, step, diff, image, sign, marks, meter, fold, hides };
}

/**
 * @param {ReturnType<typeof makeNode>} made @param {number} node @param {Graph} graph
 * @param {{ byte: number, label: Label | undefined, progress: number | null, url: string, at: number, onWay: boolean }} what
 */
function showNode(made, node, graph, { byte, label, progress, url, at, onWay }) {
  const { item } = made;
  const now = told(byte);
  const siblings = graph.children.get(graph.parent[node]) ?? [];
  const hides = graph.hidden.get(node) ?? 0;
  const open = graph.children.has(node);
  const root = graph.parent[node] < 0;
  const running = now.running && progress !== null ? `${progress} %` : now.word;

  item.style.translate = `${graph.x(node)}px ${graph.y(node)}px`;
  item.dataset.status = String(now.status);
  for (const [name, on] of /** @type {[string, boolean][]} */ ([
    ["root", root], ["straight", siblings[0] === node], ["on-way", onWay], ["open", open], ["folded", hides > 0],
  ])) item.classList.toggle(`mj-node-${name}`, on);
  item.setAttribute("aria-level", String(graph.column[node] + 1));
  item.setAttribute("aria-setsize", String(siblings.length));
  item.setAttribute("aria-posinset", String(siblings.indexOf(node) + 1));
  item.setAttribute("aria-selected", String(node === at));
  if (open || hides) item.setAttribute("aria-expanded", String(open));
  else item.removeAttribute("aria-expanded");
  const name = [
    label?.step, label?.prompt ?? "…", running, now.stars && `${now.stars} of 5 stars`, now.liked && "favourite",
    hides && `${hides} hidden`,
  ];
  item.setAttribute("aria-label", name.filter(Boolean).join(", "));
  item.title = [label?.prompt, ...(label?.diff ?? []), label?.note].filter(Boolean).join("\n");

  const [says, flags] = parted(label?.prompt ?? "");
  say(made.says, root ? says : "");
  say(made.flags, root ? flags : "");
  say(made.step, root ? "" : (label?.step ?? ""));
  say(made.diff, root ? "" : (label?.diff.slice(0, 3).join(" · ") ?? ""));
  say(made.sign, now.word && `${now.sign} ${running}`);
  say(made.marks, [now.stars && `★ ${now.stars}`, now.liked && "♥"].filter(Boolean).join(" "));
  made.meter.hidden = !now.running;
  made.meter.classList.toggle("mj-kin-unknown", progress === null);
  made.meter.style.setProperty("--mj-done", `${progress ?? 0}%`);
  made.fold.hidden = !(open || hides);
  const fold = hides ? `Show ${hides} hidden` : "Collapse this branch";
  made.fold.setAttribute("aria-label", fold);
  made.fold.title = `${fold} (space)`;
  say(made.hides, hides ? `+${hides}` : "−");
  if (url && made.image.src !== url) made.image.src = url;
  made.image.hidden = !url;
}
