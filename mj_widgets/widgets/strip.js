// @ts-check
// The way from the prompt to a picture, as a row of thumbnails that are buttons.

const SIDE = 256; // pixels; the size that the session keeps

/**
 * @typedef {{ id: string, label: string, prompt: string, here: boolean, ready: boolean }} Step
 * @typedef {{ button: HTMLButtonElement, image: HTMLImageElement, label: HTMLSpanElement, asked: boolean,
 *   screen: ReturnType<typeof screen> }} Entry
 */

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  const nav = make("nav", "mj-strip", { "aria-label": "Lineage" });
  const list = make("ol", "");
  nav.append(list);
  el.classList.add("mj-way");
  el.append(nav);

  /** @type {Map<string, Entry>} */
  const entries = new Map();
  const pictures = asker(model);
  let inSight = false;

  /** @param {string} id @returns {Entry} */
  function add(id) {
    const item = make("li", "");
    const button = make("button", "", { type: "button" });
    const image = make("img", "", { alt: "" });
    const label = make("span", "");
    image.hidden = true;
    button.append(image, label);
    button.addEventListener("click", () => send(model, { kind: "show", id }));
    item.append(button);
    list.append(item);
    const entry = { button, image, label, asked: false, screen: screen(image) };
    entries.set(id, entry);
    return entry;
  }

  /** @param {string} id @param {Entry} entry */
  function ask(id, entry) {
    if (entry.asked) return;
    entry.asked = true;
    pictures.ask({ id, tile: 0, side: SIDE }, (bytes) => {
      void entry.screen.show(bytes);
      entry.image.hidden = !bytes;
    });
  }

  function show() {
    for (const step of /** @type {Step[]} */ (model.get("state").steps)) {
      const entry = entries.get(step.id) ?? add(step.id);
      entry.label.textContent = step.label;
      entry.button.title = step.prompt;
      entry.button.setAttribute("aria-label", `${step.label}: ${step.prompt}`);
      if (step.here) entry.button.setAttribute("aria-current", "step");
      if (step.ready && inSight) ask(step.id, entry);
    }
  }

  const sight = new IntersectionObserver((seen) => {
    inSight = seen.some((entry) => entry.isIntersecting);
    if (inSight) show();
  });
  sight.observe(el);
  model.on("change:state", show);
  show();

  return () => {
    sight.disconnect();
    model.off("change:state", show);
    pictures.close();
    for (const each of entries.values()) each.screen.close();
  };
}

export default { render };
