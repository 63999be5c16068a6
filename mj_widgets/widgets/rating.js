// @ts-check
// Judging: one picture that gets stars, or two of which one is better, and nothing that says what they were made with.

const SIDES = [512, 1024]; // pixels
const BLINK = 250; // ms; who has seen a picture for less did not judge it: it was the second click of two

/** @typedef {number | "left" | "right" | "tie"} Said */
/** @typedef {{ name: string, rater: string, kind: "stars" | "pairs", of: number, ratio: number, done: number, ahead: number[],
 *   last: Said | "", summary: string[], next: string[], error: string }} State */
/** @typedef {{ node: HTMLElement, ready: boolean, failed: string, since: number, close(): void }} Card */

const KINDS = {
  stars: {
    noun: "picture",
    question: "How good is it?",
    keys: /** @type {Record<string, Said>} */ ({ 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 }),
    help: "1 – 5 give stars",
    alt: ["The picture"],
    buttons: /** @type {[Said, string, string][]} */ ([1, 2, 3, 4, 5].map((stars) => [stars, String(stars), starred(stars)])),
  },
  pairs: {
    noun: "pair",
    question: "Which is better?",
    keys: /** @type {Record<string, Said>} */ ({ ArrowLeft: "left", ArrowRight: "right", ArrowDown: "tie", "=": "tie" }),
    help: "← → choose, ↓ or = for a tie",
    alt: ["The left picture", "The right picture"],
    buttons: /** @type {[Said, string, string][]} */ ([
      ["left", "← Left", "The left one is better"],
      ["tie", "= Tie", "Neither is better"],
      ["right", "Right →", "The right one is better"],
    ]),
  },
};

/** @param {number} stars */
function starred(stars) {
  return stars === 1 ? "1 star" : `${stars} stars`;
}

