// @ts-check
// The way of what is painted to Python and back. Every stroke is told when it ends, as a message, which no click overtakes: a
// changed trait may wait in the browser until the kernel has time. Python tells it on to every view, in the trait `painted`.

/** @param {Model} model @returns {Uint8Array} 16 letters that say who painted it, and then what is painted; nothing at first */
function told(model) {
  const view = model.get("painted");
  return view?.byteLength ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(0);
}

/**
 * @param {{ model: Model, el: HTMLElement }} context @param {ReturnType<typeof raster>} mask
 * @param {() => void} changed is called when another view, or Python, has painted
 */
function link({ model, el }, mask, changed) {
  const key = Math.random().toString(36).slice(2, 10).padEnd(8, "0");
  let count = 0;
  let timer = 0;
  let theirs = false; // whether what others painted came after what we told

  function tell() {
    count += 1;
    theirs = false;
    el.dataset.told = "no";
    const packed = pack(mask.pixels);
    let text = "";
    for (let at = 0; at < packed.length; at += 8192) text += String.fromCharCode(...packed.subarray(at, at + 8192));
    const message = { kind: "painted", by: key + String(count).padStart(8, "0"), data: btoa(text) };
    let pause = PATIENCE;
    clearTimeout(timer);
    const again = () => {
      send(model, message);
      timer = setTimeout(again, pause); // it may be lost while the page reconnects
      pause *= 2;
    };
    again();
  }

  function hear() {
    const bytes = told(model);
    const by = new TextDecoder().decode(bytes.subarray(0, 16));
    const ours = by.startsWith(key);
    if (ours && Number(by.slice(8)) < count) return; // what we painted since is on its way
    if (ours) clearTimeout(timer);
    el.dataset.told = "yes";
    if (ours && !theirs) return;
    theirs = !ours;
    mask.load(bytes.subarray(16));
    changed();
  }

  mask.load(told(model).subarray(16));
  mask.settle();
  model.on("change:painted", hear);
  return {
    tell,
    close() {
      model.off("change:painted", hear);
      clearTimeout(timer);
    },
  };
}

/**
 * Offers earlier masks. One of another size is resized, and says so.
 * @param {Model} model @param {ReturnType<typeof asker>} pictures @param {number} width @param {number} height
 */
function shelf(model, pictures, width, height) {
  const node = make("div", "mj-mask-shelf", { role: "group", "aria-label": "Earlier masks" });
  /** @type {ReturnType<typeof screen>[]} */
  let screens = [];
  let shown = "";

  function close() {
    for (const each of screens) each.close();
    screens = [];
  }

  return {
    node,
    close,
    /** @param {{ name: string, width: number, height: number }[]} masks */
    show(masks) {
      node.hidden = !masks.length;
      if (JSON.stringify(masks) === shown) return;
      shown = JSON.stringify(masks);
      close();
      const heading = make("span", "mj-mask-heading", { "aria-hidden": "true" });
      heading.textContent = "Earlier masks";
      node.replaceChildren(heading);
      for (const each of masks) {
        const fits = each.width === width && each.height === height;
        const size = `${each.width} × ${each.height}`;
        const button = make("button", "mj-mask-earlier", { type: "button" });
        button.title = fits ? "Take this mask" : `This mask has ${size} pixels: take it resized to ${width} × ${height}`;
        const image = make("img", "", { alt: "" });
        const text = make("span", "");
        text.textContent = fits ? each.name : `${each.name}, ${size}: resize`;
        button.append(image, text);
        button.addEventListener("click", () => send(model, { kind: "reuse", name: each.name, resize: !fits }));
        node.append(button);
        const small = screen(image);
        screens.push(small);
        pictures.ask({ what: "mask", name: each.name }, (bytes) => void small.show(bytes));
      }
    },
  };
}
