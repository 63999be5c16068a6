// @ts-check
// What stands beside a picture in the lightbox: what was asked, what a person thinks of it, and what can be done next.

const CUT = 600; // characters of a prompt that are shown unfolded
const FULL_STAR = "★";
const EMPTY_STAR = "☆";

/**
 * @typedef {{ id: string, tile: number }} Place
 * @typedef {[name: string, label: string, tip: string]} Offer
 * @typedef {{ id: string, prompt: string, diff: [string, string][], parameters: [string, string][],
 *   facts: [string, string][], known: string[], groups: [string, Offer[]][], tiles: number[], size: [number, number],
 *   deleted: boolean, code: string,
 *   marks: { stars: Record<string, number>, hearts: number[], tags: string[], note: string } }} Entry
 */

/** @param {string} text @param {string} [kind] */
function button(text, kind = "") {
  const made = make("button", `mj-button ${kind}`.trim(), { type: "button" });
  made.textContent = text;
  return made;
}

/** Those of one picture of a grid first, without repeating them. @param {Entry} entry @param {number} tile */
function offersOf(entry, tile) {
  if (!tile) return entry.groups;
  const own = entry.groups.flatMap(([, offers]) => offers.filter(([name]) => /^(upscale|variation)[1-4]$/.test(name)));
  const first = own.filter(([name]) => name.endsWith(String(tile)));
  const rest = entry.groups.map(([heading, offers]) => [heading, offers.filter((each) => !first.includes(each))]);
  const named = first.map(([name, , tip]) => [name, name.startsWith("u") ? "Upscale" : "Vary", tip]);
  return /** @type {[string, Offer[]][]} */ ([[`Picture ${tile}`, named], ...rest].filter(([, offers]) => offers.length));
}

/** Writes a prompt into a node; a long one is folded. @param {HTMLElement} node @param {string} text */
function foldable(node, text) {
  if (text.length <= CUT) {
    node.replaceChildren(Object.assign(make("p", "mj-full-prompt", { dir: "auto" }), { textContent: text }));
    return;
  }
  const fold = make("details", "");
  const summary = make("summary", "", { dir: "auto" });
  const more = make("span", "mj-more");
  summary.textContent = `${text.slice(0, CUT)}… `;
  more.textContent = `All ${text.length} characters`;
  summary.append(more);
  fold.append(summary);
  fold.addEventListener("toggle", () => {
    if (fold.childNodes.length < 2) {
      fold.append(Object.assign(make("p", "mj-full-prompt mj-long", { dir: "auto", tabindex: "0" }), { textContent: text }));
    }
  });
  node.replaceChildren(fold);
}

/** @param {string} title @param {HTMLElement[]} parts */
function section(title, ...parts) {
  const made = make("section", "mj-section", { "aria-label": title });
  const heading = make("h3", "");
  heading.textContent = title;
  made.append(heading, ...parts);
  return made;
}

/** @param {HTMLElement} node @param {[string, string][]} rows */
function pairs(node, rows) {
  node.replaceChildren(
    ...rows.flatMap(([name, value]) => [
      Object.assign(make("dt", ""), { textContent: name }),
      Object.assign(make("dd", "", { dir: "auto" }), { textContent: value }),
    ]),
  );
}

/**
 * @param {{ rate(stars: number): void, favour(): void, tag(text: string): void, untag(text: string): void,
 *   note(text: string): void, act(name: string): void, remove(): void }} does
 */
