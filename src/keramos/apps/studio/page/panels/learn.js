/** Learning beside the person who draws: proposals, trainings, whether the labels are enough, and where to draw next. */
/** @import {AssistStatus, ModelRecord, Suggestion} from "../types.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { followBoxes } from "../boxes.js";
import { mountModels } from "./models.js";
import { plainWords } from "../words.js";
import { makeProgress } from "./progress.js";

const EDGE = 256;

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const learning = new Learning(studio);
  const learn = make("button", { type: "button", class: "primary", onclick: () => learning.learn() }, "Learn ", make("kbd", {}, "R"));
  const propose = make("button", { type: "button", onclick: () => learning.propose() }, "Propose this slice ", make("kbd", {}, "X"));
  const whole = make("button", { type: "button", onclick: () => learning.proposeAll() }, "Propose the whole stack");
  const stop = make("button", { type: "button", hidden: true, onclick: () => learning.stop() }, "Stop");
  const progress = make("div", { class: "job-list", "aria-live": "polite" });
  const told = make("p", { class: "verdict", role: "status" }, "The assistant is starting…");
  const unlearnt = make("p", { class: "verdict", "data-state": "unknown", hidden: true });
  const doubts = make("ul", { class: "doubts" }), how = make("p", { class: "faint" });
  const models = make("div"), places = make("div"), findings = make("div");
  element.append(
    make("div", { class: "buttons" }, learn, propose, whole, stop), unlearnt, progress,
    make("h3", {}, "Is my labelling enough?"), told, doubts, make("details", { class: "plain" }, make("summary", {}, "How this is decided"), how),
    places, findings, models,
  );
  mountPlaces(places, learning);
  const showModels = mountModels(models, learning);
  /** @param {AssistStatus} status */
  const show = (status) => {
    const proposed = `${status.proposed} of ${status.slices} slices are proposed`;
    told.textContent = status.enough.sentence;
    told.dataset.state = status.enough.state;
    doubts.replaceChildren(...status.enough.doubts.map((doubt) => make("li", {}, doubt)));
    how.textContent = status.enough.how;
    const used = status.models.find((model) => model.number === status.current), missing = nameUnlearnt(studio, used);
    propose.disabled = whole.disabled = !canPropose(studio, status, used);
    whole.title = proposed;
    unlearnt.hidden = missing === "";
    unlearnt.textContent = missing;
    findings.replaceChildren(...listFindings(used?.findings ?? [], studio));
    showModels(status);
  };
  const showJobs = () => {
    const running = [...studio.state.jobs.values()].filter((job) => job.kind === "assist" && job.state === "running");
    stop.hidden = running.length === 0;
    progress.replaceChildren(...running.map(makeProgress));
  };
  learning.follow(show, (problem) => {
    told.textContent = problem;
    told.dataset.state = "unknown";
  });
  studio.on("jobs", showJobs);
  studio.on("phases", () => learning.read());
  studio.keys.add(
    { keys: "R", group: "Learning", does: "learn what is drawn", run: () => learning.learn() },
    { keys: "X", group: "Learning", does: "propose this slice", run: () => learning.propose() },
    { keys: "W", group: "Learning", does: "go to the next place to draw", run: () => learning.goToNext() },
  );
}

/** How many phases a model tells apart. @param {ModelRecord | undefined} used  none: the bundled weights */
const countPhases = (used) => (used ? Object.keys(used.voxels).length : 2);

/** @param {Studio} studio @param {AssistStatus} status @param {ModelRecord | undefined} used */
const canPropose = (studio, status, used) => status.can_propose && countPhases(used) === studio.project.phases.length;

/** Says which phases the model in use cannot propose, and what to do; nothing where it knows all. @param {Studio} studio @param {ModelRecord | undefined} used */
function nameUnlearnt(studio, used) {
  const { phases } = studio.project, known = countPhases(used), amounts = used ? Object.values(used.voxels) : [1, 1];
  const names = phases.filter(({ code }) => !amounts[code]).map(({ name }) => name).join(" and ");
  if (!used && phases.length > known) {
    return `Nothing is proposed yet: the bundled weights tell a solid from its voids, not ${phases.length} phases. Draw some of each phase, and learn.`;
  }
  if (known > phases.length) return "Nothing is proposed: the model in use has more phases than the project now. Learn again.";
  if (known < phases.length) return `Nothing is proposed until ${names} is learnt, which the model in use does not know: draw some of it, and learn.`;
  return names && `${names} is not proposed anywhere until some of it is drawn and learnt.`;
}

