/** Everything that the command line does, from forms that its options make, and the list of what ran. */
/** @import {Job, OptionFacts, VerbFacts} from "../types.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { makeField } from "../form.js";
import { makeProgress } from "./progress.js";

/** Options that a form shows at once; the others are behind "More options". */
const SHOWN = ["images", "raw", "labels", "runs", "path", "model", "to", "from", "phase", "scores", "uncertainty", "truth", "slice_thickness", "budget", "thickness"];
const OVER = ["done", "failed", "cancelled"];

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const choice = make("select", { "aria-label": "What to do" }), form = make("div"), list = make("div", { class: "job-list" });
  const waiting = make("p", { class: "faint" }, "The forms are being read…");
  element.append(make("h2", {}, "Run"), waiting, choice, form, make("h3", {}, "Runs"), list);
  choice.hidden = true;
  /** @type {VerbFacts[]} */
  let verbs = [];
  const showForm = () => {
    const verb = verbs.find(({ name }) => name === choice.value);
    if (verb) form.replaceChildren(makeForm(verb, studio));
  };
  const read = async () => {
    try {
      const answer = await studio.api("/api/verbs");
      verbs = answer.verbs;
      const chosen = choice.value;
      choice.replaceChildren(...verbs.map(({ name, title }) => make("option", { value: name }, title)));
      choice.value = verbs.some(({ name }) => name === chosen) ? chosen : "segment";
      choice.hidden = false;
      waiting.hidden = true;
      showForm();
    } catch (error) {
      waiting.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  choice.addEventListener("change", () => void read());
  let isRead = false;
  studio.on("panel", (id) => {
    if (id === "runs" && !isRead) void read();
    isRead ||= id === "runs";
  });
  // What a run made is what the next form begins with.
  studio.on("job", ({ job }) => {
    const isTyping = form.contains(document.activeElement) && !(document.activeElement instanceof HTMLButtonElement);
    if (isRead && job.kind === "verb" && job.state === "done" && !isTyping) void read();
  });
  const showJobs = () => list.replaceChildren(...[...studio.state.jobs.values()].filter(({ kind }) => kind === "verb")
    .sort((a, b) => Number(b.id) - Number(a.id)).map((job) => makeJob(job, studio)));
  studio.on("jobs", showJobs);
  studio.api("/api/jobs").then(({ jobs }) => {
    studio.set({ jobs: new Map([...jobs.map((/** @type {Job} */ job) => [job.id, job]), ...studio.state.jobs]) });
  }, () => undefined);
}

/** @param {VerbFacts} verb @param {Studio} studio */
function makeForm(verb, studio) {
  /** @type {Record<string, unknown>} */
  const given = { ...verb.begin };
  const fields = verb.options.filter(({ writes }) => !writes).map((option) => ({ option, field: makeOption(option, given) }));
  const shown = fields.filter(({ option }) => option.required || SHOWN.includes(option.name) || option.name in verb.begin);
  const others = fields.filter((each) => !shown.includes(each));
  const problem = make("p", { class: "problem", role: "alert" });
  const run = async () => {
    problem.textContent = "";
    try {
      const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)));
      await studio.api("/api/run", { verb: verb.name, options });
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const more = make("details", { class: "plain", hidden: others.length === 0 }, make("summary", {}, "More options"), ...others.map(({ field }) => field));
  return make("div", {}, ...shown.map(({ field }) => field), more, problem,
    make("div", { class: "buttons" }, make("button", { type: "button", class: "primary", onclick: () => void run() }, verb.title)));
}

/** A field of the form, which puts what is entered into `given`. @param {OptionFacts} option @param {Record<string, unknown>} given */
function makeOption(option, given) {
  const several = option.kind === "list" || option.kind === "numbers";
  const begin = given[option.name] ?? option.default;
  const facts = { ...option, name: option.label ?? option.name, ...(several ? { kind: /** @type {const} */ ("text") } : {}) };
  const value = Array.isArray(begin) ? begin.join(option.kind === "numbers" ? " " : ", ") : begin;
  if (option.kind === "choice" && option.default === null) facts.choices = ["", ...option.choices];
  return makeField(facts, value, (entered) => {
    if (!several || typeof entered !== "string") given[option.name] = entered;
    else given[option.name] = option.kind === "numbers" ? entered.trim().split(/[\s,]+/).map(Number) : entered.split(",").map((part) => part.trim()).filter(Boolean);
  });
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
  const texts = [...(job.error ? [job.error] : []), ...(job.notes ?? []), ...nothing];
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
    ...texts.map((text) => make("p", { class: job.error === text ? "problem" : "faint" }, text)),
    ...findings.map((finding) => make("p", { class: `finding ${finding.severity}` }, `${finding.severity}: ${finding.message}`,
      ...(finding.slices ?? []).slice(0, 3).map((z) => make("button", { type: "button", class: "quiet", onclick: () => studio.goTo({ z }) }, `slice ${z}`)))),
    make("div", { class: "buttons" }, ...buttons));
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
      openers.push(make("a", { class: "button", href: `/results/${job.folder}/${encodeURIComponent(name)}`, target: "_blank", rel: "noopener" }, `Open ${name}`));
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
