/** The review of labels as a tour: slices with labels, slices between them, places of doubt; progress is kept. */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { showPlace } from "../places.js";

/**
 * @typedef {{id: string, pass: number, z: number, y: number, x: number, why: string, mark: "done" | "skip" | null}} Stop
 * @typedef {{stops: Stop[], next: string | null, passes: {pass: number, title: string, stops: number, left: number}[]}} Tour
 */

const PANEL = "review";

class ReviewPanel {
  /** @param {HTMLElement} element @param {Studio} studio */
  constructor(element, studio) {
    this.studio = studio;
    /** @type {Tour | null} */
    this.tour = null;
    /** @type {string | null} */
    this.current = null;
    this.passes = make("div", { class: "passes" });
    this.card = make("div", { class: "place-card", role: "status" });
    this.list = make("ol", { class: "places" });
    this.small = make("input", { type: "checkbox", onchange: () => void this.read() });
    element.append(this.passes, this.card, this.list, make("label", { class: "check" }, this.small, make("span", {}, "Small spots of doubt, too")));
    const group = "Review";
    studio.keys.add(
      { keys: "Shift+D", group, does: "this stop is done, on to the next", run: () => void this.mark("done") },
      { keys: "Shift+S", group, does: "skip this stop", run: () => void this.mark("skip") },
      { keys: "Shift+B", group, does: "back to the stop before", run: () => void this.ask("/api/review/back", {}) },
    );
    studio.on("panel", (/** @type {string} */ id) => id === PANEL && void this.read());
  }

  read() {
    return this.ask(`/api/review${this.small.checked ? "?small=yes" : ""}`);
  }

  get stop() {
    return this.tour?.stops.find(({ id }) => id === this.current) ?? null;
  }

  /** @param {string} path @param {unknown} [body] */
  async ask(path, body) {
    if (body !== undefined && !this.studio.state.writer.mine) {
      return this.studio.toast("Another tab works on this project; choose to draw here first.", "problem");
    }
    try {
      this.tour = await this.studio.api(path, body);
      this.goTo(this.tour?.next ?? null);
    } catch (error) {
      this.studio.toast(error instanceof Error ? error.message : String(error), "problem");
    }
  }

  /** @param {"done" | "skip"} how */
  async mark(how) {
    if (this.stop) await this.ask("/api/review/mark", { id: this.stop.id, mark: how });
    else this.studio.emit("open-panel", PANEL);
  }

  /** @param {string | null} id */
  goTo(id) {
    this.current = id;
    const { stop } = this;
    if (stop) showPlace(this.studio, { z: stop.z, y: stop.y, x: stop.x });
    this.show();
  }

  show() {
    const { tour, stop } = this;
    this.passes.replaceChildren(...(tour?.passes ?? []).map(({ pass, title, stops, left }) => make("label", { class: "row" },
      make("span", {}, `${pass}. ${title}`), make("span", {}, make("progress", { max: Math.max(1, stops), value: stops - left }), ` ${stops - left} of ${stops}`))));
    this.card.replaceChildren(...(stop ? this.describe(stop) : [make("p", {}, tour?.stops.length ? "Every stop is done." : "Label a slice first; the tour goes through what is labelled.")]));
    this.list.replaceChildren(...(tour?.stops ?? []).map((each) => make("li", {}, make("button", {
      type: "button", class: "place", "aria-current": each.id === this.current ? "true" : "false", onclick: () => this.goTo(each.id),
    }, make("span", { class: "place-sign", "aria-label": each.mark ?? "open" }, each.mark === "done" ? "✓" : each.mark === "skip" ? "–" : ""), make("span", {}, each.why)))));
  }

  /** @param {Stop} stop */
  describe(stop) {
    /** @param {string} text @param {string} key @param {() => void} run */
    const button = (text, key, run) => make("button", { type: "button", onclick: run }, `${text} `, make("kbd", {}, key));
    return [make("h2", {}, `Slice ${stop.z}`), make("p", {}, `${stop.why}.`.replace("?.", "?")), make("div", { class: "buttons" },
      button("Done", "Shift+D", () => this.mark("done")), button("Skip", "Shift+S", () => this.mark("skip")),
      button("Back", "Shift+B", () => this.ask("/api/review/back", {})))];
  }
}

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  new ReviewPanel(element, studio);
}
