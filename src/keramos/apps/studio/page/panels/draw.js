/** Phases, and the options of the tool in hand. */
/** @import {Studio} from "../studio.js" */
import { NOT_ANNOTATED, NOT_SURE } from "../colours.js";
import { make } from "../dom.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const group = make("div", { class: "phases", role: "radiogroup", "aria-label": "Phase to draw" });
  const choices = [
    ...studio.project.phases.map((phase, i) => ({ ...phase, key: i < 9 ? String(i + 1) : "" })),
    { code: NOT_SURE, name: "not sure", colour: "", key: "U" },
    { code: NOT_ANNOTATED, name: "not annotated", colour: "", key: "0" },
  ];
  const buttons = choices.map(({ code, name, colour, key }) => {
    const swatch = make("i", { class: `swatch ${code === NOT_SURE ? "unsure" : code === NOT_ANNOTATED ? "none" : ""}` });
    if (colour) swatch.style.background = colour;
    if (key) studio.keys.add({ keys: key, group: "Phases", does: `draw ${name}`, run: () => studio.set({ phase: code }) });
    return make("button", {
      type: "button", role: "radio", class: "phase", onclick: () => studio.set({ phase: code }),
    }, swatch, make("span", {}, name), make("kbd", {}, key));
  });
  group.append(...buttons);
  element.append(make("h2", {}, "Phase"), group);
  const show = () => buttons.forEach((button, i) => button.setAttribute("aria-checked", String(choices[i].code === studio.state.phase)));
  studio.on("phase", show);
  show();
}
