// @ts-check
// What is above the table: how far the run is, what it costs, and its buttons.

/** @typedef {{ counts: Record<string, number>, status: string, reason: string, spent: number, cap: number | null,
 *   left: number | null, now: number, simulated: boolean }} Told */

const PARTS = /** @type {[string, string[], string][]} */ ([
  ["done", ["done"], "✓ "],
  ["running", ["running"], "◔ "],
  ["failed", FAILED, "✕ "],
  ["left out", ["over the cap", "skipped"], "– "],
  ["left", ["waiting"], "○ "],
]);

/** @param {number} credits */
const amount = (credits) => String(Math.round(credits * 100) / 100);

/** @param {string} text @param {string} tip @param {() => void} act */
function barButton(text, tip, act) {
  const made = make("button", "mj-sweep-tool", { type: "button", title: tip });
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

/** @param {HTMLElement} el @param {Model} model */
function makeBar(el, model) {
  const order = (/** @type {string} */ verb) => send(model, { kind: "run", verb });
  const facts = make("p", "mj-sweep-facts");
  const meter = make("div", "mj-sweep-meter", { "aria-hidden": "true" });
  const reason = make("p", "mj-sweep-reason", { role: "status" });
  const spoken = make("p", "mj-spoken", { role: "status" });
  const buttons = make("div", "mj-sweep-buttons", { role: "group", "aria-label": "The run" });
  const pause = barButton("Pause", "Send nothing more for now; what was sent is followed", () => order("pause"));
  const resume = barButton("Resume", "Go on with what was not sent yet", () => order("resume"));
  const stop = barButton("Stop", "Send nothing more; what waits is skipped", () => order("stop"));
  buttons.append(pause, resume, stop);
  const head = make("div", "mj-sweep-head");
  head.append(facts, buttons);
  el.append(head, meter, reason, spoken);
  let clock = 0;

  /** @param {number} cells */
  function show(cells) {
    /** @type {Told} */
    const told = model.get("told");
    const numbers = PARTS.map(([, states]) => states.reduce((sum, state) => sum + (told.counts[state] ?? 0), 0));
    const parts = PARTS.map(([name, states, sign], index) => {
      const chip = make("span", "mj-sweep-count");
      chip.dataset.part = name;
      chip.textContent = `${sign}${numbers[index]} ${name}`;
      const kinds = states.filter((state) => told.counts[state]).map((state) => `${told.counts[state]} ${state}`);
      if (states.length > 1) chip.title = kinds.join(", ");
      return { chip, number: numbers[index] };
    });
    const cost = make("span", "mj-sweep-cost");
    const spent = told.cap === null ? `${amount(told.spent)} credits` : `${amount(told.spent)} of ${amount(told.cap)} credits`;
    cost.textContent = told.simulated ? `${spent} (simulated)` : spent;
    const time = make("span", "mj-sweep-time");
    facts.replaceChildren(...parts.filter(({ number }, index) => number || !index).map(({ chip }) => chip), cost, time);
    clearInterval(clock);
    const until = Date.now() / 1000 + (told.left ?? 0);
    const tick = () => (time.textContent = `≈ ${spell(until - Date.now() / 1000)} left`);
    if (told.left !== null && told.status === "running") {
      tick();
      clock = setInterval(tick, 1000);
    } else time.textContent = told.status === "running" ? "" : told.status;
    meter.replaceChildren(
      ...PARTS.slice(0, 4).map(([name], index) => {
        const part = make("span", "");
        part.dataset.part = name;
        part.style.width = `${cells ? (numbers[index] / cells) * 100 : 0}%`;
        return part;
      }),
    );
    reason.textContent = told.status === "done" && !told.reason ? "" : told.reason;
    reason.hidden = !reason.textContent;
    const open = numbers[1] + numbers[4] > 0;
    pause.hidden = told.status !== "running";
    resume.hidden = told.status === "running" || (told.status === "done" && !numbers[3]);
    stop.hidden = told.status === "stopped" || told.status === "done" || !open;
    // A screen reader hears each quarter and each change of the run, not each cell.
    const quarter = cells ? Math.floor(((cells - numbers[1] - numbers[4]) / cells) * 4) * 25 : 100;
    const said = `The sweep is ${told.status}: ${quarter} % of ${cells} cells`;
    if (spoken.textContent !== said) spoken.textContent = said;
  }

  return { show, close: () => clearInterval(clock) };
}
