/** The column of tools at the left, and the keys of tools. */
/** @import {Studio} from "./studio.js" */
/** @import {PageTool} from "./draw/index.js" */
import { make, makeIcon } from "./dom.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mountTools(element, studio) {
  /** @type {[PageTool, HTMLButtonElement][]} */
  let shown = [];
  const mark = () => shown.forEach(([tool, button]) => button.setAttribute("aria-pressed", String(tool.name === studio.state.tool)));
  const list = () => {
    shown = studio.state.tools.filter((tool) => tool.way !== "slice").map((tool) => [tool, makeButton(tool, studio)]);
    element.replaceChildren(...shown.map(([, button]) => button));
    for (const tool of studio.state.tools) if (tool.key) addKey(tool, studio);
    mark();
  };
  studio.on("tools", list);
  studio.on("tool", mark);
  list();
}

/** @param {PageTool} tool @param {Studio} studio */
function makeButton(tool, studio) {
  return make("button", {
    type: "button", class: "tool", title: `${tool.title}${tool.key ? ` (${tool.key})` : ""}: ${tool.help}`, "aria-label": tool.title,
    "aria-keyshortcuts": tool.key || null, onclick: () => studio.set({ tool: tool.name }),
  }, makeIcon(tool.icon), make("span", { class: "tool-name" }, tool.title), ...(tool.key ? [make("kbd", {}, tool.key.replace("Shift+", "⇧"))] : []));
}

/** @param {PageTool} tool @param {Studio} studio */
function addKey(tool, studio) {
  const whole = tool.way === "slice";
  studio.keys.add({
    keys: tool.key, group: whole ? "Whole slice" : "Tools", does: `${tool.title}: ${tool.help}`,
    run: () => (whole ? studio.drawing.apply(tool) : studio.set({ tool: tool.name })),
  });
}
