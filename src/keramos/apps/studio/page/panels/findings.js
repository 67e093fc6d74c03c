/** What is doubtful about the stack or the journal of the drawing; nothing is shown where there are no findings. */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { plainWords } from "../words.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const show = () => {
    const { findings } = studio.project;
    element.replaceChildren(...findings.map((finding) => make("p", { class: `finding ${finding.severity}` },
      `${finding.severity}: ${plainWords(finding.message)}`, make("span", { class: "faint" }, [finding.effect, finding.advice].filter(Boolean).map((text) => `; ${plainWords(text ?? "")}`).join("")),
      ...(finding.slices ?? []).slice(0, 3).map((z) => make("button", { type: "button", class: "quiet", onclick: () => studio.goTo({ z }) }, `slice ${z}`)))));
    const section = element.closest("details");
    if (section) section.hidden = findings.length === 0;
  };
  studio.on("project", show);
  queueMicrotask(show);
}