/** The requests of the panel, with the state that several of its parts show. */
export class Learning {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
    /** @type {AssistStatus | null} */
    this.status = null;
    /** @type {Suggestion[]} */
    this.places = [];
    this.next = 0;
    this.goToBox = followBoxes(studio);
    /** @type {() => void} */
    this.showPlaces = () => undefined;
    /** Asks for the status anew. */
    this.read = () => undefined;
  }

  /** Calls `show` with the status now and whenever it changes. @param {(status: AssistStatus) => void} show @param {(problem: string) => void} fail */
  follow(show, fail) {
    const take = (/** @type {AssistStatus | null} */ status) => {
      if (!status) return;
      this.status = status;
      show(status);
    };
    this.take = take;
    this.studio.on("assist", (message) => {
      take(message.status);
      if (message.event === "ended") fail("The assistant has ended; it starts anew when it is asked for something.");
    });
    this.read = () => void this.studio.api("/api/assist").then(take, (error) => fail(error.message));
    this.read();
  }

  get z() {
    return this.studio.state.position.z;
  }

  /** A request whose refusal is shown. @param {string} path @param {unknown} body @returns {Promise<any>} */
  async ask(path, body) {
    try {
      return await this.studio.api(`/api/assist/${path}`, body);
    } catch (error) {
      this.studio.toast(error instanceof Error ? error.message : String(error), "problem");
      return null;
    }
  }

  learn() {
    return this.ask("learn", { z: this.z });
  }

  propose() {
    return this.ask("propose", { z: this.z });
  }

  proposeAll() {
    return this.ask("propose", { z: this.z, all: true });
  }

  stop() {
    return this.ask("stop", {});
  }

  /** @param {number} model */
  async use(model) {
    this.take?.(await this.ask("use", { model }));
  }

  async suggest() {
    const answer = await this.ask("suggest", { edge: EDGE, count: 5 });
    this.places = answer?.suggestions ?? [];
    this.next = 0;
    this.showPlaces();
  }

  /** Goes to the best place that was not looked at yet; looks for places if there are none. */
  async goToNext() {
    if (this.next >= this.places.length) await this.suggest();
    const place = this.places[this.next++];
    if (place) this.goToBox(place.box);
  }
}

/** @param {HTMLElement} element @param {Learning} learning */
function mountPlaces(element, learning) {
  const list = make("ol", { class: "places" });
  const find = make("button", {
    type: "button", onclick: async () => {
      find.disabled = true;
      await learning.suggest();
      find.disabled = false;
    },
  }, "Find places");
  element.append(make("div", { class: "title-row" }, make("h3", {}, "Where to draw next"), find), list);
  learning.showPlaces = () => list.replaceChildren(...learning.places.map((place) => make("li", {},
    make("button", { type: "button", class: "quiet", title: "go there", onclick: () => learning.goToBox(place.box) }, `slice ${place.z}`),
    make("span", { class: "faint" }, place.why))));
}

/** What is probably wrong with the labels, each with its slices. @param {import("../types.js").Finding[]} findings @param {Studio} studio */
function listFindings(findings, studio) {
  if (findings.length === 0) return [];
  const rows = findings.map((finding) => make("li", {},
    ...(finding.slices ?? []).slice(0, 5).map((z) => make("button", { type: "button", class: "quiet", onclick: () => studio.goTo({ z }) }, `slice ${z}`)),
    make("strong", {}, plainWords(finding.message)), make("span", { class: "faint" }, ` ${finding.effect ?? ""}${finding.advice && !finding.advice.includes("--") ? `; ${finding.advice}` : ""}`)));
  return [make("h3", {}, "Findings about the labels"), make("ul", { class: "places" }, ...rows)];
}
