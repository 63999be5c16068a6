// @ts-check
// One generation: what was asked, how far it is, the preview, then its pictures. Texts are set with textContent only.

const SIDES = [256, 512, 768, 1024]; // pixels; the first is kept by the session, the others are made when asked
const MARKED = 2400; // ms that a card looked for stays marked
const NAMED = 300; // characters of the prompt in a picture's name
const TAGS = 3; // shown; the lightbox has all

/**
 * @typedef {{ id: string, prompt: string, facts: string[], status: string, busy: boolean, progress: number | null,
 *   line: string, ratio: number, tiles: number[], clips: number[], note: string, alarm: boolean, url: string, look: boolean,
 *   diff: [string, string][], started: number, now: number, expected: number | null,
 *   marks: { stars: Record<string, number>, hearts: number[], tags: string[] } }} State
 */

/** The words, and the parameters in a quieter voice; or what was changed. @param {HTMLElement} node @param {State} state */
function showPrompt(node, { prompt, diff }) {
  node.title = prompt;
  if (diff.length) {
    showChange(node, diff);
    node.prepend(Object.assign(make("span", "mj-spoken"), { textContent: "Changed words: " }));
    return;
  }
  const at = prompt.search(/(?<!\S)--\S/);
  const words = make("span", "mj-words");
  const flags = make("span", "mj-flags");
  words.textContent = at < 0 ? prompt : prompt.slice(0, at).trimEnd();
  flags.textContent = at < 0 ? "" : prompt.slice(at);
  node.replaceChildren(words, ...(at < 0 ? [] : [" ", flags]));
}