/** How a judgement is written. @param {Said | ""} said */
function written(said) {
  if (typeof said === "number") return "★".repeat(said) + "☆".repeat(5 - said);
  return { left: "left", right: "right", tie: "a tie", "": "" }[said];
}

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  /** @returns {State} */
  const state = () => model.get("state");
  const { kind, of, ratio, rater } = state();
  const { noun, question, keys, help, alt, buttons } = KINDS[kind];
  const pictures = asker(model);
  /** @type {Map<number, Card>} */
  const cards = new Map();
  /** What was said, and the kernel has not answered yet. @type {Map<number, { said: Said, timer: number }>} */
  const open = new Map();
  /** @type {number | undefined} the card that is shown; none when all are judged */
  let here;
  let waking = 0;

  el.classList.add("mj-rating");
  el.dataset.kind = kind;
  const head = make("div", "mj-rating-head");
  const asked = make("strong", "");
  const count = make("span", "mj-rating-count");
  const meter = make("div", "mj-rating-meter", { role: "progressbar", "aria-label": "Judged", "aria-valuemin": "0", "aria-valuemax": String(of) });
  const fill = make("span", "");
  const stage = make("div", "mj-rating-stage", { tabindex: "0", role: "application" });
  const bar = make("div", "mj-rating-bar", { role: "group", "aria-label": question });
  const end = make("div", "mj-rating-end");
  const foot = make("p", "mj-rating-foot");
  const before = make("span", "mj-rating-before");
  const hint = make("span", "");
  const wrong = make("p", "mj-rating-error", { role: "alert" });
  const spoken = make("p", "mj-rating-spoken", { role: "status" });
  stage.style.setProperty("--mj-ratio", String(ratio));
  asked.textContent = question;
  head.append(asked, count);
  meter.append(fill);
  for (const [said, text, label] of buttons) {
    const button = make("button", "mj-rating-choice", { type: "button", title: label, "aria-label": label });
    button.textContent = text;
    button.addEventListener("click", () => judge(said));
    bar.append(button);
  }
  const back = make("button", "mj-rating-back", { type: "button", title: "Take the last one back (Backspace)" });
  back.textContent = "↶ Back";
  back.addEventListener("click", undo);
  foot.append(back, before, hint);
  el.append(head, meter, stage, bar, end, wrong, foot, spoken);

  // What is seen

  /** @param {number} number @returns {Card} */
  function draw(number) {
    const node = make("div", "mj-rating-card");
    const side = SIDES.find((each) => each >= (stage.clientWidth / alt.length) * (window.devicePixelRatio || 1) * 0.9) ?? 1024;
    /** @type {Card} */
    const card = { node, ready: false, failed: "", since: 0, close: () => screens.forEach((each) => each.close()) };
    let waiting = alt.length;
    const screens = alt.map((words, which) => {
      const image = make("img", "", { alt: words, draggable: "false" });
      const frame = make("div", "mj-rating-frame");
      frame.append(image);
      if (kind === "pairs") frame.addEventListener("click", () => judge(which ? "right" : "left"));
      node.append(frame);
      const shown = screen(image);
      pictures.ask({ card: number, which, side }, async (bytes, error) => {
        await shown.show(bytes);
        card.failed ||= error;
        waiting -= 1;
        card.ready = !waiting && !card.failed;
        if (number === here) paint();
      });
      return shown;
    });
    return card;
  }

  function paint() {
    const { done, ahead, last, summary, next, error } = state();
    const left = ahead.filter((each) => !open.has(each));
    const told = Math.min(of, done + open.size);
    here = left[0];
    for (const number of left) if (!cards.has(number)) cards.set(number, draw(number));
    for (const [number, card] of cards) {
      if (left.includes(number)) continue;
      card.close();
      cards.delete(number);
    }
    const card = here === undefined ? undefined : cards.get(here);
    const over = told === of;
    if (card && stage.firstChild !== card.node) stage.replaceChildren(card.node);
    if (card?.ready && !card.since) {
      card.since = performance.now();
      clearTimeout(waking);
      waking = setTimeout(paint, BLINK);
    }
    const awake = mayJudge();
    if (awake) stage.removeAttribute("aria-busy");
    else stage.setAttribute("aria-busy", "true");
    stage.classList.toggle("mj-rating-waits", Boolean(card) && !card?.ready && !card?.failed);

    const at = over ? "" : `${noun} ${told + 1} of ${of}`;
    stage.setAttribute("aria-label", `${question} ${at}. Keys: ${help}, Backspace takes back.`);
    count.textContent = over ? `${rater} · all ${of} judged` : `${rater} · ${told + 1} of ${of}`;
    fill.style.width = `${(100 * told) / of}%`;
    meter.setAttribute("aria-valuenow", String(told));
    const inside = el.contains(focused());
    back.disabled = !told;
    for (const part of [stage, bar]) part.hidden = over;
    if (inside && (over || (back.disabled && focused() === back))) (over ? back : stage).focus({ preventScroll: true });
    asked.textContent = over ? "Thank you." : question;
    const latest = [...open.values()].at(-1)?.said ?? last;
    before.textContent = latest === "" ? "" : `Before: ${written(latest)}`;
    wrong.textContent = error || card?.failed || "";
    wrong.hidden = !wrong.textContent;
    end.hidden = !next.length; // until the kernel has counted
    if (!end.hidden) showEnd(summary, next);
    const said = latest === "" ? "" : `${typeof latest === "number" ? starred(latest) : written(latest)}. `;
    const words = over ? `${said}All ${of} are judged.` : `${said}${at}`;
    if (spoken.textContent !== words) spoken.textContent = words;
    showHint();
  }

  /** @param {string[]} summary @param {string[]} next */
  function showEnd(summary, next) {
    const lines = summary.map((text) => Object.assign(make("p", ""), { textContent: text }));
    const after = make("p", "mj-rating-next");
    after.append("What it comes to: ", ...next.flatMap((code, place) => {
      const node = Object.assign(make("code", ""), { textContent: code });
      return place ? [" · ", node] : [node];
    }));
    end.replaceChildren(...lines, after);
  }

  function showHint() {
    const inside = el.contains(focused());
    const start = kind === "stars" ? "Click the picture to use the keys" : "Click the better one, or Tab to use the keys";
    const over = state().done === of;
    hint.textContent = over ? "" : `${inside ? "Keys" : start}: ${help}. All is kept: stop when you like, and run the cell again to go on.`;
  }

  function focused() {
    return /** @type {Document | ShadowRoot} */ (el.getRootNode()).activeElement;
  }

  // What is said

  function mayJudge() {
    const card = here === undefined ? undefined : cards.get(here);
    return Boolean(card?.ready && performance.now() - card.since >= BLINK - 1);
  }

  /** @param {Said} said */
  function judge(said) {
    const card = here;
    if (card === undefined || !mayJudge()) return;
    const telling = { said, timer: 0 };
    let pause = PATIENCE;
    const tell = () => {
      send(model, { kind: "judge", card, said });
      telling.timer = setTimeout(tell, pause); // it may be lost; what is said twice counts once
      pause *= 2;
    };
    open.set(card, telling);
    tell();
    paint();
  }

  function undo() {
    if (back.disabled) return;
    forget([...open.keys()]);
    send(model, { kind: "undo" });
  }

  /** Waits no longer for an answer. @param {number[]} which */
  function forget(which) {
    for (const card of which) {
      clearTimeout(open.get(card)?.timer);
      open.delete(card);
    }
  }

  function hear() {
    const { ahead, error } = state();
    forget([...open.keys()].filter((card) => error || !ahead.includes(card)));
    paint();
  }

  /** They are ours, and not the notebook's. @param {KeyboardEvent} event */
  function onKey(event) {
    if (!event.composedPath().includes(el) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.length > 1 ? event.key : event.key.toLowerCase();
    const said = keys[key];
    const taken = said !== undefined || key === "Backspace" || key === "z";
    if (taken && !event.repeat) said === undefined ? undo() : judge(said);
    if (taken) event.preventDefault();
    event.stopImmediatePropagation();
  }

  window.addEventListener("keydown", onKey, true);
  el.addEventListener("focusin", showHint);
  el.addEventListener("focusout", () => setTimeout(showHint));
  model.on("change:state", hear);
  const parting = hideTwin(model);
  const drawing = requestAnimationFrame(paint); // when it is on the page, and has a width

  return () => {
    cancelAnimationFrame(drawing);
    clearTimeout(waking);
    window.removeEventListener("keydown", onKey, true);
    model.off("change:state", hear);
    forget([...open.keys()]);
    pictures.close();
    for (const card of cards.values()) card.close();
    parting();
  };
}

export default { initialize: keepTwin, render };
