// @ts-check
// The little things that come up over the pictures: a hint, the list of the keys, a box for a tag.

const STAY = 2500; // ms
const KEYS = [
  ["← →", "the picture before, the next one"],
  ["Enter", "show it large"],
  ["Esc", "close"],
  ["1 … 5", "rate; the same again takes it back, as does 0"],
  ["f", "favourite"],
  ["t", "tag"],
  ["u 1 … u 4", "upscale that picture of the grid"],
  ["v 1 … v 4", "vary that picture of the grid"],
  ["r", "reroll"],
  ["c", "compare: mark one picture, then press c on another"],
  ["+  −  z", "zoom in, out; fit or full size"],
  ["?", "these keys"],
];

/** A line of text over everything, for a moment. @param {() => HTMLElement} home where it can be seen and heard */
function hinting(home) {
  const node = make("p", "mj-hint-box", { role: "status", popover: "manual" });
  let timer = 0;

  /**
   * @param {string} text @param {number} [stay] ms; 0 until something else is said
   * @param {string} [only] what it takes the place of; by default of anything
   */
  function say(text, stay = STAY, only = "") {
    if (only && node.textContent !== only) return;
    clearTimeout(timer);
    node.textContent = text;
    home().append(node);
    node.togglePopover?.(Boolean(text));
    if (text && stay) timer = setTimeout(() => say(""), stay);
  }
  return { say, close: () => clearTimeout(timer) };
}

function keyList() {
  const dialog = make("dialog", "mj-little", { "aria-label": "Keys" });
  const table = make("dl", "");
  for (const [keys, what] of KEYS) {
    table.append(
      Object.assign(make("dt", ""), { textContent: keys }),
      Object.assign(make("dd", ""), { textContent: what }),
    );
  }
  const done = make("button", "mj-button", { type: "button" });
  done.textContent = "Close";
  done.addEventListener("click", () => dialog.close());
  dialog.append(Object.assign(make("h3", ""), { textContent: "Keys on a picture" }), table, done);
  return {
    dialog,
    show() {
      dialog.showModal();
      done.focus();
    },
  };
}

function tagBox() {
  const dialog = make("dialog", "mj-little mj-tagger", { "aria-label": "Tag" });
  const form = make("form", "");
  const word = make("input", "", {
    type: "text", "aria-label": "Tag", placeholder: "Tag, then Enter", maxlength: "64", dir: "auto", autocomplete: "off",
  });
  form.append(word);
  dialog.append(form);
  return {
    dialog,
    /** @param {HTMLElement | undefined} beside @param {(tag: string) => void} done */
    ask(beside, done) {
      word.value = "";
      form.onsubmit = (event) => {
        event.preventDefault();
        if (word.value.trim()) done(word.value.trim());
        dialog.close();
      };
      dialog.showModal();
      const box = beside?.getBoundingClientRect();
      if (box) Object.assign(dialog.style, { left: `${box.left}px`, top: `${Math.min(box.top + 8, innerHeight - 80)}px` });
      word.focus();
    },
  };
}
