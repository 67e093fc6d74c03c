/** Everything that the command line does, from forms that its options make. */
/** @import {Job, OptionFacts, VerbFacts} from "../types.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { makeField } from "../form.js";
import { plainWords, titleOption } from "../words.js";
import { listRuns } from "./run_list.js";

/** Options that a form shows at once; the others are behind "More options". */
const SHOWN = ["images", "raw", "labels", "runs", "path", "model", "to", "from", "phase", "scores", "uncertainty", "truth", "slice_thickness", "budget", "thickness"];

/** Options that read labels, and the list of those that the project has made. */
const READ_LABELS = ["labels", "runs", "path"];
const KNOWN = "known-segmentations";

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const choice = make("select", { "aria-label": "What to do" }), form = make("div"), list = make("div");
  const waiting = make("p", { class: "faint" }, "The forms are being read…");
  element.append(waiting, choice, form, list);
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
  listRuns(list, studio);
  const known = make("datalist", { id: KNOWN });
  element.append(known);
  const showKnown = () => known.replaceChildren(...listSegmentations(studio).map((path) => make("option", { value: path })));
  studio.on("jobs", showKnown);
  showKnown();
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
  const rank = (/** @type {OptionFacts} */ { name, required }) => (required ? -1 : 0) + SHOWN.indexOf(name) / SHOWN.length;
  shown.sort((a, b) => rank(a.option) - rank(b.option));
  const problem = make("p", { class: "problem", role: "alert" });
  const run = async () => {
    problem.textContent = "";
    try {
      const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)));
      await studio.api("/api/run", { verb: verb.name, options });
    } catch (error) {
      problem.textContent = plainWords(error instanceof Error ? error.message : String(error));
    }
  };
  const more = make("details", { class: "plain", hidden: others.length === 0 }, make("summary", {}, "More options"), ...others.map(({ field }) => field));
  return make("div", {}, ...shown.map(({ field }) => field), more, problem,
    make("div", { class: "buttons" }, make("button", { type: "button", class: "primary", onclick: () => void run() }, verb.title)));
}

/** The segmentations that runs have made, the latest first. @param {Studio} studio */
function listSegmentations(studio) {
  const done = [...studio.state.jobs.values()].filter(({ verb, state }) => verb === "segment" && state === "done");
  return done.sort((a, b) => Number(b.id) - Number(a.id)).flatMap(({ options }) => (typeof options?.out === "string" ? [options.out] : []));
}

/** A field of the form, which puts what is entered into `given`. @param {OptionFacts} option @param {Record<string, unknown>} given */
function makeOption(option, given) {
  const several = option.kind === "list" || option.kind === "numbers";
  const first = given[option.name] ?? option.default;
  const begin = first !== null && typeof first === "object" && !Array.isArray(first) ? Object.entries(first).map((pair) => pair.join("=")) : first;
  const facts = { ...option, name: titleOption(option.name), ...(several ? { kind: /** @type {const} */ ("text") } : {}) };
  const value = Array.isArray(begin) ? begin.join(option.kind === "numbers" ? " " : ", ") : begin;
  if (option.kind === "choice" && option.default === null) facts.choices = ["", ...option.choices];
  const field = makeField(facts, value, (entered) => {
    if (!several || typeof entered !== "string") given[option.name] = entered;
    else given[option.name] = option.kind === "numbers" ? entered.trim().split(/[\s,]+/).map(Number) : entered.split(",").map((part) => part.trim()).filter(Boolean);
  });
  if (READ_LABELS.includes(option.name)) field.querySelector("input")?.setAttribute("list", KNOWN);
  return field;
}
