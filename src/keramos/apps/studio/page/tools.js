/** The column of tools at the left. */
/** @import {Studio} from "./studio.js" */
import { make, makeIcon } from "./dom.js";
import { TOOLS } from "./draw/index.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mountTools(element, studio) {
  const buttons = TOOLS.map((tool) => {
    const button = make("button", {
      type: "button", class: "tool", title: `${tool.title} (${tool.key}): ${tool.help}`, "aria-label": tool.title,
      "aria-keyshortcuts": tool.key, onclick: () => studio.set({ tool: tool.name }),
    }, makeIcon(tool.icon), make("span", { class: "tool-name" }, tool.title), make("kbd", {}, tool.key));
    studio.keys.add({ keys: tool.key, group: "Tools", does: `${tool.title}: ${tool.help}`, run: () => studio.set({ tool: tool.name }) });
    return button;
  });
  element.append(...buttons);
  const show = () => buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(TOOLS[i].name === studio.state.tool)));
  studio.on("tool", show);
  show();
}
