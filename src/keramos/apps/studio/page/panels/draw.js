/** Phases, the options of the tool in hand, and what is done to a whole slice. */
/** @import {Studio} from "../studio.js" */
/** @import {PageTool} from "../draw/index.js" */
import { make, makeIcon } from "../dom.js";
import { makeFold } from "../fold.js";
import { makeField } from "../form.js";
import { mountPhases } from "./phase_list.js";
import { editPhases } from "./phases.js";
import { makeTones } from "./tones.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const options = make("div", { class: "tool-options" }), actions = make("div", { class: "actions" });
  const whole = makeFold(studio, "whole-slice", "Whole slice", true, actions);
  const tones = makeTones(studio), phases = make("div");
  element.append(make("div", { class: "title-row" }, make("h2", {}, "Phases"),
    make("button", { type: "button", class: "quiet", onclick: () => editPhases(studio) }, "Names, colours…")), phases, tones, options, whole);
  mountPhases(phases, studio);
  /** What the form was made for: it is left alone while one types into it. */
  let shownFor = "";
  const showOptions = () => {
    tones.hidden = !studio.tones.active;
    const tool = studio.drawing.tool, values = JSON.stringify(studio.state.options[tool?.tool ?? ""]);
    if (shownFor === `${tool?.name} ${values}` || options.contains(document.activeElement)) return;
    shownFor = `${tool?.name} ${values}`;
    options.replaceChildren(...(tool?.facts ? [make("h2", {}, tool.title), make("p", { class: "faint" }, tool.help), ...makeFields(tool, studio)] : []));
  };
  const showActions = () => {
    const tools = studio.state.tools.filter((tool) => tool.way === "slice");
    whole.hidden = tools.length === 0;
    actions.replaceChildren(...tools.map((tool) => makeAction(tool, studio)));
  };
  for (const part of ["tool", "tools", "options"]) studio.on(part, showOptions);
  studio.on("tools", showActions);
  showOptions();
  showActions();
}

/** @param {PageTool} tool @param {Studio} studio */
function makeFields({ tool, facts, preset, hidden }, studio) {
  const fields = (facts?.options ?? []).filter(({ name }) => !(name in preset) && !hidden.includes(name));
  return fields.map((option) => makeField(option, studio.state.options[tool]?.[option.name], (value) => {
    const all = studio.state.options;
    studio.set({ options: { ...all, [tool]: { ...all[tool], [option.name]: value } } });
  }));
}

/** A tool that changes the whole slice: a button, and its options if it has some. @param {PageTool} tool @param {Studio} studio */
function makeAction(tool, studio) {
  const button = make("button", { type: "button", class: "action", title: tool.help, onclick: () => studio.drawing.apply(tool) },
    makeIcon(tool.icon), make("span", {}, tool.title), ...(tool.key ? [make("kbd", {}, tool.key.replace("Shift+", "⇧"))] : []));
  const fields = makeFields(tool, studio);
  if (fields.length === 0) return button;
  const body = make("div", { class: "action-options", hidden: true }, ...fields);
  const more = make("button", {
    type: "button", class: "quiet", title: `Options of ${tool.title}`, "aria-label": `Options of ${tool.title}`, "aria-expanded": "false",
    onclick: () => {
      body.hidden = !body.hidden;
      more.setAttribute("aria-expanded", String(!body.hidden));
    },
  }, "…");
  return make("div", { class: "action-row" }, button, more, body);
}
