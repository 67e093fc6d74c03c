/** What ran and what came of it, the latest first: progress, findings, numbers, and what can be opened. */
/** @import {Finding, Job} from "../types.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { plainWords } from "../words.js";
import { openPrepared } from "./prepared.js";
import { makeProgress } from "./progress.js";
import { makeQuantities } from "./quantities.js";

const OVER = ["done", "failed", "cancelled"];

/** @param {HTMLElement} element @param {Studio} studio */
export function listRuns(element, studio) {
  const list = make("div", { class: "job-list" }), title = make("h3", {}, "What ran");
  element.append(title, list);
  /** @type {Map<string, {job: string, row: HTMLElement}>} rows by job, made anew where a job has changed */
  const rows = new Map();
  const show = () => {
    const jobs = [...studio.state.jobs.values()].filter(({ kind }) => kind === "verb").sort((a, b) => Number(b.id) - Number(a.id));
    title.hidden = jobs.length === 0;
    list.replaceChildren(...jobs.map((job) => {
      const text = JSON.stringify(job), before = rows.get(String(job.id));
      const row = before?.job === text ? before.row : makeJob(job, studio);
      rows.set(String(job.id), { job: text, row });
      return row;
    }));
  };
  studio.on("jobs", show);
  show();
}

/** @param {Job} job @param {Studio} studio */
function makeJob(job, studio) {
  const over = OVER.includes(job.state), again = job.state === "failed" || job.state === "cancelled";
  /** @param {string} path */
  const ask = (path) => async () => {
    await studio.api(path, { id: job.id }).catch((error) => studio.toast(error.message, "problem"));
  };
  const state = job.state === "running" ? makeProgress(job) : make("span", { class: `job-state ${job.state}` }, job.state);
  const findings = job.findings?.length ? job.findings : (job.result?.numbers?.findings ?? []);
  const nothing = job.state === "done" && job.verb === "check" && findings.length === 0 ? ["Nothing was found to be wrong."] : [];
  const texts = [...(job.notes ?? []), ...nothing];
  const buttons = [
    ...(over ? [] : [make("button", { type: "button", onclick: ask("/api/cancel") }, "Cancel")]),
    ...(again ? [make("button", { type: "button", onclick: ask("/api/resume") }, job.resumable ? "Resume" : "Run again")] : []),
    ...(job.state === "done" ? makeOpeners(job, studio) : []),
    makeCopy("Copy as command", job.command ?? "", studio),
    ...(job.recipe ? [makeCopy("Copy for a recipe", job.recipe, studio)] : []),
  ];
  return make("article", { class: "job-row" },
    make("div", { class: "title-row" }, make("strong", {}, `${job.id} ${job.title}`), ...(job.state === "running" ? [] : [state])),
    ...(job.state === "running" ? [state] : []),
    ...(job.error ? [make("p", { class: "problem" }, plainWords(job.error))] : []),
    ...(job.verb === "quantify" && job.state === "done" ? [makeQuantities(job, studio)] : []),
    ...foldRemarks(job, texts, findings, studio),
    make("div", { class: "buttons" }, ...buttons));
}

/** Notes and findings of a job, folded where they are many and not what was asked for. @param {Job} job @param {string[]} notes @param {Finding[]} findings @param {Studio} studio */
function foldRemarks(job, notes, findings, studio) {
  const rows = [...findings.map((finding) => makeFinding(finding, studio)), ...notes.map((text) => make("p", { class: "faint" }, plainWords(text)))];
  if (rows.length < 2 || job.verb === "check") return rows;
  const grave = findings.filter(({ severity }) => severity !== "note").length, light = rows.length - grave;
  const title = [count(grave, "warning"), count(light, "note")].filter(Boolean).join(", ");
  return [make("details", { class: `plain ${grave > 0 ? "finding warning" : ""}` }, make("summary", {}, title), ...rows)];
}

/** @param {number} number @param {string} what */
const count = (number, what) => number && `${number} ${what}${number > 1 ? "s" : ""}`;

/** @param {Finding} finding @param {Studio} studio */
function makeFinding({ severity, message, slices = [] }, studio) {
  return make("p", { class: `finding ${severity}` }, `${severity}: ${plainWords(message)}`,
    ...slices.slice(0, 3).map((z) => make("button", { type: "button", class: "quiet", onclick: () => studio.goTo({ z }) }, `slice ${z}`)));
}

/**
 * Buttons that open what a run wrote: labels as a layer, pages in a tab of their own.
 * @param {Job} job @param {Studio} studio @returns {HTMLElement[]}
 */
function makeOpeners(job, studio) {
  const outputs = Object.values(job.result?.outputs ?? {});
  return outputs.flatMap((path) => {
    /** @type {HTMLElement[]} */
    const openers = [];
    const name = path.split(/[\\/]/).at(-1) ?? path;
    if (name.endsWith(".html")) {
      openers.push(make("a", { class: "button", href: `/results/${job.folder}/${encodeURIComponent(name)}`, target: "_blank", rel: "noopener" }, TITLES[name] ?? `Open ${name}`));
    } else if (job.verb === "prepare" && name.endsWith(".zarr")) {
      openers.push(openPrepared(job, studio));
    } else if (job.verb === "segment" && name.endsWith(".zarr")) {
      openers.push(make("button", {
        type: "button", onclick: async () => {
          await studio.api("/api/layers", { path }).catch((error) => studio.toast(error.message, "problem"));
        },
      }, "Show as a layer"));
    }
    return openers;
  });
}

/** @type {Record<string, string>} what pages are called, by their names */
const TITLES = { "before-after.html": "Before and after", "report.html": "Open the report" };

/** @param {string} title @param {string} text @param {Studio} studio */
function makeCopy(title, text, studio) {
  return make("button", {
    type: "button", class: "quiet", title: text, onclick: async () => {
      try {
        await navigator.clipboard.writeText(text);
        studio.toast("copied");
      } catch {
        studio.toast(text, "problem"); // a browser that lets nothing be copied still shows it
      }
    },
  }, title);
}
