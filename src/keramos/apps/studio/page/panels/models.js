/** The models of a project: the curve of their scores, which one is in use, and where two of them differ. */
/** @import {AssistStatus, ModelRecord} from "../types.js" */
/** @import {Learning} from "./learn.js" */
import { writeShare } from "../differences.js";
import { make } from "../dom.js";
import { makeFold } from "../fold.js";
import { makeSteps } from "./compare.js";

const WIDE = 260;
const HIGH = 90;
const SPACE = "http://www.w3.org/2000/svg";

/** Gives what shows a status. @param {HTMLElement} element @param {Learning} learning */
export function mountModels(element, learning) {
  const curve = make("div", { class: "curve" }), list = make("div", { class: "models", role: "radiogroup", "aria-label": "Model in use" });
  const pair = [make("select", { "aria-label": "First model" }), make("select", { "aria-label": "Second model" })];
  // Until one chooses, the last two models are compared.
  for (const field of pair) field.addEventListener("change", () => { field.dataset.chosen = "yes"; });
  const differences = make("ol", { class: "places" });
  const compare = make("button", {
    type: "button", onclick: async () => {
      compare.disabled = true;
      const [first, second] = pair.map((field) => Number(field.value));
      const answer = await learning.ask("compare", { first, second });
      compare.disabled = false;
      if (!answer) return;
      differences.replaceChildren(...listDifferences(answer, learning));
      learning.studio.differences.takeSlices(answer.slices);
      learning.studio.styleLayer("difference", { visible: true });
    },
  }, "Compare");
  const comparison = make("div", {}, make("div", { class: "comparison" }, pair[0], pair[1], compare), differences, makeSteps(learning.studio));
  element.append(makeFold(learning.studio, "models", "Models", true, curve, list, comparison));
  return (/** @type {AssistStatus} */ status) => {
    curve.replaceChildren(...drawCurve(status));
    const choices = [...status.models].reverse().map((model) => ({ number: model.number, ...describe(model) }));
    choices.push({ number: 0, title: "Bundled weights", facts: "trained on phantoms of a porous solid" });
    list.replaceChildren(...choices.map(({ number, title, facts }) => {
      const used = number === status.current;
      return make("button", {
        type: "button", role: "radio", class: "phase", "aria-checked": String(used), title: used ? "in use" : "go back to this model",
        onclick: () => learning.use(number),
      }, make("span", {}, title, make("br"), make("small", { class: "faint" }, facts)));
    }));
    comparison.hidden = status.models.length === 0;
    pair.forEach((field, i) => {
      const chosen = field.value;
      field.replaceChildren(...choices.map(({ number, title }) => make("option", { value: String(number) }, title)));
      field.value = field.dataset.chosen ? chosen : String(i === 0 ? (choices[1]?.number ?? 0) : status.current);
    });
  };
}

/** @param {ModelRecord} model */
function describe({ number, score, slices, voxels, seconds, stopped }) {
  const drawn = Object.values(voxels).reduce((sum, count) => sum + count, 0);
  const iou = score ? `IoU ${score.iou.toFixed(3)}${score.interval ? ` (${score.interval.map((value) => value.toFixed(3)).join(" to ")})` : ""}` : "not scored";
  const learnt = `${drawn.toLocaleString("en")} voxels in ${slices.length} slice${slices.length === 1 ? "" : "s"}, ${Math.round(seconds)} s${stopped ? ", stopped" : ""}`;
  return { title: `Model ${number}: ${iou}`, facts: learnt };
}

/** @param {{share: number, slices: {z: number, share: number, box: string}[]}} comparison @param {Learning} learning */
function listDifferences({ share, slices }, learning) {
  const places = learning.studio.differences, differing = slices.filter((slice) => slice.share > 0);
  return [
    make("p", {}, `They differ in ${writeShare(share)} of the voxels of ${slices.length} slices. The layer “difference” shows where.`),
    ...differing.map(({ z, share: own }, i) => make("li", {},
      make("button", { type: "button", class: "quiet", title: "go where they differ most", onclick: () => places.goTo(i) }, `slice ${z}`),
      make("span", { class: "faint" }, writeShare(own)))),
  ];
}

/** Scores on held-out labels with their intervals, model by model; nothing for fewer than two. @param {AssistStatus} status */
function drawCurve({ curve, current }) {
  const scored = curve.filter((row) => row.iou !== null);
  if (scored.length < 2) return [];
  const low = Math.min(...scored.map(({ iou, interval }) => interval?.[0] ?? iou ?? 1)), high = Math.max(...scored.map(({ iou, interval }) => interval?.[1] ?? iou ?? 0));
  const x = (/** @type {number} */ i) => 34 + (i * (WIDE - 46)) / (scored.length - 1);
  const y = (/** @type {number | null} */ value) => 8 + ((high - (value ?? 0)) * (HIGH - 26)) / Math.max(high - low, 1e-3);
  const svg = shape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `IoU on held-out labels of ${scored.length} models, the last ${scored.at(-1)?.iou?.toFixed(3)}` });
  for (const value of [low, high]) svg.append(text(2, y(value) + 4, value.toFixed(2)));
  svg.append(shape("polyline", { class: "curve-line", points: scored.map(({ iou }, i) => `${x(i)},${y(iou)}`).join(" ") }));
  scored.forEach(({ model, iou, interval }, i) => {
    if (interval) svg.append(shape("line", { class: "curve-line", x1: x(i), x2: x(i), y1: y(interval[0]), y2: y(interval[1]) }));
    svg.append(shape("circle", { class: model === current ? "curve-point used" : "curve-point", cx: x(i), cy: y(iou), r: 3.5 }));
    svg.append(text(x(i) - 3, HIGH - 4, String(model)));
  });
  return [svg, make("p", { class: "faint" }, "IoU on labels that no model learns, with 95 % intervals, by model")];
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function shape(name, attributes) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** @param {number} x @param {number} y @param {string} words */
function text(x, y, words) {
  const element = shape("text", { x, y });
  element.textContent = words;
  return element;
}
