/** Proofreading: places to look at, those first that change the numbers most; a decision on each by one key; the numbers again. */
/** @import {Choice} from "./place_card.js" */
/** @import {Proofreading} from "./proofreading.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { addPanelKeys } from "../mode_keys.js";
import { drawPlace, readVoxels, showPlace } from "../places.js";
import { fillChoice } from "../form.js";
import { makeNumbers } from "./numbers.js";
import { fillCard, listPlaces } from "./place_card.js";
import { describe } from "./proofreading.js";

const PANEL = "proofread";
/** Slices before and after the one in view that are looked through where only those around it are. */
const AROUND = 10;

class ProofreadPanel {
  /** @param {HTMLElement} element @param {Studio} studio */
  constructor(element, studio) {
    this.studio = studio;
    /** @type {Proofreading | null} */
    this.facts = null;
    /** @type {string | null} the place in view */
    this.current = null;
    /** @type {import("../places.js").Voxels | null} */
    this.voxels = null;
    this.inFront = false;
    this.layer = make("select", { "aria-label": "Segmentation to proofread" });
    this.other = make("select", { "aria-label": "Segmentation to compare it with" });
    this.part = make("select", { "aria-label": "Part to look through" },
      make("option", { value: "whole" }, "whole stack"), make("option", { value: "around" }, `${2 * AROUND + 1} slices around the one in view`));
    this.look = make("button", { type: "button", class: "primary", onclick: () => this.find() }, "Look for places");
    this.state = make("p", { class: "faint", role: "status" });
    this.bar = make("progress", {});
    this.work = make("div", { class: "buttons", hidden: true }, this.bar,
      make("button", { type: "button", onclick: () => void this.ask("/api/proofread/stop", {}) }, "Stop"));
    this.card = make("div", { class: "place-card" });
    this.list = make("ol", { class: "places" });
    this.numbers = make("div", {});
    this.source = make("details", { open: true }, make("summary", {}, "Segmentation"), make("div", { class: "section-body" },
      make("label", { class: "row" }, make("span", {}, "Proofread"), this.layer),
      make("label", { class: "row" }, make("span", {}, "Compare with"), this.other),
      make("label", { class: "row" }, make("span", {}, "Look in"), this.part),
      make("div", { class: "buttons" }, this.look)));
    element.append(this.source, this.work, this.state, this.card, this.list, this.numbers);
    this.addKeys();
    drawPlace(studio, () => (this.inFront && this.place ? { box: this.place.box, voxels: this.voxels } : null));
    studio.on("panel", (/** @type {string} */ id) => this.turnTo(id === PANEL));
    studio.on("proofread", (/** @type {{task: Proofreading["task"]}} */ { task }) => {
      if (task && this.facts) this.showTask({ ...this.facts, task });
      else if (this.inFront) void this.read();
    });
    studio.on("layers", () => this.showLayers());
    this.showLayers();
  }

  get place() {
    return this.facts?.places.find(({ id }) => id === this.current) ?? null;
  }

  /** @param {boolean} inFront */
  turnTo(inFront) {
    const comes = inFront && !this.inFront;
    this.inFront = inFront;
    if (comes) void this.read().then(() => this.place && this.goTo(this.current));
    this.studio.redrawMarks();
  }

  addKeys() {
    const group = "Proofreading";
    addPanelKeys(this.studio, PANEL, [
      { keys: "N", group, does: "next place", run: () => this.step(1) },
      { keys: "Shift+N", group, does: "place before", run: () => this.step(-1) },
      { keys: "A", group, does: "accept: it is right", run: () => this.decide("accept") },
      { keys: "F", group, does: "flip it to the other phase", run: () => this.decide("flip") },
      { keys: "R", group, does: "draw it again by hand", run: () => this.decide("redraw") },
      { keys: "I", group, does: "ignore it", run: () => this.decide("ignore") },
      { keys: "B", group, does: "take the last decision back", run: () => this.goBack() },
    ]);
    this.studio.keys.add({ keys: "Shift+R", group, does: "to the places to look at", run: () => this.studio.emit("open-panel", PANEL) });
  }

  /** Asks the server, and shows what it says; a refusal is told. @param {string} path @param {unknown} [body] */
  async ask(path, body) {
    if (body !== undefined && !this.studio.state.writer.mine) {
      this.studio.toast("Another tab works on this project; choose to draw here first.", "problem");
      return false;
    }
    try {
      this.show(await this.studio.api(path, body));
      return true;
    } catch (error) {
      this.studio.toast(error instanceof Error ? error.message : String(error), "problem");
      return false;
    }
  }

  read() {
    return this.ask("/api/proofread");
  }

  async find() {
    if (!this.layer.value) return this.studio.toast("Open a segmentation as a layer first, or let the model propose one.");
    await this.ask("/api/proofread/find", { layer: this.layer.value, other: this.other.value || null, ...this.choosePart() });
  }