/** What is said of a picture, after its name. @param {State["marks"]} marks @param {number} tile */
function spokenMarks({ stars, hearts }, tile) {
  return (stars[tile] ? `, rated ${stars[tile]} of 5` : "") + (hearts.includes(tile) ? ", favourite" : "");
}

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  const head = make("div", "mj-head");
  const prompt = make("p", "mj-prompt", { dir: "auto" });
  const chips = make("p", "mj-facts");
  const status = make("p", "mj-line", { "aria-hidden": "true" });
  const line = make("span", "");
  const time = make("span", "mj-time");
  status.append(line, time);
  const spoken = make("p", "mj-spoken", { "aria-live": "polite" });
  const note = make("p", "mj-note", { dir: "auto" });
  head.append(prompt, chips, status, spoken, note);

  const frame = make("div", "mj-frame", { tabindex: "-1" });
  const preview = make("img", "mj-preview", { alt: "" });
  const tiles = make("div", "mj-tiles");
  const bar = make("div", "mj-bar", {
    role: "progressbar", "aria-label": "Progress", "aria-valuemin": "0", "aria-valuemax": "100",
  });
  const fill = make("span", "mj-fill");
  bar.append(fill);
  frame.append(preview, tiles, bar);

  const pictures = asker(model);
  const film = player(pictures, frame);
  el.classList.add("mj-grid");
  head.append(film.row);
  el.append(head, frame);

  const previewScreen = screen(preview);
  const clock = stopwatch(time);
  /** @type {ReturnType<typeof screen>[]} */
  let screens = [];
  let shown = ""; // which tiles stand in the frame
  let said = ""; // the prompt that stands in the head
  let had = false; // whether the kernel has answered with them
  /** @type {(() => void) | null} */
  let hurry = null; // while it was asked and has not answered
  let inSight = false;
  let marked = 0;

  /** @param {State} state */
  function showTiles(state) {
    const key = `${state.id} ${state.tiles}`;
    if (key !== shown) {
      shown = key;
      had = false;
      hurry?.();
      for (const each of screens) each.close();
      tiles.dataset.count = String(state.tiles.length);
      const places = state.tiles.map((tile) => place(state, tile));
      screens = places.map(({ image }) => screen(image));
      tiles.replaceChildren(...places.map(({ button }) => button));
    }
    askForTiles(state);
    state.tiles.forEach((tile, index) => {
      const button = /** @type {HTMLButtonElement} */ (tiles.children[index]);
      showMarks(button, state.marks.stars[tile], state.marks.hearts.includes(tile));
      const which = tile ? `Picture ${tile} of ${state.tiles.length}` : "Picture";
      button.setAttribute("aria-label", `${which}: ${state.prompt.slice(0, NAMED)}${spokenMarks(state.marks, tile)}`);
    });
  }

  /** @param {State} state @param {number} tile */
  function place(state, tile) {
    const button = make("button", "mj-tile", { type: "button" });
    const image = make("img", "mj-picture");
    const number = make("span", "mj-number", { "aria-hidden": "true" });
    image.alt = tile ? `${state.prompt} (picture ${tile} of ${state.tiles.length})` : state.prompt;
    number.textContent = tile ? String(tile) : "";
    Object.assign(button.dataset, { id: state.id, tile: String(tile) });
    button.append(image, number);
    button.addEventListener("click", () => {
      const detail = { id: state.id, tile };
      const open = new CustomEvent("mj-open", { bubbles: true, composed: true, cancelable: true, detail });
      if (button.dispatchEvent(open)) openAlone(image, detail); // nobody took it: there is no lightbox around us
    });
    return { button, image };
  }

  /** Shows a picture as large as the window, and no more. @param {HTMLImageElement} small @param {object} which */
  function openAlone(small, which) {
    const dialog = make("dialog", "mj-alone", { "aria-label": small.alt });
    const image = make("img", "");
    const all = screen(image);
    image.alt = small.alt;
    image.src = small.src;
    dialog.append(image);
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => (all.close(), dialog.remove()));
    frame.append(dialog);
    dialog.showModal();
    pictures.ask({ ...which, side: "full" }, (bytes) => bytes && dialog.open && void all.show(bytes));
  }

  /** Asks as soon as it is in sight: the kernel answers when there is something to see. @param {State} state */
  function askForTiles(state) {
    if (had || hurry || !inSight || !(state.busy || state.tiles.length)) return;
    const across = frame.clientWidth * (window.devicePixelRatio || 1) * Math.max(1, 1 / state.ratio);
    const sides = [across, across / 2].map((size) => SIDES.find((side) => side >= size * 0.85) ?? SIDES[SIDES.length - 1]);
    hurry = pictures.ask(
      { id: state.id, sides },
      (_, error, message, all) => {
        hurry = null;
        if (!error && `${state.id} ${message.tiles}` !== shown) return; // it came before its state, which asks again
        had = Boolean(error || all.length);
        void showPictures(all, error);
      },
      `all-${sides}`,
    );
  }

  /** @param {DataView[]} all @param {string} error */
  async function showPictures(all, error) {
    const asked = shown;
    const loads = screens.map(async (each, index) => {
      const place = /** @type {HTMLElement} */ (tiles.children[index]);
      if (error) place.dataset.error = error;
      await each.show(all[index] ?? null);
      place.classList.toggle("mj-lost", Boolean(error));
      place.classList.add("mj-in");
    });
    await Promise.all(loads);
    if (loads.length && asked === shown) frame.classList.add("mj-full");
  }

  /** @param {State} state */
  function showProgress(state) {
    bar.hidden = !state.busy;
    bar.classList.toggle("mj-unknown", state.progress === null);
    if (state.progress === null) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", String(state.progress));
    bar.setAttribute("aria-valuetext", state.line);
    fill.style.width = state.progress === null ? "" : `${state.progress}%`;
    frame.style.setProperty("--mj-blur", String(state.busy ? 1 - (state.progress ?? 0) / 100 : 0));
    line.textContent = state.line;
    clock.show(state);
    // A screen reader hears each quarter, not each step.
    const quarter = state.busy ? `${Math.floor((state.progress ?? 0) / 25) * 25} %` : "";
    const said = [state.busy ? "Drawing" : state.line, quarter, state.prompt.slice(0, 80)].filter(Boolean).join(", ");
    if (spoken.textContent !== said) spoken.textContent = said;
  }

  /** @param {State} state */
  function showChips({ facts, marks, tiles }) {
    const more = marks.tags.length - TAGS;
    const tags = [...marks.tags.slice(0, TAGS).map((tag) => `# ${tag}`), ...(more > 0 ? [`+ ${more}`] : [])];
    const whole = `${marks.hearts.includes(0) ? "♥ " : ""}${marks.stars["0"] ? `★${marks.stars["0"]}` : ""}`;
    const own = whole && !tiles.includes(0) ? [whole] : []; // a single picture has them on itself
    const made = [...facts, ...own, ...tags].map((text, index) => {
      const chip = make("span", index < facts.length ? "mj-fact" : "mj-fact mj-tag", { dir: "auto" });
      chip.textContent = text;
      return chip;
    });
    if (more > 0) made[made.length - 1].title = marks.tags.slice(TAGS).join(", ");
    chips.replaceChildren(...made);
  }

  /** @param {State} state */
  function showNote(state) {
    note.hidden = !state.note;
    note.replaceChildren(state.note);
    if (state.alarm) note.setAttribute("role", "alert");
    else note.removeAttribute("role");
    if (!state.url) return;
    const link = make("a", "mj-link", { target: "_blank", rel: "noopener noreferrer" });
    link.href = state.url;
    link.textContent = state.url;
    note.append(" ", link);
  }

  /** @param {State} state */
  function showLook(state) {
    if (!state.look) return;
    const card = el.closest(".mj-card") ?? frame;
    card.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
    card.classList.add("mj-marked");
    frame.focus({ preventScroll: true });
    clearTimeout(marked);
    marked = setTimeout(() => card.classList.remove("mj-marked"), MARKED);
    send(model, { kind: "looked" });
  }

  function show() {
    /** @type {State} */
    const state = model.get("state");
    const saying = JSON.stringify([state.prompt, state.diff]);
    if (said !== saying) showPrompt(prompt, state);
    said = saying;
    el.dataset.status = state.status;
    frame.style.setProperty("--mj-ratio", String(state.ratio));
    frame.hidden = !state.busy && !state.tiles.length;
    frame.classList.toggle("mj-full", frame.classList.contains("mj-full") && state.tiles.length > 0);
    showChips(state);
    showProgress(state);
    showNote(state);
    showTiles(state);
    film.show(state);
    showLook(state);
  }

  function showPreview() {
    /** @type {DataView | null} */
    const bytes = model.get("preview");
    // When it is done the last preview stays below the pictures until they are there.
    if (!bytes?.byteLength) return;
    preview.classList.add("mj-in");
    void previewScreen.show(bytes);
  }

  const sight = new IntersectionObserver(
    (entries) => {
      inSight = entries.some((entry) => entry.isIntersecting);
      if (inSight) askForTiles(model.get("state"));
    },
    { rootMargin: "300px" },
  );
  sight.observe(frame); // not el, which has no box of its own inside a card
  model.on("change:state", show);
  model.on("change:preview", showPreview);
  show();
  showPreview();

  return () => {
    sight.disconnect();
    clearTimeout(marked);
    clock.close();
    model.off("change:state", show);
    model.off("change:preview", showPreview);
    film.close();
    pictures.close();
    previewScreen.close();
    for (const each of screens) each.close();
  };
}

export default { render };