function panelOf(does) {
  const node = make("div", "mj-panel");
  const prompt = make("div", "mj-asked");
  const change = make("p", "mj-change", { dir: "auto" });
  const prompts = section("Prompt", prompt, change);
  const parameters = make("dl", "");
  const parametersSection = section("Parameters", parameters);
  const facts = make("dl", "");
  const code = make("code", "");
  const call = make("div", "mj-call");
  call.append(code, copier(code));
  const actions = make("div", "mj-acts");
  const remix = make("p", "mj-quietly", { dir: "auto" });

  const stars = make("div", "mj-stars", { role: "group", "aria-label": "Rating" });
  const each = [1, 2, 3, 4, 5].map((number) => {
    const star = make("button", "mj-star", { type: "button", "aria-label": `${number} of 5`, title: `Rate it (${number})` });
    star.addEventListener("click", () => does.rate(number));
    return star;
  });
  const heart = make("button", "mj-heart", { type: "button", "aria-label": "Favourite", title: "Favourite (f)" });
  heart.addEventListener("click", () => does.favour());
  stars.append(...each, heart);

  const tags = make("ul", "mj-tags", { "aria-label": "Tags" });
  const form = make("form", "mj-tagging");
  const known = make("datalist", "", { id: `mj-known-${Math.random().toString(36).slice(2)}` });
  const input = make("input", "", {
    type: "text", placeholder: "Add a tag", "aria-label": "Add a tag", maxlength: "64", dir: "auto", autocomplete: "off",
    list: known.id,
  });
  form.append(input, known);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text) does.tag(text);
    input.value = "";
  });
  const note = make("textarea", "mj-noting", {
    rows: "2", placeholder: "A note", "aria-label": "Note", maxlength: "10000", dir: "auto",
  });
  const remove = button("Delete", "mj-plain");
  remove.title = "Put it out of sight; Undo brings it back";
  remove.addEventListener("click", () => does.remove());

  let noted = ""; // the note as the kernel knows it
  let drawn = ""; // the actions that stand there
  const saveNote = () => {
    if (note.value === noted) return;
    noted = note.value;
    does.note(note.value);
  };
  note.addEventListener("change", saveNote);

  const marks = section("Your marks", stars, tags, form, note);
  node.append(prompts, section("Next", remix, actions), marks, parametersSection, section("About", facts, call, remove));

  /** @param {Entry} entry @param {number} tile */
  function showActions(entry, tile) {
    const key = JSON.stringify([entry.groups, tile]);
    if (key === drawn) return;
    drawn = key;
    actions.replaceChildren(
      ...offersOf(entry, tile).map(([heading, offers]) => {
        const group = make("div", "mj-group", { role: "group", "aria-label": heading || "More" });
        group.append(Object.assign(make("span", "mj-heading"), { textContent: heading }));
        for (const [name, label, tip] of offers) {
          const made = button(label);
          made.title = tip;
          made.addEventListener("click", (event) => event.detail < 2 && does.act(name));
          group.append(made);
        }
        return group;
      }),
    );
    if (!entry.groups.length) actions.textContent = "The service offers nothing more for this one.";
  }

  /** @param {Entry} entry @param {number} tile */
  function showOpinion({ marks, known: words }, tile) {
    const given = marks.stars[tile] ?? 0;
    each.forEach((star, index) => {
      star.textContent = index < given ? FULL_STAR : EMPTY_STAR;
      star.setAttribute("aria-pressed", String(index + 1 === given));
    });
    heart.textContent = marks.hearts.includes(tile) ? "♥" : "♡";
    heart.setAttribute("aria-pressed", String(marks.hearts.includes(tile)));
    const focused = tags.contains(document.activeElement);
    tags.replaceChildren(
      ...marks.tags.map((text) => {
        const item = make("li", "");
        const words = make("span", "", { dir: "auto" });
        const away = make("button", "", { type: "button", "aria-label": `Take the tag ${text} away`, title: "Take away" });
        words.textContent = text;
        away.textContent = "✕";
        away.addEventListener("click", () => (input.focus(), does.untag(text)));
        item.append(words, away);
        return item;
      }),
    );
    if (focused) input.focus();
    known.replaceChildren(...words.map((word) => make("option", "", { value: word })));
    if (note.value === noted) note.value = marks.note; // or somebody is writing it
    noted = marks.note;
  }

  return {
    node,
    input,
    saveNote,
    /** @param {Entry} entry @param {number} tile @param {string | undefined} words of an open remix box */
    show(entry, tile, words) {
      node.classList.remove("mj-stale");
      foldable(prompt, entry.prompt || "(none)");
      change.hidden = !entry.diff.length;
      showChange(change, entry.diff);
      if (entry.diff.length) change.prepend(Object.assign(make("span", "mj-quietly"), { textContent: "Changed: " }));
      remix.hidden = words === undefined;
      remix.textContent = words === undefined ? "" : `Remix is open on its card: ${words.slice(0, CUT)}`;
      parametersSection.hidden = !entry.parameters.length;
      pairs(parameters, entry.parameters);
      const [width, height] = entry.size.map((side) => (tile ? Math.floor(side / 2) : side));
      pairs(facts, [...entry.facts, ["Size", `${width} × ${height} pixels`]]);
      code.textContent = entry.code;
      remove.hidden = entry.deleted;
      showActions(entry, tile);
      showOpinion(entry, tile);
    },
    /** Another picture is on its way. */
    clear() {
      saveNote();
      note.value = noted = "";
      node.classList.add("mj-stale");
    },
  };
}
