/** A job that runs, in a line: what it does, how far it is, and how long it still takes. */
/** @import {Job} from "../types.js" */
import { make } from "../dom.js";
import { plainWords } from "../words.js";

/** @param {Job} job */
export function makeProgress(job) {
  const { done = 0, total = 0, task = "", unit = "", rate, seconds_left: left } = job;
  const bar = make("progress", total > 0 ? { max: total, value: done, "aria-label": job.title } : { "aria-label": job.title });
  const facts = [
    total > 0 ? (unit === "%" ? `${Math.round((100 * done) / total)} %` : `${done} of ${total}`) : "",
    rate && unit && unit !== "%" ? `${+rate.toPrecision(2)} ${unit}s/s` : "",
    left === null || left === undefined ? "" : `${writeSeconds(left)} left`,
  ].filter(Boolean);
  return make("div", { class: "job-progress" }, make("span", {}, nameWork(job.title, task)), bar, make("span", { class: "faint" }, facts.join(" · ")));
}

/** A job with what it is at, if that says more. @param {string} title @param {string} [task] */
export function nameWork(title, task = "") {
  return task && task.toLowerCase() !== title.toLowerCase() ? `${title}: ${plainWords(task)}` : title;
}

/** @param {number} seconds */
export function writeSeconds(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
