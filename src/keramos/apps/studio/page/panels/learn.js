/** Learning beside the person who draws: proposals, trainings, whether the labels are enough, and where to draw next. */
/** @import {AssistStatus, Suggestion} from "../types.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { followBoxes } from "../boxes.js";
import { mountModels } from "./models.js";
import { makeProgress } from "./progress.js";

const EDGE = 256;
/** Advice that names options of a command is of no use to who draws here. */
const OF_COMMANDS = /(^|\s)--[a-z]/;

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const learning = new Learning(studio);
  const learn = make("button", { type: "button", class: "primary", onclick: () => learning.learn() }, "Learn ", make("kbd", {}, "R"));
  const propose = make("button", { type: "button", onclick: () => learning.propose() }, "Propose this slice ", make("kbd", {}, "X"));
  const whole = make("button", { type: "button", onclick: () => learning.proposeAll() }, "Propose the whole stack");
  const stop = make("button", { type: "button", hidden: true, onclick: () => learning.stop() }, "Stop");
  const progress = make("div", { class: "job-list", "aria-live": "polite" });
  const told = make("p", { class: "verdict", role: "status" }, "The assistant is starting…");
  const doubts = make("ul", { class: "doubts" }), how = make("p", { class: "faint" });
  const models = make("div"), places = make("div"), findings = make("div");
  element.append(
    make("div", { class: "buttons" }, learn, propose, whole, stop), progress,
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
    propose.disabled = whole.disabled = !status.can_propose;
    whole.title = status.can_propose ? proposed : "Nothing is proposed for more than two phases until something is learnt.";
    const used = status.models.find((model) => model.number === status.current);
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
  studio.keys.add(
    { keys: "R", group: "Learning", does: "learn what is drawn", run: () => learning.learn() },
    { keys: "X", group: "Learning", does: "propose this slice", run: () => learning.propose() },
    { keys: "W", group: "Learning", does: "go to the next place to draw", run: () => learning.goToNext() },
  );
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
    this.studio.api("/api/assist").then(take, (error) => fail(error.message));
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
    make("strong", {}, finding.message), make("span", { class: "faint" }, ` ${finding.effect ?? ""}${finding.advice && !OF_COMMANDS.test(finding.advice) ? `; ${finding.advice}` : ""}`)));
  return [make("h3", {}, "Findings about the labels"), make("ul", { class: "places" }, ...rows)];
}
