// @ts-check
// What is wished for in the lightbox and with the keys: told to the kernel once, and said to wait while the kernel is busy.

const ONCE = 1000; // ms in which the same paid action is taken for one
const ANSWER = 1000; // ms after which a wish is said to wait
const BUSY = "The kernel is busy with a cell: this is done when the cell ends (■ stops it).";

/** @param {Model} model @param {(text: string, stay?: number, only?: string) => void} say */
function wishing(model, say) {
  /** @type {Map<string, number>} timers of wishes that were not heard yet */
  const open = new Map();
  /** @type {Map<string, number>} when each paid action was sent */
  const paid = new Map();
  const name = Math.random().toString(36).slice(2);
  let count = 0;
  let busy = false;

  /** @param {string} verb @param {string} id @param {object} more */
  function wish(verb, id, more = {}) {
    const key = `${name}-${(count += 1)}`;
    open.set(key, setTimeout(() => say(BUSY, 0), ANSWER));
    send(model, { kind: "wish", verb, id, key, ...more });
  }

  /** @param {any} message */
  function hear(message) {
    if (message?.kind !== "heard") return;
    clearTimeout(open.get(message.key));
    open.delete(message.key);
    if (!open.size) say("", 0, BUSY);
  }
  model.on("msg:custom", hear);

  return {
    wish,
    /**
     * Does what costs something: once, however often it is pressed.
     * @param {string} id @param {{ action: string, words?: string }} what
     */
    pay(id, what) {
      const wanted = `${id} ${what.action}`;
      const now = performance.now();
      if (now - (paid.get(wanted) ?? -Infinity) < ONCE) return;
      paid.set(wanted, now);
      wish("act", id, what);
      say("Sent.");
    },
    close() {
      model.off("msg:custom", hear);
      for (const timer of open.values()) clearTimeout(timer);
    },
  };
}
