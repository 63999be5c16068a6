// @ts-check
// Playing through the values of a slider, or along a row. It stops at the end; who wants less motion steps by hand.

const BEAT = 1200; // ms that each value is shown
const ALONG = "\n"; // in place of an axis: along the row; no axis is called so

/**
 * @param {Design} design @param {() => View} view @param {(what: Partial<View>) => void} change
 * @param {{ forward(): boolean, back(): void, shown(): boolean, told(): void }} row goes on along it, or back to its start;
 *   whether what is in sight is painted; is called when it begins and ends
 */
function player(design, view, change, row) {
  let playing = "";
  let beat = 0;
  const axisOf = (/** @type {string} */ name) => design.axes.find((each) => each.name === name) ?? null;
  const pick = (/** @type {number} */ place) => change({ picks: { ...view().picks, [playing]: place } });

  /** The place after the one that the slider is at, or -1 at the end. */
  function next() {
    const axis = axisOf(playing);
    const there = axis ? visible(axis, view()) : [];
    return there[there.indexOf(view().picks[playing]) + 1] ?? -1;
  }

  /** @returns {boolean} whether there was a step to take */
  function step() {
    if (playing === ALONG) return row.forward();
    const place = next();
    if (place >= 0) pick(place);
    return place >= 0;
  }

  function stop() {
    clearInterval(beat);
    if (!playing) return;
    playing = "";
    row.told();
  }

  return {
    next,
    stop,
    /** The axis that is played, or nothing. */
    axis: () => playing,
    /** @param {string} name the axis; empty for the first slider, or along the row where there is none */
    toggle(name) {
      const was = playing;
      stop();
      if (was && (!name || was === name)) return;
      const slid = others(design, view()).filter((axis) => (view().picks[axis.name] ?? ALL) !== ALL);
      playing = name || slid[0]?.name || ALONG;
      if (!step()) {
        // From the end it begins anew.
        if (playing === ALONG) row.back();
        else pick(visible(axisOf(playing), view())[0]);
      }
      if (calm()) return stop(); // a step for each press
      row.told();
      beat = setInterval(() => {
        if (row.shown() && !step()) stop();
      }, BEAT);
    },
  };
}
