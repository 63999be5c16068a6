// @ts-check
// The prompt box, and the form around it: what stock widgets cannot do. Python puts this in front of notice.js.

const LONG = 20_000; // characters; where the lines of more are is not measured

/**
 * Minds the form of one control: the caret of its box, the keys to its history, its names for assistive technology, and
 * whether somebody typed what the kernel does not know yet.
 * @param {HTMLElement} el an element in the control
 * @param {string} live the control's selector
 * @param {(message: object, waited?: boolean) => void} tell tells the kernel; an answer may be waited for
 */
function minded(el, live, tell) {
  let typed = false; // since the kernel was told
  let walking = false; // through earlier prompts
  let recalled = false; // the next text comes from the history: the caret goes to its end
  let drawing = 0;
  let seeking = 0;
  /** @type {Element | null} */
  let root = null;

  const box = () => /** @type {HTMLTextAreaElement | null} */ (root?.querySelector(".mj-prompt-box textarea") ?? null);

  /** What was typed and not told; the kernel may be busy, and the text area holds it back. */
  function news() {
    const said = typed ? { prompt: box()?.value ?? "" } : {};
    typed = false;
    return said;
  }

  /**
   * Keep the caret where it is when the kernel writes: setting a text area's value moves it to the end.
   * @param {HTMLTextAreaElement} area
   */
  function keepCaret(area) {
    if (Object.hasOwn(area, "value")) return;
    const own = /** @type {any} */ (Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value"));
    Object.defineProperty(area, "value", {
      configurable: true,
      get: () => own.get.call(area),
      set(text) {
        const before = own.get.call(area);
        if (text === before) return;
        const { selectionStart, selectionEnd, selectionDirection } = area;
        own.set.call(area, text);
        const after = own.get.call(area);
        const move = recalled ? () => after.length : mover(before, after);
        area.setSelectionRange(move(selectionStart), move(selectionEnd), selectionDirection);
        recalled = typed = false;
      },
    });
  }

  /** @param {HTMLTextAreaElement} area @param {KeyboardEvent} event */
  function walk(area, event) {
    const up = event.key === "ArrowUp";
    if (area.selectionStart !== area.selectionEnd || !(up || walking) || !atEdge(area, up)) return;
    event.preventDefault();
    walking = recalled = true;
    tell({ kind: "walk", back: up ? 1 : -1, ...news() });
  }

  /** Put the focus into the search, when it is there. */
  function seek(tries = 40) {
    const input = /** @type {HTMLInputElement | null} */ (root?.querySelector(".mj-history input") ?? null);
    clearTimeout(seeking);
    if (input?.offsetParent) {
      input.focus();
      input.select();
    } else if (tries) seeking = setTimeout(() => seek(tries - 1), 50);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const { key, target } = event;
    if (!(target instanceof HTMLElement) || !root?.contains(target) || event.isComposing) return;
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    recalled = false;
    if (target === box()) {
      if (plain && (key === "ArrowUp" || key === "ArrowDown")) walk(/** @type {HTMLTextAreaElement} */ (target), event);
      if (event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey && key.toLowerCase() === "r") {
        event.preventDefault(); // or the browser would load the page again
        tell({ kind: "search", ...news() });
        seek();
      }
    } else if (plain && target.matches(".mj-history input") && (key === "Escape" || key === "Enter")) {
      recalled = key === "Enter";
      setTimeout(() => box()?.focus());
    }
  }

  /** @param {Event} event */
  function onInput(event) {
    if (!root || event.target !== box()) return;
    typed = true;
    walking = recalled = false;
  }

  /** @param {FocusEvent} event */
  function onFocus({ target }) {
    if (root && target === box()) keepCaret(/** @type {HTMLTextAreaElement} */ (target));
  }

  /** Whoever leaves the box may be about to change its text by a control. @param {Event} event */
  function onLeave({ type, target }) {
    if (type === "pointerdown") recalled = false;
    if (!root || !typed || !(target instanceof Node) || !root.contains(target)) return;
    if ((type === "focusout") === (target === box())) tell({ kind: "typed", ...news() }, false);
  }

  /** A click that makes another text of the prompt gives the focus back to it. @param {Element} button */
  function clicked(button) {
    if (!button.matches(".mj-fix, .mj-earlier, .mj-use")) return;
    recalled = !button.matches(".mj-fix");
    setTimeout(() => box()?.focus());
  }

  /** Give names and states to what the stock widgets leave without. */
  function dress() {
    drawing = 0;
    if (!root) return;
    /** @type {(found: string, set: (part: Element) => void) => void} */
    const each = (found, set) => /** @type {Element} */ (root).querySelectorAll(found).forEach(set);
    /** @type {(part: Element, name: string, value: string) => void} */
    const put = (part, name, value) => {
      if (part.getAttribute(name) !== value) part.setAttribute(name, value);
    };
    each("textarea, input[type=text], .mj-earlier", (part) => put(part, "dir", "auto")); // it may be written to the left
    each(".mj-prompt-box textarea", (part) => put(part, "aria-label", "Prompt"));
    each(".mj-mode select", (part) => put(part, "aria-label", "Mode"));
    each(".mj-history input", (part) => put(part, "aria-label", "Search earlier prompts"));
    each(".mj-fold", (part) => put(part, "aria-expanded", String(part.classList.contains("mod-active"))));
    each(".mj-findings", (part) => put(part, "role", "status"));
    each(".mj-field", (part) => {
      const input = part.querySelector("input, select, .noUi-handle");
      const label = [...part.querySelectorAll("span[title]")].at(-1); // a stock input with a description shows no tooltip
      const tip = label?.getAttribute("title");
      const bare = !part.querySelector("label")?.textContent?.trim() && input?.getAttribute("title");
      if (input && bare && !input.hasAttribute("aria-label")) put(input, "aria-label", bare);
      if (!label || !input || !tip) return;
      if (input.matches(".noUi-handle")) put(input, "aria-label", label.textContent ?? "");
      for (const each of [part, input, label.parentElement]) if (each) put(each, "title", tip);
    });
  }

  const observer = new MutationObserver(() => {
    drawing ||= requestAnimationFrame(dress);
  });

  function begin() {
    root = el.closest(live);
    if (!root) {
      seeking = setTimeout(begin, 50); // it is not on the page yet
      return;
    }
    observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "title"] });
    dress();
    const area = box();
    if (area && area === document.activeElement) keepCaret(area);
  }

  // While capturing: before JupyterLab's own keys, and before the stock widgets tell the kernel.
  const heard = /** @type {const} */ ([
    ["keydown", onKey], ["input", onInput], ["focusin", onFocus], ["focusout", onLeave], ["pointerdown", onLeave],
  ]);
  for (const [type, hear] of heard) window.addEventListener(type, /** @type {any} */ (hear), true);
  begin();

  return {
    news,
    clicked,
    box,
    close() {
      for (const [type, hear] of heard) window.removeEventListener(type, /** @type {any} */ (hear), true);
      observer.disconnect();
      cancelAnimationFrame(drawing);
      clearTimeout(seeking);
    },
  };
}

