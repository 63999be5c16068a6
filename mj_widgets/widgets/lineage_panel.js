// @ts-check
// What stands below the graph of a lineage: the film from the root to the selected picture, and all about it.

const SETTLED = 60; // ms after which a selected node is asked about, so that one can walk past others

/**
 * @typedef {Label & { facts: string[], tags: string[], remark: string, code: string, script: string,
 *   way: { node: number, step: string }[], left_out: number }} About
 */

/**
 * What stands below the graph: the film from the root to the selected one, and all about it.
 * @param {HTMLElement} panel
 * @param {{ model: Shared, asking: ReturnType<typeof asker>, thumbnail: (node: number) => string, select: (node: number) => void,
 *   seen: () => void }} tools
 */
function makePanel(panel, { model, asking, thumbnail, select, seen }) {
  const film = make("nav", "mj-kin-film", { "aria-label": "From the prompt to the selected picture" });
  const list = make("ol", "");
  film.append(list);
  const body = make("section", "mj-kin-about", { "aria-label": "The selected picture" });
  const image = make("img", "mj-kin-large");
  const words = make("div", "mj-kin-told");
  const [title, prompt, note] = [make("p", "mj-kin-title"), make("p", "mj-kin-asked", { dir: "auto" }), make("p", "mj-kin-noted")];
  const [diff, tags, remark] = [make("p", "mj-kin-changes"), make("p", "mj-kin-changes"), make("p", "mj-kin-remark", { dir: "auto" })];
  const show = make("button", "mj-kin-tool mj-kin-show", { type: "button" });
  show.textContent = "Show in the control";
  const code = made("This step", "mj-kin-code");
  const script = made("The whole branch, as a cell", "mj-kin-code mj-kin-script");
  const spoken = make("p", "mj-kin-aside", { "aria-live": "polite" });
  const lines = make("div", "mj-kin-lines");
  words.append(title, prompt, diff, tags, remark, note, show);
  lines.append(code.place, script.place);
  body.append(image, words, lines);
  panel.append(film, body, spoken);
  show.addEventListener("click", () => send(model, { kind: "show", node: model.get("at") }));
  image.addEventListener("click", () => {
    const detail = { id: about?.id, tile: 0 };
    image.dispatchEvent(new CustomEvent("mj-node-open", { bubbles: true, composed: true, detail }));
  });

  /** @type {About | null} */
  let about = null;
  let wanted = NOBODY;
  let asOf = NOBODY; // the status that was asked about
  let timer = 0;
  let sharp = 0; // the node whose larger picture was asked for
  const large = screen(image);

  /** A block of Python with a copy button. @param {string} heading @param {string} name */
  function made(heading, name) {
    const place = make("div", "mj-kin-python");
    const text = make("pre", name, { tabindex: "0", "aria-label": heading });
    const top = make("p", "mj-kin-python-head");
    top.append(Object.assign(make("span", ""), { textContent: heading }), copier(text));
    place.append(top, text);
    return { place, text };
  }

  function showFilm() {
    const now = /** @type {About} */ (about);
    const held = list.contains(/** @type {Document | ShadowRoot} */ (list.getRootNode()).activeElement);
    const before = new Map([...list.children].map((item) => [/** @type {HTMLElement} */ (item).dataset.node, item]));
    const items = now.way.map(({ node, step }, place) => {
      const item = before.get(String(node)) ?? frameOf(node);
      const button = /** @type {HTMLButtonElement} */ (item.firstElementChild);
      const [picture, label] = /** @type {[HTMLImageElement, HTMLElement]} */ (/** @type {unknown} */ ([...button.children]));
      label.textContent = step;
      if (node === now.node) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      item.classList.toggle("mj-kin-gap", place === 1 && now.left_out > 0);
      const url = thumbnail(node);
      if (url && picture.src !== url) picture.src = url;
      picture.hidden = !url;
      return item;
    });
    list.replaceChildren(...items);
    if (held) /** @type {HTMLElement | null} */ (list.querySelector("[aria-current]"))?.focus();
    list.scrollLeft = list.scrollWidth;
  }

  /** @param {number} node */
  function frameOf(node) {
    const item = make("li", "", { "data-node": String(node) });
    const button = make("button", "", { type: "button" });
    button.append(make("img", "", { alt: "", draggable: "false" }), make("bdi", ""));
    button.addEventListener("click", () => select(node));
    item.append(button);
    return item;
  }

  /** @param {HTMLElement} place @param {string[]} texts @param {string} kind */
  function chips(place, texts, kind) {
    place.replaceChildren(...texts.map((text) => Object.assign(make("bdi", kind), { textContent: text })));
    place.hidden = !texts.length;
  }

  function showPicture() {
    const now = /** @type {About} */ (about);
    const url = thumbnail(now.node);
    image.alt = now.prompt;
    image.hidden = !url;
    body.classList.toggle("mj-kin-bare", !url);
    image.classList.toggle("mj-kin-opens", Boolean(panel.closest(".mj-wall")));
    if (!url || sharp === now.node) return;
    image.src = url;
    if ((window.devicePixelRatio || 1) * image.clientWidth < 320) return;
    sharp = now.node;
    asking.ask({ id: now.id, tile: 0, side: 512 }, (bytes) => {
      if (bytes && about?.id === now.id) void large.show(bytes);
    });
  }

  function showAll() {
    if (!about) return;
    say(title, [about.step || "Prompt", ...about.facts].filter(Boolean).join(" · "));
    say(prompt, about.prompt);
    chips(diff, about.diff, "mj-kin-change");
    chips(tags, about.tags.map((tag) => `# ${tag}`), "mj-kin-change");
    say(remark, about.remark);
    say(note, about.note);
    show.hidden = !model.get("state").shows;
    say(code.text, about.code);
    say(script.text, about.script);
    code.place.hidden = !about.code;
    script.place.hidden = !about.script;
    showFilm();
    showPicture();
  }

  return {
    /** @param {number} node @param {number} status when it is another one, the node is asked about again */
    look(node, status) {
      if (node < 0 || (node === wanted && status === asOf)) return;
      [wanted, asOf] = [node, status];
      if (about?.node !== node) sharp = NOBODY;
      clearTimeout(timer);
      timer = setTimeout(() => {
        asking.ask({ about: node }, (_, error, answer) => {
          if (node !== wanted) return;
          say(spoken, error);
          if (error) return;
          about = answer.about;
          showAll();
          seen();
        });
      }, about ? SETTLED : 0);
    },
    show: showAll,
    way: () => (about?.way ?? []).map(({ node }) => node),
    focus: () => /** @type {HTMLElement | null} */ (body.querySelector(".mj-copy"))?.focus(),
    close() {
      clearTimeout(timer);
      large.close();
    },
  };
}
