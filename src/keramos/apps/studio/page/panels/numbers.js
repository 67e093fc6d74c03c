/** The numbers of a segmentation before and after its corrections, and which kind of place changed them. */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";

/**
 * @typedef {{id: string, phase: string, axis: string, before: number, after: number, difference: number}} Change
 * @typedef {{changes: Change[], units: Record<string, string>, by_kind: Record<string, Change[]>}} Numbers
 * @typedef {object} Measured  what is known of a segmentation that is proofread
 * @property {Numbers | null} [numbers]
 * @property {boolean} [numbers_are_new]
 * @property {number} [count]  of decisions
 * @property {string | null} [corrected]  path of the corrected segmentation, once it is saved
 * @property {unknown} task  what the worker is at
 * @typedef {{measure: () => void, save: () => void, learn: () => void}} Actions
 */

/** @type {Record<string, string>} */
const NAMES = {
  "phase-fraction": "phase fraction", "specific-surface-area": "specific surface area", "largest-component": "largest component",
  "percolating-fraction": "percolating fraction",
};

/** @param {Studio} studio @param {Measured} measured @param {Actions} actions */
export function makeNumbers(studio, { numbers, numbers_are_new: isNew, count: decided = 0, corrected, task }, { measure, save, learn }) {
  const isBusy = task !== null;
  const buttons = make("div", { class: "buttons" },
    make("button", { type: "button", disabled: isBusy, onclick: measure }, "Measure again"),
    make("button", { type: "button", disabled: isBusy || decided === 0, onclick: save, title: "Writes the corrected segmentation, and its corrections as labels to train on" }, "Save corrected"),
    make("button", { type: "button", disabled: decided === 0, onclick: learn, title: "Makes labels of what was flipped or accepted; labels that are there stay" }, "Use as labels"));
  const section = make("section", { class: "numbers" }, make("h2", {}, "Numbers"), buttons);
  if (corrected) section.append(makeCorrected(studio, corrected));
  if (!numbers) return section;
  if (!isNew) section.append(make("p", { class: "faint" }, "Measured before the last decisions."));
  const rows = numbers.changes.filter(({ id, difference }) => Math.abs(difference) > 0 || id === "phase-fraction").map((change) => {
    const unit = numbers.units[change.id] ?? "1", name = NAMES[change.id] ?? change.id;
    return make("tr", { title: explain(change, numbers) },
      make("th", { scope: "row" }, `${name} of ${change.phase}${change.axis ? ` along ${change.axis}` : ""}`),
      make("td", {}, inWords(change.before, unit)), make("td", {}, inWords(change.after, unit)));
  });
  section.append(make("table", {}, make("thead", {}, make("tr", {}, make("th", {}, ""), make("th", { scope: "col" }, "before"), make("th", { scope: "col" }, "after"))),
    make("tbody", {}, ...rows)));
  return section;
}

/** What can be done with the corrected segmentation that is saved. @param {Studio} studio @param {string} path */
function makeCorrected(studio, path) {
  /** @param {string} address @param {unknown} body */
  const ask = (address, body) => studio.api(address, body).then(() => true, (error) => studio.toast(error.message, "problem"));
  const measureAll = async () => {
    if (await ask("/api/run", { verb: "quantify", options: { labels: path } })) studio.emit("open-panel", "runs");
  };
  return make("div", { class: "buttons" },
    make("button", { type: "button", onclick: () => void ask("/api/layers", { path }) }, "Show the corrected one"),
    make("button", { type: "button", onclick: () => void measureAll(), title: "All quantities of the corrected segmentation, with intervals; the panel Run shows them beside those before" }, "Measure it in full"));
}

/** What each kind of place did to a number. @param {Change} change @param {Numbers} numbers */
function explain(change, { by_kind: kinds, units }) {
  const parts = Object.entries(kinds).flatMap(([kind, rows]) => rows
    .filter(({ id, phase, axis, difference }) => id === change.id && phase === change.phase && axis === change.axis && difference !== 0)
    .map(({ difference }) => `${kind}: ${difference > 0 ? "+" : ""}${inWords(difference, units[change.id] ?? "1")}`));
  return parts.join(", ");
}

/** @param {number} value @param {string} unit */
function inWords(value, unit) {
  if (unit === "1") return `${(100 * value).toPrecision(Math.abs(value) < 0.0001 ? 1 : 4)} %`;
  return `${value.toPrecision(4)} ${unit.replace("um", "µm")}`;
}