/**
 * Where a place in one text is in another that differs in one stretch.
 * @param {string} before @param {string} after
 */
function mover(before, after) {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return (/** @type {number} */ place) => {
    if (place <= start) return place;
    if (place >= before.length - end) return place + after.length - before.length;
    return Math.min(place, after.length - end);
  };
}

/**
 * Whether the caret is on the first or the last line, as lines are seen: they wrap, and only a copy tells where.
 * @param {HTMLTextAreaElement} area @param {boolean} first
 */
function atEdge(area, first) {
  const text = area.value;
  const place = area.selectionStart;
  if (text.slice(first ? 0 : place, first ? place : text.length).includes("\n")) return false;
  if (text.length > LONG) return place === (first ? 0 : text.length);
  const style = getComputedStyle(area);
  const copy = make("div", "", { "aria-hidden": "true" });
  Object.assign(copy.style, {
    position: "absolute", visibility: "hidden", boxSizing: "border-box", width: `${area.clientWidth}px`, padding: style.padding,
    font: style.font, letterSpacing: style.letterSpacing, whiteSpace: "pre-wrap", overflowWrap: "break-word",
  });
  const end = "\u200b";
  copy.textContent = text + end;
  document.body.append(copy);
  const line = (/** @type {number} */ at) => {
    const range = document.createRange();
    range.setStart(/** @type {Node} */ (copy.firstChild), at);
    range.setEnd(/** @type {Node} */ (copy.firstChild), at + 1);
    return range.getBoundingClientRect().top;
  };
  const same = Math.abs(line(place) - line(first ? 0 : text.length)) < 3; // pixels
  copy.remove();
  return same;
}
