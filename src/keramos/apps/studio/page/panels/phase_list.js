/** The phases to draw with, each with its number key, and below them the way to a further one. */
/** @import {Studio} from "../studio.js" */
import { NOT_ANNOTATED, NOT_SURE } from "../colours.js";
import { make } from "../dom.js";
import { editPhases } from "./phases.js";

const MOST_KEYS = 9;

/** @param {HTMLElement} element @param {Studio} studio */
export function mountPhases(element, studio) {
  const list = make("div"), hint = make("p", { class: "faint phase-hint" });
  element.append(list, hint);
  let stop = () => {};
  const show = () => {
    const { phases } = studio.project, { row, end } = makeChoices(studio);
    stop();
    stop = end;
    list.replaceChildren(row);
    hint.hidden = phases.length > 2;
    hint.textContent = `Does your sample have more than ${phases.map(({ name }) => name).join(" and ")}? Add each further phase before you draw it.`;
  };
  studio.on("project", show);
  show();
}

/** The phases as buttons, with what ends their listening. @param {Studio} studio */
function makeChoices(studio) {
  const { phases } = studio.project, next = phases.length + 1;
  const choices = [
    ...phases.map((phase, i) => ({ ...phase, key: i < MOST_KEYS ? String(i + 1) : "" })),
    { code: NOT_SURE, name: "not sure", colour: "", key: "U" },
    { code: NOT_ANNOTATED, name: "not annotated", colour: "", key: "0" },
  ];
  const buttons = choices.map(({ code, name, colour, key }, i) => {
    const swatch = make("i", { class: `swatch ${code === NOT_SURE ? "unsure" : code === NOT_ANNOTATED ? "none" : ""}` });
    if (colour) swatch.style.background = colour;
    if (key) studio.keys.add({ keys: key, group: "Phases", does: `draw ${name}`, run: () => studio.set({ phase: code }) });
    const button = make("button", { type: "button", role: "radio", class: "phase", onclick: () => studio.set({ phase: code }) },
      swatch, make("span", {}, name), make("kbd", {}, key));
    button.addEventListener("keydown", (event) => {
      const way = ["ArrowDown", "ArrowRight"].includes(event.key) ? 1 : ["ArrowUp", "ArrowLeft"].includes(event.key) ? -1 : 0;
      if (way === 0) return;
      event.preventDefault();
      const other = (i + way + choices.length) % choices.length;
      studio.set({ phase: choices[other].code });
      buttons[other].focus();
    });
    return button;
  });
  const addKey = next <= MOST_KEYS ? String(next) : "";
  if (addKey) studio.keys.add({ keys: addKey, group: "Phases", does: "add a phase", run: () => editPhases(studio, { adds: true }) });
  const add = make("button", { type: "button", class: "phase add-phase", onclick: () => editPhases(studio, { adds: true }) },
    make("i", { class: "swatch plus", "aria-hidden": "true" }, "+"), make("span", {}, "Add a phase…"), make("kbd", {}, addKey));
  const show = () => buttons.forEach((button, i) => {
    const chosen = choices[i].code === studio.state.phase;
    button.setAttribute("aria-checked", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  });
  show();
  const [own, others] = [buttons.slice(0, phases.length), buttons.slice(phases.length)];
  const row = make("div", { class: "phases", role: "radiogroup", "aria-label": "Phase to draw" }, ...own, add, ...others);
  return { row, end: studio.on("phase", show) };
}
