/** The numbers of a segmentation before and after its corrections, and which kind of place changed them. */
import { make } from "../dom.js";

/**
 * @typedef {{id: string, phase: string, axis: string, before: number, after: number, difference: number}} Change
 * @typedef {{changes: Change[], units: Record<string, string>, by_kind: Record<string, Change[]>}} Numbers
 * @typedef {{isNew: boolean, decided: number, isBusy: boolean, measure: () => void, save: () => void, learn: () => void}} Actions
 */

/** @type {Record<string, string>} */
const NAMES = {
  "phase-fraction": "phase fraction", "specific-surface-area": "specific surface area", "largest-component": "largest component",
  "percolating-fraction": "percolating fraction",
};

/** @param {Numbers | null} numbers @param {Actions} actions */
export function makeNumbers(numbers, { isNew, decided, isBusy, measure, save, learn }) {
  const buttons = make("div", { class: "buttons" },
    make("button", { type: "button", disabled: isBusy, onclick: measure }, "Measure again"),
    make("button", { type: "button", disabled: isBusy || decided === 0, onclick: save, title: "Writes the corrected segmentation, and its corrections as labels to train on" }, "Save corrected"),
    make("button", { type: "button", disabled: decided === 0, onclick: learn, title: "Makes labels of what was flipped or accepted; labels that are there stay" }, "Use as labels"));
  const section = make("section", { class: "numbers" }, make("h2", {}, "Numbers"), buttons);
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
