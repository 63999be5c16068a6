// @ts-check
// One picture at a time, large. Beside it stand its words, marks and actions, which are asked for when it is shown.

const SMALL = 256; // pixels; the rendition that the session keeps
const SETTLE = 120; // ms that a picture must stay before all of it is asked for: somebody may hold → down

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  el.classList.add("mj-lightbox");
  const pictures = asker(model);

  const dialog = make("dialog", "mj-box", { "aria-label": "Picture" });
  const stage = make("div", "mj-stage", { tabindex: "-1" });
  const image = make("img", "mj-shown", { draggable: "false" });
  const tools = make("div", "mj-bar-below", { role: "toolbar", "aria-label": "View" });
  const where = make("span", "mj-where");
  const spoken = make("p", "mj-spoken", { role: "status" });
  const tell = make("p", "mj-tell", { role: "status" });
  const says = make("div", "mj-saying");
  const code = make("code", "");
  const undo = make("button", "mj-copy", { type: "button" });
  undo.textContent = "Undo";
  says.append(code, copier(code), undo);
  const tool = (/** @type {string} */ text, /** @type {string} */ name, /** @type {() => void} */ act) => {
    const made = make("button", "mj-tool", { type: "button", "aria-label": name, title: name });
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const previous = tool("‹", "Previous picture (←)", () => step(-1));
  const next = tool("›", "Next picture (→)", () => step(1));
  previous.classList.add("mj-aside", "mj-back");
  next.classList.add("mj-aside", "mj-on");
  const percent = tool("", "Fit or full size (z)", () => zoom.toggle());
  const compare = tool("A | B", "Compare: mark this one, then press it on another (c)", () => mark(at));
  const close = tool("✕", "Close (Esc)", () => shut());
  close.classList.add("mj-close");
  tools.append(
    where,
    tool("−", "Zoom out (−)", () => zoom.out()),
    percent,
    tool("+", "Zoom in (+)", () => zoom.in()),
    compare,
    tool("?", "Keys (?)", () => keys.show()),
  );
  stage.append(image, previous, next);
  const left = make("div", "mj-left");
  left.append(stage, tools);
  const panel = panelOf({
    rate: (stars) => rate(at, stars),
    favour: () => favour(at),
    tag: (text) => wish("tag", at.id, { tags: [text] }),
    untag: (text) => wish("untag", at.id, { tags: [text] }),
    note: (text) => wish("note", at.id, { text }),
    act: (name) => (name === "variation_region" ? region() : act(at, name)),
    remove: () => remove(),
  });
  panel.node.prepend(tell, says);
  dialog.append(left, panel.node, close, spoken);

  const keys = keyList();
  const tagger = tagBox();
  const { say, close: stopHint } = hinting(() => (dialog.open ? dialog : el)); // outside a modal dialog none is seen or heard
  const { wish, pay, close: stopWishes } = wishing(model, say);
  el.append(dialog, keys.dialog, tagger.dialog);

  const shown = screen(image);
  const zoom = zoomable(stage, image, (scale, fits) => {
    percent.textContent = `${fits ? "Fit " : ""}${Math.round(scale * 100)} %`;
  });

  /** @type {Place} */
  let at = { id: "", tile: 0 };
  /** @type {Place | null} marked for a comparison */
  let first = null;
  /** @type {HTMLElement | null} what had the focus before */
  let opener = null;
  /** @type {Map<string, { entry: Entry, version: number }>} */
  const entries = new Map();
  let seen = ""; // the line of Python that the control had shown before
  let settling = 0;

  // Where things are

  const root = () => el.closest(model.get("state").root);
  /** @param {Place} place @returns {HTMLElement[]} */
  const tilesOf = ({ id, tile }) => [
    ...(root()?.querySelectorAll(`.mj-tile[data-id="${CSS.escape(id)}"][data-tile="${tile}"]`) ?? []),
  ];
  const same = (/** @type {Place | null} */ a, /** @type {Place} */ b) => a?.id === b.id && a.tile === b.tile;
  const entryOf = (/** @type {Place} */ place) => entries.get(place.id)?.entry;

  /** @returns {Place[]} all pictures, in the order of the control */
  function walk() {
    /** @type {[string, number][]} */
    const order = model.get("order");
    const all = order.flatMap(([id, number]) =>
      number > 1 ? Array.from({ length: number }, (_, index) => ({ id, tile: index + 1 })) : [{ id, tile: 0 }],
    );
    return all.some((each) => same(each, at)) ? all : [at, ...all];
  }

  // What is wished for

  /** @param {Place} place @param {string} action */
  function act(place, action) {
    const box = root();
    pay(place.id, { action, words: box ? remixed(box)[place.id] : undefined });
  }

  /** What its card shows is the latest; what is beside it in the lightbox may be older. @param {Place} place */
  function starsOf(place) {
    const [tile] = tilesOf(place);
    return tile ? Number(tile.dataset.stars) : (entryOf(place)?.marks.stars[place.tile] ?? 0);
  }

  /** @param {Place} place */
  function liked(place) {
    const [tile] = tilesOf(place);
    return tile ? Boolean(tile.dataset.heart) : Boolean(entryOf(place)?.marks.hearts.includes(place.tile));
  }

  /** @param {Place} place @param {number} stars 0 for none */
  function rate(place, stars) {
    const given = stars === starsOf(place) ? 0 : stars;
    const entry = entryOf(place);
    if (entry) entry.marks.stars[place.tile] = given;
    for (const tile of tilesOf(place)) showMarks(tile, given, liked(place));
    wish("rate", place.id, { tile: place.tile, stars: given || null });
    say(given ? `Rated ${given} of 5` : "Not rated");
    showEntry();
  }

  /** @param {Place} place */
  function favour(place) {
    const entry = entryOf(place);
    const on = !liked(place);
    if (entry) entry.marks.hearts = [...entry.marks.hearts.filter((tile) => tile !== place.tile), ...(on ? [place.tile] : [])];
    for (const tile of tilesOf(place)) showMarks(tile, starsOf(place), on);
    wish("favourite", place.id, { tile: place.tile, on });
    say(on ? "A favourite" : "No favourite");
    showEntry();
  }

  /** @param {Place} place */
  function mark(place) {
    if (first && !same(first, place)) {
      wish("compare", first.id, { tile: first.tile, other: place });
      first = null;
      shut();
    } else {
      first = first ? null : place;
      say(first ? "Marked as A. Go to another picture and press c there." : "Not marked any more");
    }
    for (const tile of root()?.querySelectorAll(".mj-tile[data-first]") ?? []) tile.removeAttribute("data-first");
    if (first) for (const tile of tilesOf(first)) tile.dataset.first = "";
    compare.setAttribute("aria-pressed", String(same(first, at)));
  }

  function region() {
    wish("region", at.id);
    shut();
  }

  function remove() {
    const places = walk();
    const gone = at;
    const beside = places.findIndex((each) => same(each, at));
    const other = [...places.slice(beside), ...places.slice(0, beside).reverse()].find(({ id }) => id !== gone.id);
    wish("delete", gone.id);
    if (other) go(other);
    else shut();
  }

  // What is said

  function showSaid() {
    const { text, alarm, code: line, undo: id } = model.get("state");
    tell.hidden = !text;
    tell.textContent = text;
    tell.setAttribute("role", alarm ? "alert" : "status");
    tell.classList.toggle("mj-alarm", alarm);
    if (alarm && text) say("", 0);
    says.hidden = !line || line === seen;
    if (code.textContent !== line) code.textContent = line;
    undo.hidden = !id;
  }
  undo.addEventListener("click", () => wish("restore", model.get("state").undo));

  // What is shown

  /** @param {Place} place */
  function go(place) {
    panel.clear();
    at = place;
    zoom.toFit();
    const there = tilesOf(place)[0]?.querySelector("img");
    if (there?.src) image.src = there.src;
    else image.removeAttribute("src");
    image.alt = there?.alt ?? "";
    if (there?.naturalWidth) zoom.size(there.naturalWidth, there.naturalHeight);
    showWhere();
    compare.setAttribute("aria-pressed", String(same(first, at)));
    stage.classList.add("mj-loading");
    delete stage.dataset.error;
    clearTimeout(settling);
    if (!there?.src) ask(place, SMALL);
    settling = setTimeout(() => ask(place, "full"), SETTLE);
    load(place);
  }

  function showWhere() {
    const places = walk();
    const index = places.findIndex((each) => same(each, at));
    where.textContent = `${index + 1} / ${places.length}`;
    previous.disabled = !index;
    next.disabled = index === places.length - 1;
  }

  /** @param {Place} place @param {number | "full"} side */
  function ask(place, side) {
    pictures.ask({ ...place, side }, async (bytes, error) => {
      if (!same(place, at) || !dialog.open || (side !== "full" && !stage.classList.contains("mj-loading"))) return;
      if (side === "full") stage.classList.remove("mj-loading");
      if (error) stage.dataset.error = error;
      if (!bytes) return;
      await shown.show(bytes);
      if (same(place, at)) zoom.size(image.naturalWidth, image.naturalHeight);
    });
  }

  /** Ask for what stands beside the picture, unless it is known. @param {Place} place */
  function load(place) {
    const known = entries.get(place.id);
    if (known && known.version === model.get("versions")[place.id]) showEntry();
    else {
      pictures.ask({ what: "entry", id: place.id }, (_, error, message) => {
        if (error) say(error);
        else entries.set(place.id, message);
        if (place.id !== at.id) return;
        showEntry();
        if (message.version < model.get("versions")[place.id]) load(place); // it changed on the way
      });
    }
  }

  function showEntry() {
    const entry = entryOf(at);
    if (!entry || !dialog.open) return;
    const box = root();
    panel.show(entry, at.tile, box ? remixed(box)[at.id] : undefined);
    const which = at.tile ? `Picture ${at.tile} of ${entry.tiles.length}` : "Picture";
    const stars = starsOf(at) ? `, rated ${starsOf(at)} of 5` : "";
    dialog.setAttribute("aria-label", `${which}: ${entry.prompt.slice(0, 200)}`);
    image.alt = entry.prompt.slice(0, 1000) + (at.tile ? ` (picture ${at.tile} of ${entry.tiles.length})` : "");
    const said = `${which}${stars}; ${where.textContent?.replace("/", "of")} in all`;
    if (spoken.textContent !== said) spoken.textContent = said;
  }

  /** @param {number} by */
  function step(by) {
    const places = walk();
    const wanted = places[places.findIndex((each) => same(each, at)) + by];
    if (wanted) go(wanted);
    else say(by > 0 ? "This is the last picture." : "This is the first picture.");
  }

  function shut() {
    if (!dialog.open) return;
    panel.clear();
    say("");
    clearTimeout(settling);
    dialog.close(); // which gives the focus back to where it was
    void shown.show(null);
    if (!opener?.isConnected) tilesOf(at)[0]?.focus();
  }

  /** @param {Place} place */
  function startTag(place) {
    if (dialog.open) {
      panel.input.focus();
      return;
    }
    tagger.ask(tilesOf(place)[0], (tag) => wish("tag", place.id, { tags: [tag] }));
  }

  /** Says what can be done with a picture that is no grid. @param {Place} place @param {string} group */
  function single(place, group) {
    pictures.ask({ what: "entry", id: place.id }, (_, error, message) => {
      const offers = /** @type {Entry | undefined} */ (message.entry)?.groups.find(([heading]) => heading === group)?.[1] ?? [];
      const there = offers.map(([, label]) => label).join(", ");
      const nothing = error || `There is nothing to ${group.toLowerCase()} here.`;
      say(there ? `A single picture. ${group}: ${there}, with its buttons.` : nothing);
    });
  }

  /** @param {Event} event */
  function onOpen(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!root()?.contains(target)) return;
    event.preventDefault(); // it is taken
    opener = target;
    const { id, tile } = /** @type {CustomEvent} */ (event).detail;
    if (!dialog.open) dialog.showModal();
    seen = model.get("state").code;
    showSaid();
    stage.focus();
    go({ id, tile });
  }

  function onVersions() {
    const known = entries.get(at.id);
    if (dialog.open && known && known.version !== model.get("versions")[at.id]) load(at);
  }

  const stopKeys = hearKeys({
    box: dialog, little: [keys.dialog, tagger.dialog], at: () => at, root, leave: () => stage.focus(), shut, step, zoom, say,
    rate, favour, tag: startTag, compare: mark, pay: act, single, list: keys.show,
  });
  window.addEventListener("mj-open", onOpen);
  dialog.addEventListener("cancel", (event) => (event.preventDefault(), shut()));
  model.on("change:state", showSaid);
  model.on("change:versions", onVersions);
  model.on("change:order", showWhere);
  showSaid();

  return () => {
    stopKeys();
    stopHint();
    stopWishes();
    clearTimeout(settling);
    window.removeEventListener("mj-open", onOpen);
    model.off("change:state", showSaid);
    model.off("change:versions", onVersions);
    model.off("change:order", showWhere);
    pictures.close();
    shown.close();
    zoom.close();
  };
}

export default { render };
