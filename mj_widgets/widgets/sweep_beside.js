// @ts-check
// What is below the table: the cell that one is at, or points at, beside its neighbours, and what was asked otherwise.

/** @param {HTMLElement} el */
function makeBeside(el) {
  const panel = make("section", "mj-beside-cells", { "aria-label": "Compared with its neighbours" });
  const figure = (/** @type {string} */ kind) => {
    const node = make("figure", `mj-beside-cell mj-beside-${kind}`);
    const frame = make("div", "mj-beside-frame");
    const image = make("img", "");
    const none = make("span", "");
    const caption = make("figcaption", "");
    frame.append(image, none);
    node.append(frame, caption);
    panel.append(node);
    return { node, image, none, caption };
  };
  const parts = { own: figure("own"), left: figure("left"), above: figure("above") };
  el.append(panel);

  /** @param {ReturnType<typeof figure>} part @param {{ url: string, alt: string, state: string, text: string } | null} what */
  function fill(part, what) {
    part.node.hidden = !what;
    if (!what) return;
    if (what.url) part.image.src = what.url;
    else part.image.removeAttribute("src");
    part.image.hidden = !what.url;
    part.image.alt = what.alt;
    part.none.textContent = what.url ? "" : what.state;
    if (part.caption.textContent !== what.text) part.caption.textContent = what.text;
  }

  return {
    /** @param {Record<"own" | "left" | "above", { url: string, alt: string, state: string, text: string } | null>} what */
    show(what) {
      panel.hidden = !what.own;
      fill(parts.own, what.own);
      fill(parts.left, what.left);
      fill(parts.above, what.above);
    },
  };
}
