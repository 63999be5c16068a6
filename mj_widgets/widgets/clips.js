// @ts-check
// The clips of a film, below its first frame: each is fetched and plays in the frame when it is asked for.

/**
 * @param {ReturnType<typeof asker>} pictures @param {HTMLElement} frame
 * @returns what shows the clips of a state, and lets go of the one that plays
 */
function player(pictures, frame) {
  const row = make("div", "mj-clips", { role: "group", "aria-label": "Clips" });
  const note = make("span", "mj-clip-note", { "aria-live": "polite" });
  let shown = "";
  let url = "";
  let latest = 0; // of two that are asked for, the later one plays

  function stop() {
    frame.querySelector("video")?.remove();
    if (url) URL.revokeObjectURL(url);
    url = "";
    for (const button of row.querySelectorAll("button")) button.setAttribute("aria-pressed", "false");
  }

  /** @param {string} id @param {number} clip @param {HTMLButtonElement} button */
  function play(id, clip, button) {
    const again = button.getAttribute("aria-pressed") === "true";
    const mine = (latest += 1);
    stop();
    note.textContent = again ? "" : "Loading";
    if (again) return;
    button.setAttribute("aria-pressed", "true");
    pictures.ask({ id, clip }, (bytes, error) => {
      if (mine !== latest) return;
      note.textContent = error;
      if (!bytes) return;
      url = URL.createObjectURL(new Blob([/** @type {any} */ (bytes)], { type: "video/mp4" }));
      const video = make("video", "mj-video", { controls: "", loop: "", playsinline: "" });
      video.muted = true; // else it may not start by itself
      video.autoplay = !calm();
      video.addEventListener("error", () => {
        if (mine !== latest) return;
        stop();
        note.textContent = "This browser can show nothing of this clip. gen.clips has its file.";
      });
      video.src = url;
      frame.append(video);
    });
  }

  return {
    row,
    /** @param {{ id: string, clips: number[], prompt: string }} state */
    show({ id, clips, prompt }) {
      row.hidden = !clips.length;
      const key = `${id} ${clips}`;
      if (key === shown) return;
      shown = key;
      stop();
      const buttons = clips.map((clip) => {
        const name = `Play clip ${clip} of ${clips.length}: ${prompt.slice(0, 80)}`;
        const button = make("button", "mj-clip", { type: "button", "aria-pressed": "false", "aria-label": name });
        button.textContent = `▶ ${clip}`;
        button.addEventListener("click", () => play(id, clip, button));
        return button;
      });
      row.replaceChildren(...buttons, note);
    },
    close() {
      latest += 1;
      stop();
    },
  };
}
