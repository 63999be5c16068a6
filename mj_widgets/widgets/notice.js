// @ts-check
// The line that a control speaks through. It listens on the whole control: to Ctrl/⌘+Enter, and to every click, because a
// kernel that is busy with a cell may handle a click only when the cell ends, and then a person should be told.

const ANSWER = 1000; // ms
const BUSY = "The kernel is busy with a cell: this click is handled when the cell ends (■ stops it).";

/**
 * @typedef {{ name: string, sandbox: string, text: string, alarm: boolean, details: string, code: string, undo: string }} State
 */

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  /** @type {State} */
  const { name } = model.get("state");
  const key = Math.random().toString(36).slice(2);
  const live = `.mj-live-${name}`;
  const twin = `.mj-twin-${name}`;
  let count = 0;
  /** @type {Map<string, number>} timers of what was not answered yet */
  const open = new Map();

  el.classList.add("mj-notice");
  const sandbox = make("p", "mj-sandbox", { role: "status" });
  const text = make("p", "mj-says", { role: "status" });
  const busy = make("p", "mj-busy", { role: "status" });
  const details = make("details", "mj-details");
  const traceback = make("pre", "", { tabindex: "0" }); // it scrolls
  details.append(Object.assign(make("summary", ""), { textContent: "Details" }), traceback);
  const call = make("div", "mj-call", { role: "group", "aria-label": "The same in Python" });
  const code = make("code", "");
  const undo = make("button", "mj-copy", { type: "button" });
  undo.textContent = "Undo";
  undo.addEventListener("click", () => send(model, { kind: "wish", verb: "restore", id: model.get("state").undo }));
  call.append(code, copier(code), undo);
  busy.hidden = true;
  el.append(sandbox, text, details, busy, call);

  // A page that opens a saved notebook shows the twin, until the kernel answers that the control is alive.
  const style = document.createElement("style");
  const hide = (/** @type {string} */ what) => {
    style.textContent = `${what}, .jp-OutputArea-child:has(${what}) { display: none !important; }`;
  };
  hide(document.querySelector(`${twin} .mj-twin-card`) ? live : twin);
  document.head.append(style);

  const form = minded(el, live, tell);

  let pause = ANSWER;
  let greeting = 0;

  /** Ask whether a kernel is there, until it answers: a message may be lost while the page reconnects. */
  function greet() {
    send(model, { kind: "hello", key });
    greeting = setTimeout(greet, pause);
    pause *= 2;
  }

  /** @param {boolean} isBusy */
  function sayBusy(isBusy) {
    busy.textContent = isBusy ? BUSY : "";
    busy.hidden = !isBusy;
  }

  /** @param {object} message @param {boolean} [waited] whether somebody waits for what comes of it */
  function tell(message, waited = true) {
    const id = `${key}-${(count += 1)}`;
    if (waited) open.set(id, setTimeout(() => sayBusy(true), ANSWER));
    send(model, { ...message, key: id });
  }

  /** @param {any} message */
  function hear(message) {
    if (message?.kind !== "here") return;
    hide(twin);
    clearTimeout(greeting);
    clearTimeout(open.get(message.key));
    open.delete(message.key);
    if (!open.size) sayBusy(false);
  }

  /** @param {EventTarget | null} target @returns {Element | null} the control, if the target is in it */
  function control(target) {
    const root = target instanceof Element ? target.closest(live) : null;
    return root?.contains(el) ? root : null;
  }

  /** @param {Element} root */
  function typed(root) {
    return { remix: remixed(root), ...form.news() };
  }

  /** What the button says that pays: nothing else may be paid for. @param {Element} root */
  function seen(root) {
    return { seen: root.querySelector(".mj-generate")?.textContent ?? "" };
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    const root = control(event.target);
    const button = /** @type {Element} */ (event.target)?.closest?.("button");
    if (!root || !button) return;
    if (event.detail > 1 && button.matches(".mj-button")) {
      event.stopImmediatePropagation(); // a double click is one wish, and each would be paid for
      event.preventDefault();
      return;
    }
    form.clicked(button);
    tell({ kind: "click", ...typed(root), ...(button.matches(".mj-generate") ? seen(root) : {}) });
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const root = control(event.target);
    const input = /** @type {Element} */ (event.target);
    if (!root || !input.matches("input, select, textarea, [role=slider]")) return;
    event.stopImmediatePropagation(); // or the notebook would run the cell
    event.preventDefault();
    const asked = input === form.box() || input.closest(".mj-parameters");
    if (asked && !event.repeat) tell({ kind: "generate", ...typed(root), ...seen(root) });
  }

  function show() {
    /** @type {State} */
    const state = model.get("state");
    sandbox.textContent = state.sandbox;
    sandbox.hidden = !state.sandbox;
    text.textContent = state.text;
    text.hidden = !state.text;
    text.classList.toggle("mj-alarm", state.alarm);
    text.setAttribute("role", state.alarm ? "alert" : "status");
    traceback.textContent = state.details;
    details.hidden = !state.details;
    if (code.textContent !== state.code) code.textContent = state.code;
    call.hidden = !state.code;
    code.tabIndex = code.scrollHeight > code.clientHeight + 1 ? 0 : -1; // what scrolls can be scrolled by keys
    undo.hidden = !state.undo;
  }

  // On the window and while capturing: before JupyterLab's own shortcuts, and before the buttons send their click.
  window.addEventListener("click", onClick, true);
  window.addEventListener("keydown", onKey, true);
  model.on("msg:custom", hear);
  model.on("change:state", show);
  show();
  greet();

  return () => {
    window.removeEventListener("click", onClick, true);
    window.removeEventListener("keydown", onKey, true);
    model.off("msg:custom", hear);
    model.off("change:state", show);
    form.close();
    for (const timer of open.values()) clearTimeout(timer);
    clearTimeout(greeting);
    style.remove();
  };
}

export default { initialize: keepTwin, render };
