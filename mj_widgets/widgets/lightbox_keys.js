// @ts-check
// The keys, on the window and while capturing: before JupyterLab's own shortcuts, which would act on the notebook.

const CHOICE = 4000; // ms that u and v wait for a digit
const VERBS = /** @type {Record<string, [string, string]>} */ ({ u: ["upscale", "Upscale"], v: ["variation", "Vary"] });

/** A letter is the same with CapsLock. @param {KeyboardEvent} event */
const pressed = ({ key }) => (key.length > 1 ? key : key.toLowerCase());

/**
 * @param {{ box: HTMLDialogElement, little: HTMLDialogElement[], at(): Place, root(): Element | null, leave(): void,
 *   shut(): void, step(by: number): void, zoom: { in(): void, out(): void, toggle(): void },
 *   say(text: string, stay?: number): void, rate(place: Place, stars: number): void, favour(place: Place): void,
 *   tag(place: Place): void, compare(place: Place): void, pay(place: Place, action: string): void,
 *   single(place: Place, group: string): void, list(): void }} does
 */
function hearKeys(does) {
  /** @type {{ verb: string, place: Place, timer: number } | null} u or v, which wait for a digit */
  let choice = null;

  function stopChoice() {
    clearTimeout(choice?.timer);
    choice = null;
    does.say("");
  }

  /** @param {string} key @param {Place} place */
  function startChoice(key, place) {
    const [verb, name] = VERBS[key];
    if (!place.tile) {
      does.single(place, name);
      return;
    }
    choice = { verb, place, timer: setTimeout(stopChoice, CHOICE) };
    does.say(`${name} which picture? 1 – 4 (this is ${place.tile}, Esc for none)`, 0);
  }

  /** @param {string} key @param {Place} place @returns {boolean} whether the key means something */
  function press(key, place) {
    const waits = choice;
    if (choice) stopChoice();
    if (waits && /^[1-4]$/.test(key)) does.pay(waits.place, `${waits.verb}${key}`);
    else if (waits && /^\d$/.test(key)) does.say("A grid has the pictures 1 – 4.");
    else if (waits && key === "Escape") return true;
    else if (/^[0-5]$/.test(key)) does.rate(place, Number(key));
    else if (key === "f") does.favour(place);
    else if (key === "t") does.tag(place);
    else if (key in VERBS) startChoice(key, place);
    else if (key === "r") does.pay(place, "reroll");
    else if (key === "c") does.compare(place);
    else if (key === "?") does.list();
    else return false;
    return true;
  }

  /** @param {KeyboardEvent} event */
  function pressInBox(event) {
    const key = pressed(event);
    if (key === "ArrowLeft" || key === "ArrowRight") does.step(key === "ArrowLeft" ? -1 : 1);
    else if (key === "+" || key === "=") does.zoom.in();
    else if (key === "-") does.zoom.out();
    else if (key === "z") does.zoom.toggle();
    else if (event.repeat) return false; // what follows changes something, or costs something
    else if (press(key, does.at())) return true;
    else if (key === "Escape") does.shut();
    else return false;
    return true;
  }

  /** Goes to the picture beside this one, as they lie on the page. @param {HTMLElement} tile @param {number} by */
  function stroll(tile, by) {
    const tiles = /** @type {HTMLElement[]} */ ([...(does.root()?.querySelectorAll(".mj-tile") ?? [])]);
    const placed = tiles.map((each) => ({ each, box: each.getBoundingClientRect() })).filter(({ box }) => box.width);
    placed.sort((a, b) => a.box.top - b.box.top || a.box.left - b.box.left);
    placed[placed.findIndex(({ each }) => each === tile) + by]?.each.focus();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const little = does.little.find((dialog) => dialog.open);
    const tile = target.closest?.(".mj-tile");
    const own = tile instanceof HTMLElement && does.root()?.contains(tile) ? tile : null;
    if ((!little && !does.box.open && !own) || event.isComposing) return;
    let taken = false;
    if (little) {
      if (event.key === "Escape") taken = (little.close(), true);
    } else if (target.matches?.("input, textarea")) {
      if (event.key === "Escape") taken = (does.leave(), true);
    } else if (does.box.open) taken = pressInBox(event);
    else if (own?.closest("[role=grid]") && /^(Arrow|Home|End|Page|Enter| )/.test(event.key)) return; // it walks by itself
    else if (own && event.key.startsWith("Arrow")) taken = (stroll(own, /Left|Up/.test(event.key) ? -1 : 1), true);
    else if (own && !event.repeat) taken = press(pressed(event), { id: own.dataset.id ?? "", tile: Number(own.dataset.tile) });
    if (taken) event.preventDefault();
    event.stopImmediatePropagation();
  }

  window.addEventListener("keydown", onKey, true);
  return () => {
    clearTimeout(choice?.timer);
    window.removeEventListener("keydown", onKey, true);
  };
}