  /** The slices to look through; nothing for all of them. */
  choosePart() {
    if (this.part.value === "whole") return {};
    const { z } = this.studio.state.position, last = this.studio.project.stack.shape[0] - 1;
    return { slices: [Math.max(0, z - AROUND), Math.min(last, z + AROUND)] };
  }

  /** @param {Choice} choice */
  async decide(choice) {
    const { place } = this;
    if (!place) return;
    const to = this.card.querySelector("select")?.value;
    const done = await this.ask("/api/proofread/decide", { id: place.id, choice, ...(choice === "flip" && to ? { to } : {}) });
    if (!done) return;
    if (choice === "redraw") {
      const [z, y, x] = place.centre;
      showPlace(this.studio, { z, y, x }, place.box);
      this.studio.emit("open-panel", "draw");
      this.studio.toast("Draw this place; Shift+R comes back to the next one.");
      this.goTo(this.nextOpen(), false);
    } else this.goTo(this.nextOpen());
  }

  /** The next place without a decision, from the present one on. */
  nextOpen() {
    const places = this.facts?.places ?? [], here = places.findIndex(({ id }) => id === this.current);
    const order = [...places.slice(here + 1), ...places.slice(0, here + 1)];
    return order.find(({ choice }) => choice === null)?.id ?? null;
  }

  async goBack() {
    if (await this.ask("/api/proofread/back", {})) this.goTo(this.facts?.next ?? null);
  }

  /** @param {number} way */
  step(way) {
    const places = this.facts?.places ?? [];
    if (places.length === 0) return;
    const here = places.findIndex(({ id }) => id === this.current);
    this.goTo(places[(here + way + places.length) % places.length].id);
  }

  /** @param {string | null} id @param {boolean} [show]  the place in the planes */
  goTo(id, show = true) {
    this.current = id;
    void this.readVoxels();
    const { place } = this;
    if (place && show) {
      const [z, y, x] = place.centre;
      showPlace(this.studio, { z, y, x }, place.box);
    }
    this.showCard();
    this.showList();
    this.studio.redrawMarks();
  }

  /** Asks for the voxels of the place in view. */
  async readVoxels() {
    const id = this.current;
    this.voxels = null;
    if (!this.place || id === null) return;
    const voxels = await this.studio.api(`/api/proofread/voxels?id=${encodeURIComponent(id)}`).then(readVoxels).catch(() => null);
    if (id !== this.current) return;
    this.voxels = voxels;
    this.studio.redrawMarks();
  }

  /** @param {Proofreading} facts */
  show(facts) {
    const isFirst = this.facts === null || this.facts.places.length === 0;
    this.showTask(facts);
    this.showLayers();
    if (isFirst || !this.place) this.current = facts.next;
    if (isFirst && this.place && this.inFront) {
      this.source.open = false;
      if (facts.layer) this.studio.styleLayer(facts.layer, { visible: true, outline: true });
      this.studio.styleLayer("corrections", { visible: true });
      this.goTo(facts.next);
    }
    this.showCard();
    this.showList();
    this.numbers.replaceChildren(...(facts.layer ? [makeNumbers(this.studio, facts, {
      measure: () => void this.ask("/api/proofread/run", { task: "measure" }), save: () => void this.ask("/api/proofread/run", { task: "save" }),
      learn: () => void this.ask("/api/proofread/labels", {}).then((done) => done && this.studio.toast("The corrections are labels now; the next training learns from them.")),
    })] : []));
  }

  /** @param {Proofreading} facts */
  showTask(facts) {
    this.facts = facts;
    this.look.disabled = facts.task !== null;
    this.work.hidden = facts.task === null;
    if (facts.task) Object.assign(this.bar, { max: Math.max(1, facts.task.total), value: facts.task.done });
    this.state.textContent = describe(facts);
    this.state.classList.toggle("problem", facts.error !== "");
  }

  showLayers() {
    const layers = this.studio.project.layers.filter(({ kind, name }) => kind === "labels" && !["labels", "corrections", "difference"].includes(name));
    const options = layers.map(({ name, title }) => ({ name, title }));
    fillChoice(this.layer, options, this.facts?.layer ?? "");
    fillChoice(this.other, [{ name: "", title: "nothing" }, ...options], "");
  }

  showCard() {
    const { place, facts } = this;
    this.card.replaceChildren(...(place && facts ? fillCard(place, facts.kinds, facts.phases ?? [], {
      decide: (choice) => void this.decide(choice), next: () => this.step(1), back: () => void this.goBack(),
    }) : []));
  }

  showList() {
    this.list.replaceChildren(...listPlaces(this.facts?.places ?? [], this.current, (id) => this.goTo(id)));
  }
}

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  new ProofreadPanel(element, studio);
}
