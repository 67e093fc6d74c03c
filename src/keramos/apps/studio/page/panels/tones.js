/** The tones of the slice as a row of buttons: each gives all its voxels the phase in hand, by one click or key. */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { nameOf } from "../status.js";

/** The row for the tool of tones; it follows the slice. @param {Studio} studio */
export function makeTones(studio) {
  const row = make("div", { class: "tones", role: "group", "aria-label": "Grey tones, from dark to light" });
  const hint = make("p", { class: "faint" });
  const show = () => {
    const { picture, count } = studio.tones, phase = nameOf(studio, studio.state.phase);
    hint.textContent = picture ? `A click on a tone, here or in the slice, makes all of it ${phase}.` : "Dividing the slice into tones …";
    const all = picture ? picture.counts.reduce((a, b) => a + b, 0) : 1;
    row.replaceChildren(...Array.from({ length: count }, (_, tone) => {
      const grey = Math.round((255 * tone) / (count - 1)), share = picture ? Math.round((100 * picture.counts[tone]) / all) : 0;
      const button = make("button", {
        type: "button", disabled: !picture, title: `tone ${tone + 1}: ${share} % of the slice`,
        "aria-label": `make tone ${tone + 1} of ${count}, ${share} % of the slice, ${phase}`, onclick: () => paint(tone),
      }, String(tone + 1));
      button.style.background = `rgb(${grey}, ${grey}, ${grey})`;
      button.style.color = grey < 128 ? "#fff" : "#000";
      return button;
    }));
  };
  /** @param {number} tone */
  const paint = (tone) => {
    const tool = studio.state.tools.find(({ name }) => name === "tones");
    if (tool) studio.drawing.apply(tool, { tone });
  };
  for (const part of ["tones", "phase", "options"]) studio.on(part, show);
  show();
  return make("div", { class: "tool-options" }, hint, row);
}
