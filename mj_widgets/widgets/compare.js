// @ts-check
// Two pictures under a slider, each fitted into the same frame, and below or beside it what was asked differently.

const SIDES = [512, 1024]; // pixels
const NEAR = 0.03; // a nearer ratio is the same one

/**
 * @typedef {{ sides: { id: string, title: string, size: [number, number] }[], words: [string, string][],
 *   rows: [string, string, string][], look: boolean, name: string }} State
 */

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  /** @type {State} */
  const { sides, words, rows, name } = model.get("state");
  const pictures = asker(model);
  el.classList.add("mj-compare");

  const frame = make("div", "mj-pair");
  const handle = make("span", "mj-handle", { "aria-hidden": "true" });
  const slider = make("input", "mj-slider", {
    type: "range", min: "0", max: "100", step: "0.5", value: "50", "aria-label": "Show more of A or of B",
  });
  const images = sides.map(({ id, title }) => {
    const kind = id.toLowerCase();
    const image = make("img", `mj-side mj-side-${kind}`, { alt: `${id}: ${title.slice(0, 300)}`, draggable: "false" });
    const label = make("span", `mj-label mj-label-${kind}`, { "aria-hidden": "true" });
    label.textContent = id;
    frame.append(image, label);
    return image;
  });
  const screens = images.map((image) => screen(image));
  frame.append(slider, handle);

  const ratios = sides.map(({ size: [width, height] }) => width / height);
  const alike = Math.abs(ratios[0] / ratios[1] - 1) < NEAR;
  frame.style.setProperty("--mj-ratio", String(alike ? ratios[0] : Math.sqrt(ratios[0] * ratios[1])));

  const beside = make("div", "mj-beside");
  if (words.length) {
    const changed = make("p", "mj-change", { dir: "auto" });
    if (words.every(([kind]) => kind === "same")) changed.textContent = words.map(([, text]) => text).join(" ");
    else showChange(changed, words);
    const title = changed.children.length ? "Prompt, from A to B" : "Prompt, the same";
    beside.append(Object.assign(make("h3", ""), { textContent: title }), changed);
  }
  const table = make("table", "mj-rows");
  const head = make("tr", "");
  head.append(make("td", ""), ...sides.map(({ id }) => Object.assign(make("th", "", { scope: "col" }), { textContent: id })));
  table.append(head);
  for (const [name, a, b] of rows) {
    const row = make("tr", a === b ? "mj-alike" : "mj-differs");
    const title = make("th", "", { scope: "row" });
    title.textContent = name;
    const cells = [a, b].map((text) => {
      const cell = make("td", "", { dir: "auto" });
      const words = make(a === b ? "span" : "strong", "");
      words.textContent = text || "–";
      cell.append(words);
      return cell;
    });
    row.append(title, ...cells);
    table.append(row);
  }
  beside.append(table);
  el.append(frame, beside);

  function slide() {
    const at = Number(slider.value);
    frame.style.setProperty("--mj-at", `${at}%`);
    slider.setAttribute("aria-valuetext", `A ${Math.round(at)} %, B ${Math.round(100 - at)} %`);
  }

  /** The arrows are the slider's, and not the notebook's. @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.target === slider && !event.ctrlKey && !event.metaKey && !event.altKey) event.stopImmediatePropagation();
  }

  function showLook() {
    if (!model.get("state").look) return;
    el.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
    slider.focus({ preventScroll: true });
    send(model, { kind: "looked" });
  }

  const style = make("style", "");
  document.head.append(style);

  const sight = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    sight.disconnect();
    const wanted = Math.max(frame.clientWidth, frame.clientHeight) * (window.devicePixelRatio || 1);
    const side = SIDES.find((each) => each >= wanted * 0.9) ?? "full";
    sides.forEach(({ id }, index) => {
      pictures.ask({ id, side }, async (bytes, error) => {
        if (error) frame.append(Object.assign(make("p", "mj-lost-side"), { textContent: `${id}: ${error}` }));
        await screens[index].show(bytes);
        images[index].classList.add("mj-in");
        const twin = `.mj-twin-${name}`; // the kernel answers: what a saved notebook shows in our place is not needed
        style.textContent = `${twin}, .jp-OutputArea-child:has(${twin}) { display: none !important; }`;
      });
    });
  });
  sight.observe(frame);
  slider.addEventListener("input", slide);
  window.addEventListener("keydown", onKey, true);
  model.on("change:state", showLook);
  slide();
  const looking = requestAnimationFrame(showLook); // when it is on the page

  return () => {
    cancelAnimationFrame(looking);
    sight.disconnect();
    style.remove();
    window.removeEventListener("keydown", onKey, true);
    model.off("change:state", showLook);
    pictures.close();
    for (const each of screens) each.close();
  };
}

export default { render };
