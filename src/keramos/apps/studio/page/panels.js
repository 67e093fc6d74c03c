/** The panels at the right: tabs above; layers and contrast below, folded or open for each tab as one likes it. A new panel is a file and a line in this list. */
/** @import {Studio} from "./studio.js" */
import { make } from "./dom.js";
import { rememberFold } from "./fold.js";
import { mount as mountContrast } from "./panels/contrast.js";
import { mount as mountDraw } from "./panels/draw.js";
import { mount as mountFindings } from "./panels/findings.js";
import { mount as mountLayers } from "./panels/layers.js";
import { mount as mountProofread } from "./panels/proofread.js";
import { mount as mountReview } from "./panels/review.js";
import { mount as mountLearn } from "./panels/learn.js";
import { mount as mountRuns } from "./panels/runs.js";

/** @typedef {{id: string, title: string, mount: (element: HTMLElement, studio: Studio) => void}} Panel */

/** @type {Panel[]} one tab each */
const TABS = [
  { id: "draw", title: "Draw", mount: mountDraw },
  { id: "learn", title: "Learn", mount: mountLearn },
  { id: "review", title: "Review", mount: mountReview },
  { id: "proofread", title: "Proofread", mount: mountProofread },
  { id: "runs", title: "Run", mount: mountRuns },
];

/** @type {Panel[]} always in view */
const BELOW = [
  { id: "findings", title: "Findings", mount: mountFindings },
  { id: "layers", title: "Layers", mount: mountLayers },
  { id: "contrast", title: "Contrast", mount: mountContrast },
];

/** What lies open below a tab at first; elsewhere the layers do. @type {Record<string, string[]>} */
const OPEN_AT_FIRST = { runs: [], draw: ["findings", "layers"] };

/** @param {HTMLElement} element @param {Studio} studio */
export function mountPanels(element, studio) {
  const list = make("div", { class: "tabs", role: "tablist", "aria-label": "Panels" });
  const pages = TABS.map(({ id, mount }) => {
    const page = make("div", { class: "tab-page", role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}` });
    mount(page, studio);
    return page;
  });
  const tabs = TABS.map(({ id, title }) => make("button", {
    type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, onclick: () => select(id),
  }, title));
  let front = TABS[0].id;
  /** @param {string} id */
  function select(id) {
    front = id;
    tabs.forEach((tab, i) => {
      const chosen = TABS[i].id === id;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      pages[i].hidden = !chosen;
    });
    shows.forEach((show) => show());
    studio.emit("panel", id);
  }
  list.addEventListener("keydown", (event) => {
    const way = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (way === 0) return;
    event.preventDefault();
    const next = (tabs.findIndex((tab) => tab.tabIndex === 0) + way + tabs.length) % tabs.length;
    select(TABS[next].id);
    tabs[next].focus();
  });
  studio.on("open-panel", select);
  list.append(...tabs);
  const below = BELOW.map(({ id, title, mount }) => {
    const body = make("div", { class: "section-body" });
    mount(body, studio);
    return make("details", { id: `section-${id}` }, make("summary", {}, title), body);
  });
  const shows = below.map((section, i) => {
    const { id } = BELOW[i];
    return rememberFold(studio, section, () => `${front}/${id}`, () => (OPEN_AT_FIRST[front] ?? ["findings", "layers"]).includes(id));
  });
  element.append(list, make("div", { class: "tab-pages" }, ...pages), make("div", { class: "below" }, ...below));
  select(TABS[0].id);
}
