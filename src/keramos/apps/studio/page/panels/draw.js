/** Phases, the options of the tool in hand, and what is done to a whole slice. */
/** @import {Studio} from "../studio.js" */
/** @import {PageTool} from "../draw/index.js" */
import { NOT_ANNOTATED, NOT_SURE } from "../colours.js";
import { make, makeIcon } from "../dom.js";
import { makeField } from "../form.js";
import { editPhases } from "./phases.js";
import { makeTones } from "./tones.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const options = make("div", { class: "tool-options" }), actions = make("div", { class: "actions" });
  const tones = makeTones(studio), phases = make("div");
  element.append(make("div", { class: "title-row" }, make("h2", {}, "Phase"),
    make("button", { type: "button", class: "quiet", onclick: () => editPhases(studio) }, "Edit")), phases, tones, options, actions);
  const showPhases = () => phases.replaceChildren(makePhases(studio));
  studio.on("project", showPhases);
  showPhases();
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
    const whole = studio.state.tools.filter((tool) => tool.way === "slice");
    actions.replaceChildren(...(whole.length > 0 ? [make("h2", {}, "Whole slice"), ...whole.map((tool) => makeAction(tool, studio))] : []));
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

/** Ends what the list of phases before listened to. */
let stopFollowing = () => {};

/** @param {Studio} studio */
function makePhases(studio) {
  const choices = [
    ...studio.project.phases.map((phase, i) => ({ ...phase, key: i < 9 ? String(i + 1) : "" })),
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
      const next = (i + way + choices.length) % choices.length;
      studio.set({ phase: choices[next].code });
      buttons[next].focus();
    });
    return button;
  });
  const show = () => buttons.forEach((button, i) => {
    const chosen = choices[i].code === studio.state.phase;
    button.setAttribute("aria-checked", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  });
  stopFollowing();
  stopFollowing = studio.on("phase", show);
  show();
  return make("div", { class: "phases", role: "radiogroup", "aria-label": "Phase to draw" }, ...buttons);
}
