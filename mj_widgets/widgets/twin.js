
// Once the page is loaded again, JupyterLab no longer knows which output is which, and what the kernel tells of the static twin
// goes nowhere. Then we put the twin into the notebook, or what ends after a reload would not be saved. It is done for a widget,
// not for a view: a cell that is out of sight has none.

const SETTLING = 2000; // ms until what the kernel tells the page itself has come

/** @param {{ model: Model }} context */
function keepTwin({ model }) {
  const start = `<div class="mj-twin mj-twin-${model.get("state").name}"`;
  let pause = SETTLING;
  let timer = 0;

  /** The twin's outputs: one for each cell that shows us. Other front ends have no such model, and remember their outputs. */
  function* outputs() {
    const cells = /** @type {any} */ (model).widget_manager?.context?.model?.cells ?? [];
    for (const { outputs } of cells) {
      for (let index = 0; index < (outputs?.length ?? 0); index += 1) {
        const html = [outputs.get(index).data?.["text/html"] ?? ""].flat().join("");
        if (html.startsWith(start)) yield { outputs, index, html };
      }
    }
  }

  function look() {
    const mark = model.get("twin_mark");
    if (!mark || [...outputs()].every(({ html }) => html.endsWith(mark))) return;
    send(model, { kind: "twin" });
    timer = setTimeout(look, pause); // the message may be lost
    pause *= 2;
  }

  function later() {
    clearTimeout(timer);
    pause = SETTLING;
    timer = setTimeout(look, pause);
  }

  /** @param {any} message */
  function hear(message) {
    if (message?.kind !== "twin") return;
    for (const { outputs: place, index, html } of [...outputs()]) {
      if (html === message.bundle["text/html"]) continue;
      place.set(index, { output_type: "display_data", data: message.bundle, metadata: {} });
    }
  }

  model.on("change:twin_mark", later);
  model.on("msg:custom", hear);
  later();
  return () => {
    clearTimeout(timer);
    model.off("change:twin_mark", later);
    model.off("msg:custom", hear);
  };
}

/** Hides the twin while we live: once the kernel answers. Else it stands in our place, as in a saved notebook. @param {Model} model */
function hideTwin(model) {
  const twin = `.mj-twin-${model.get("state").name}`;
  const style = make("style", "");
  let pause = 1000;
  let timer = 0;
  function greet() {
    send(model, { kind: "hello" });
    timer = setTimeout(greet, pause);
    pause *= 2;
  }
  /** @param {any} message */
  function hear(message) {
    if (message?.kind !== "here") return;
    clearTimeout(timer);
    style.textContent = `${twin}, .jp-OutputArea-child:has(${twin}) { display: none !important; }`;
  }
  document.head.append(style);
  model.on("msg:custom", hear);
  greet();
  return () => {
    clearTimeout(timer);
    model.off("msg:custom", hear);
    style.remove();
  };
}
