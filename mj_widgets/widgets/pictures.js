// @ts-check
// What all our views share. Python puts it in front of each module, so that each is whole by itself.

const PATIENCE = 5000; // ms until a picture is asked for again: a message may be lost while the page reconnects

/**
 * @typedef {{ get(name: string): any, on(name: string, call: Function): void, off(name: string, call: Function): void,
 *   send(message: object): void }} Model
 */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {string} name @param {Record<string, string>} [attributes]
 * @returns {HTMLElementTagNameMap[K]}
 */
function make(tag, name, attributes = {}) {
  const node = document.createElement(tag);
  node.className = name;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** @param {Model} model @param {object} message */
function send(model, message) {
  try {
    model.send(message);
  } catch {
    // No kernel: the static twin beside us shows the pictures.
  }
}

/**
 * Asks for pictures, and asks again until they come.
 * @param {Model} model
 */
function asker(model) {
  /** @typedef {(bytes: DataView | null, error: string, message: any, all: DataView[]) => void} Done */
  /** @type {Map<string, { done: Done, timer: number }>} */
  const open = new Map();
  const name = Math.random().toString(36).slice(2);
  let count = 0;

  /** @param {any} message @param {DataView[]} buffers */
  function hear(message, buffers) {
    const asked = open.get(message?.key);
    if (message?.kind !== "picture" || !asked) return;
    open.delete(message.key);
    clearTimeout(asked.timer);
    asked.done(buffers?.[0] ?? null, message.error ?? "", message, buffers ?? []);
  }
  model.on("msg:custom", hear);

  return {
    /**
     * Gives what to call when the answer is due by now: it is then asked for again soon.
     * @param {object} question @param {Done} done @param {string} [key] views with the same one share an answer
     */
    ask(question, done, key = `${name}-${(count += 1)}`) {
      const asked = { done, timer: 0 };
      open.set(key, asked);
      let pause = PATIENCE;
      const again = () => {
        send(model, { kind: "want", key, ...question });
        asked.timer = setTimeout(again, pause);
        pause *= 2;
      };
      again();
      return () => {
        if (open.get(key) !== asked) return;
        clearTimeout(asked.timer);
        pause = PATIENCE;
        asked.timer = setTimeout(again, PATIENCE);
      };
    },
    close() {
      model.off("msg:custom", hear);
      for (const { timer } of open.values()) clearTimeout(timer);
      open.clear();
    },
  };
}

/** Shows bytes in an <img>, and lets go of what it showed before. @param {HTMLImageElement} image */
function screen(image) {
  let url = "";
  return {
    /** @param {DataView | null} bytes */
    async show(bytes) {
      const before = url;
      url = bytes?.byteLength ? URL.createObjectURL(new Blob([/** @type {any} */ (bytes)])) : "";
      if (url) image.src = url;
      else image.removeAttribute("src");
      if (url) await image.decode().catch(() => {}); // superseded by the next one
      if (before) URL.revokeObjectURL(before);
    },
    close() {
      if (url) URL.revokeObjectURL(url);
      url = "";
    },
  };
}

/** Whether this person wants less motion. */
function calm() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * A button that copies a text. Where the clipboard is not to be had, it marks the text, for Ctrl/⌘+C.
 * @param {HTMLElement} source the element whose text is copied
 */
function copier(source) {
  const button = make("button", "mj-copy", { type: "button" });
  button.textContent = "Copy";
  let timer = 0;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent ?? "");
      button.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(source);
      button.textContent = "Press Ctrl+C";
    }
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
}

/** Writes seconds as a person says them: 42 s, 3:05, 1:02:03. @param {number} seconds */
function spell(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, index) => String(part).padStart(index ? 2 : 1, "0")).join(":");
}

/**
 * Shows how long something takes, ticking by itself. The kernel's clock may differ from ours: what it sends while we look is
 * new, which tells by how much; what a page finds when it is loaded may be old, so there the clocks are believed.
 * @param {HTMLElement} node
 */
function stopwatch(node) {
  let told = 0;
  let ahead = 0; // seconds that our clock is before the kernel's
  let timer = 0;
  return {
    /** @param {{ started: number, now: number, expected: number | null }} times Unix seconds by the kernel's clock */
    show({ started, now, expected }) {
      clearInterval(timer);
      const age = Date.now() / 1000 - now;
      if (now !== told) ahead = told ? age : Math.min(0, age);
      told = now;
      const usual = !expected || expected < 1 ? "" : ` · usually ≈ ${spell(expected)}`;
      const tick = () => (node.textContent = spell(Date.now() / 1000 - ahead - started) + usual);
      if (started) tick();
      else node.textContent = "";
      if (started) timer = setInterval(tick, 1000);
    },
    close: () => clearInterval(timer),
  };
}

/**
 * Shows a text as words that stay, are gone, and are new.
 * @param {HTMLElement} node @param {[string, string][]} pieces
 */
function showChange(node, pieces) {
  const tags = /** @type {Record<string, "del" | "ins" | "span">} */ ({ gone: "del", new: "ins", same: "span" });
  const parts = pieces.map(([kind, text]) => Object.assign(make(tags[kind], `mj-${kind}`), { textContent: text }));
  node.replaceChildren(...parts.flatMap((part, index) => (index ? [" ", part] : [part])));
}

/** What is written in the open remix boxes of a control, by the generation's id. @param {Element} root */
function remixed(root) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const box of root.querySelectorAll(".mj-remix")) {
    const own = [...box.classList].find((name) => name.startsWith("mj-remix-"));
    if (own) found[own.slice("mj-remix-".length)] = box.querySelector("textarea")?.value ?? "";
  }
  return found;
}

/** Shows on a picture what a person thinks of it. @param {HTMLElement} tile @param {number} stars @param {boolean} heart */
function showMarks(tile, stars, heart) {
  tile.dataset.stars = String(stars || "");
  tile.dataset.heart = heart ? "on" : "";
  const badge = /** @type {HTMLElement | null} */ (tile.querySelector(".mj-number"));
  if (badge) badge.dataset.marks = [heart ? "♥" : "", stars ? `★${stars}` : ""].filter(Boolean).join(" ");
}
