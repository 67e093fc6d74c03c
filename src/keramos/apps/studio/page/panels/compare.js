/** Where two segmentations differ: a layer of its own, how many voxels and which share, and the places one after the other. */
/** @import {Box} from "../places.js" */
/** @import {Studio} from "../studio.js" */
import { writeShare } from "../differences.js";
import { make } from "../dom.js";
import { makeFold } from "../fold.js";

/**
 * @typedef {{voxels: number, box: Box, centre: [number, number, number], first: string, second: string}} Place
 * @typedef {{compared: number, differing: number, count: number, places: Place[]}} Result
 * @typedef {{first: string | null, second: string | null, task: {done: number, total: number} | null, error: string, result: Result | null}} Comparison
 */

/** @param {Studio} studio */
export function makeComparison(studio) {
  const pair = [make("select", { "aria-label": "First segmentation" }), make("select", { "aria-label": "Second segmentation" })];
  const compare = make("button", { type: "button", class: "primary", onclick: () => void ask() }, "Compare");
  const told = make("p", { role: "status" }), bar = make("progress", { hidden: true });
  const list = () => {
    const layers = studio.state.layers.filter(({ kind, name }) => kind === "labels" && !["difference", "corrections"].includes(name));
    pair.forEach((field, i) => {
      const chosen = field.value;
      field.replaceChildren(...layers.map(({ name, title }) => make("option", { value: name }, title)));
      field.value = layers.some(({ name }) => name === chosen) ? chosen : layers[Math.min(layers.length - 1, i)]?.name ?? "";
    });
    compare.disabled = layers.length < 2;
    hint.hidden = layers.length > 1;
  };
  const ask = async () => {
    try {
      show(await studio.api("/api/difference", { first: pair[0].value, second: pair[1].value }));
      studio.styleLayer("difference", { visible: true });
    } catch (error) {
      told.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  /** @param {Comparison} comparison */
  const show = ({ task, error, result }) => {
    bar.hidden = task === null;
    if (task) Object.assign(bar, { max: Math.max(1, task.total), value: task.done });
    if (error) told.textContent = error;
    else if (task) told.textContent = "Counting…";
    if (!task && result) take(result);
  };
  /** @param {Result} result */
  const take = ({ compared, differing, count, places }) => {
    const share = compared > 0 ? differing / compared : 0, listed = places.length < count ? ` The ${places.length} largest are gone through.` : "";
    told.textContent = differing === 0 ? "They are the same wherever both have labels."
      : `They differ in ${differing.toLocaleString("en")} voxels, ${writeShare(share)} of those that both label, at ${count.toLocaleString("en")} places.${listed}`;
    studio.differences.take(places.map(({ voxels, box, centre, first, second }) => ({
      box, centre, says: `${voxels.toLocaleString("en")} voxels: ${first} in the first, ${second} in the second`,
    })));
  };
  const hint = make("p", { class: "faint" }, "Open a second segmentation, or another program's, as a layer to compare it.");
  studio.on("layers", list);
  studio.on("difference", ({ difference }) => show(difference));
  list();
  studio.api("/api/difference").then(show, () => undefined);
  return makeFold(studio, "compare", "Compare two", false, hint, make("div", { class: "comparison" }, ...pair, compare), told, bar, makeSteps(studio));
}

/** Buttons from place to place, and what is at the one in view. @param {Studio} studio */
export function makeSteps(studio) {
  const here = make("p", { class: "faint", role: "status" });
  const steps = make("div", { class: "buttons" },
    make("button", { type: "button", onclick: () => studio.differences.step(-1) }, "Earlier place ", make("kbd", {}, "<")),
    make("button", { type: "button", onclick: () => studio.differences.step(1) }, "Next place ", make("kbd", {}, ">")));
  const show = () => {
    const { places, place, at } = studio.differences;
    steps.hidden = places.length === 0;
    here.textContent = place ? `${at + 1} of ${places.length}: ${place.says}` : "";
  };
  studio.on("differing-place", show);
  show();
  return make("div", {}, steps, here);
}
