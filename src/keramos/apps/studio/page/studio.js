/** What panels and planes are given: the state, requests, the socket, and the few verbs that all of them use. */
/** @import {Axis, Place, Project} from "./types.js" */
/** @import {Plane} from "./plane.js" */
/** @import {State} from "./state.js" */
import { NOT_SURE, greyStyle, layerStyle } from "./colours.js";
import { Connection, fetchTile, request } from "./connection.js";
import { byId, make } from "./dom.js";
import { Differences } from "./differences.js";
import { Tones } from "./draw/tones.js";
import { Drawing } from "./drawing.js";
import { along, clamp, nearestVoxel, relativeEdges } from "./geometry.js";
import { Keys } from "./keys.js";
import { Model } from "./state.js";
import { TileStore } from "./tiles.js";
import { Timings } from "./timings.js";
import { plainWords } from "./words.js";

/** Slices fetched ahead, in the direction in which one is going. */
const AHEAD = 3;
const BEHIND = 1;
const LARGEST_ZOOM = 64;
const TOAST_MS = { note: 5000, problem: 20000 };

export class Studio extends Model {
  /** @param {State} state */
  constructor(state) {
    super(state);
    this.keys = new Keys();
    this.timings = new Timings();
    this.tiles = new TileStore(fetchTile, (tile) => {
      this.drawing.pending.repaint(tile);
      this.emit("tile", tile);
    });
    this.socket = new Connection((message) => this.receive(message), (change) => this.set(change));
    this.drawing = new Drawing(this);
    this.tones = new Tones(this);
    this.differences = new Differences(this);
    /** @type {Plane[]} */
    this.planes = [];
    /** @type {Map<string, import("./colours.js").Style>} */
    this.styles = new Map();
    /** @type {Record<Axis, number>} the direction of the last step along each axis */
    this.heading = { z: 1, y: 1, x: 1 };
    /** @type {{zoom: number, centre: Place} | null} the view of the whole slice, as it was last made */
    this.fitted = null;
    /** @type {[Plane, {across: number, down: number} | null] | null} where the pointer was seen last */
    this.pointed = null;
    this.on("position", () => this.pointed && this.pointAt(...this.pointed));
    this.colours = { stage: "#000", cross: "#fff", frame: "#888" };
  }

  get project() {
    return this.state.project;
  }

  /** The server's answer as JSON: GET without a body, POST with one. @param {string} path @param {unknown} [body] @param {string} [method] */
  api(path, body, method) {
    return request(path, body, method);
  }

  /** Moves the cross to a voxel, and the view with it if it was outside. @param {Partial<Place>} place */
  goTo(place) {
    const position = nearestVoxel({ ...this.state.position, ...place }, this.project.stack);
    this.set({ position });
    const hidden = this.planes.some((plane) => {
      if (!plane.visible) return false;
      const { x, y } = plane.toScreen(position[plane.axes.across], position[plane.axes.down]);
      return x < 0 || y < 0 || x > plane.element.clientWidth || y > plane.element.clientHeight;
    });
    if (hidden) this.set({ centre: { ...position } });
  }

  /** Goes some slices along an axis. @param {Axis} axis @param {number} steps */
  step(axis, steps) {
    this.heading[axis] = Math.sign(steps) || 1;
    const last = along(this.project.stack.shape, axis) - 1;
    this.set({ position: { ...this.state.position, [axis]: clamp(this.state.position[axis] + steps, 0, last) } });
  }

  /** The slices to fetch before one goes there. @param {Axis} axis */
  slicesAhead(axis) {
    const here = this.state.position[axis], last = along(this.project.stack.shape, axis) - 1, way = this.heading[axis];
    const steps = [...Array.from({ length: AHEAD }, (_, i) => i + 1), ...Array.from({ length: BEHIND }, (_, i) => -1 - i)];
    return steps.map((step) => here + way * step).filter((index) => index >= 0 && index <= last);
  }

  /** @param {Plane} plane @param {number} right @param {number} down  CSS pixels */
  pan(plane, right, down) {
    const { across, down: downAxis } = plane.axes, scale = plane.scale, { centre } = this.state;
    this.set({ centre: { ...centre, [across]: centre[across] - right / scale.across, [downAxis]: centre[downAxis] - down / scale.down } });
  }

  /** Zooms so that what is under a point of a plane stays there. @param {Plane} plane @param {number} factor @param {{x: number, y: number}} [point] */
  zoomAt(plane, factor, point) {
    const { clientWidth, clientHeight } = plane.element;
    const { x, y } = point ?? { x: clientWidth / 2, y: clientHeight / 2 };
    const before = plane.toVoxel(x, y);
    this.set({ zoom: clamp(this.state.zoom * factor, this.fittingZoom(plane) / 4, LARGEST_ZOOM) });
    const after = plane.toVoxel(x, y), { across, down } = plane.axes, { centre } = this.state;
    this.set({ centre: { ...centre, [across]: centre[across] + before.across - after.across, [down]: centre[down] + before.down - after.down } });
  }

  /** The zoom at which a plane's whole slice is seen. @param {Plane} plane */
  fittingZoom(plane) {
    const { stack } = this.project, edges = relativeEdges(stack), { across, down } = plane.axes;
    const wide = along(stack.shape, across) * along(edges, across), high = along(stack.shape, down) * along(edges, down);
    return Math.min((plane.element.clientWidth - 16) / wide, (plane.element.clientHeight - 16) / high);
  }

  /** Shows the whole slice, and goes on doing so in a window of another size until one zooms or pans. */
  fit() {
    const plane = this.planes[0], [depth, height, width] = this.project.stack.shape;
    this.fitted = { zoom: this.fittingZoom(plane), centre: { z: (depth - 1) / 2, y: (height - 1) / 2, x: (width - 1) / 2 } };
    this.set(this.fitted);
  }

  /** Notes what the pointer is over. @param {Plane} plane @param {{across: number, down: number} | null} place */
  pointAt(plane, place) {
    this.pointed = [plane, place];
    if (!place) return this.set({ pointer: null });
    const { stack } = this.project, { across, down } = plane.axes;
    const pointer = { ...this.state.position, [across]: Math.round(place.across), [down]: Math.round(place.down) };
    const inside = /** @type {Axis[]} */ (["z", "y", "x"]).every((axis) => pointer[axis] >= 0 && pointer[axis] < along(stack.shape, axis));
    this.set({ pointer: inside ? pointer : null });
    this.emit("pointed", plane, place);
  }

  /** @param {string} layer */
  factsOf(layer) {
    return this.project.layers.find((each) => each.name === layer);
  }

  /** The levels of a layer, finest first. @param {string} layer */
  levelsOf(layer) {
    return this.factsOf(layer)?.levels ?? this.project.stack.levels;
  }

  /** Whether a layer may have something to show at an index of a plane. @param {string} layer @param {string} plane @param {number} index */
  hasTiles(layer, plane, index) {
    const facts = this.factsOf(layer);
    if (!facts?.planes.includes(/** @type {any} */ (plane))) return false;
    if (layer !== "labels") return true;
    return plane === "xy" ? this.state.annotated.has(index) : this.state.annotated.size > 0;
  }

  /** @param {string} name */
  styleOf(name) {
    const style = this.styles.get(name) ?? this.makeStyle(name);
    this.styles.set(name, style);
    return style;
  }

  /** @param {string} name */
  makeStyle(name) {
    const { dtype } = this.project.stack;
    if (name === "images") return greyStyle(this.state.contrast, dtype !== "uint8");
    const layer = this.state.layers.find((each) => each.name === name);
    if (!layer) throw new Error(`there is no layer ${name}`);
    return layerStyle(layer, this.project.phases, this.state.contrast);
  }

  /** @param {string} name */
  titleOf(name) {
    return this.factsOf(name)?.title ?? name;
  }

  /** Changes how a layer is shown. @param {string} name @param {Partial<import("./types.js").LayerStyle>} changes */
  styleLayer(name, changes) {
    this.set({ layers: this.state.layers.map((layer) => (layer.name === name ? { ...layer, ...changes } : layer)) });
  }

  redrawPlanes() {
    for (const plane of this.planes) plane.redraw();
  }

  redrawMarks() {
    for (const plane of this.planes) plane.overlay.redraw();
  }

  /** @param {any} message */
  receive(message) {
    if (message.type === "saved") this.drawing.pending.takeSaved(message);
    if (message.type === "drawing") this.drawing.pending.takeDrawing(message);
    if (message.type === "refused") this.drawing.pending.takeRefused(message);
    if (message.type === "changed") this.takeChanged(message);
    if (message.type === "job") this.set({ jobs: new Map(this.state.jobs).set(message.job.id, message.job) });
    if (message.type === "writer") this.set({ writer: { mine: message.mine, message: message.message ?? "" } });
    if (message.type === "project" || message.type === "phases") void this.reload();
    this.emit(message.type, message);
  }

  /** @param {{layer: string, slices: number[] | null}} message */
  takeChanged({ layer, slices }) {
    const levels = this.levelsOf(layer);
    this.tiles.expire(layer, (address) => {
      if (!slices || address.plane !== "xy") return true;
      const merged = along(levels[address.level].merged, "z");
      return slices.some((z) => Math.floor(z / merged) === address.index);
    });
    this.redrawPlanes();
  }

  /** Reads the project anew: layers, annotated slices, findings. */
  async reload() {
    /** @type {Project} */
    const project = await this.api("/api/project");
    // What a layer is may have changed; how it is shown stays.
    const known = new Map(this.state.layers.map(({ name, visible, opacity, outline }) => [name, { visible, opacity, outline }]));
    this.styles.clear();
    const { phase } = this.state, last = project.phases.length - 1;
    this.set({
      project, phase: phase < NOT_SURE ? Math.min(phase, last) : phase, annotated: new Set(project.annotated),
      layers: overlayLayers(project).map((layer) => ({ ...layer, ...known.get(layer.name) })),
    });
    this.redrawPlanes();
  }

  /** Says something for some seconds; problems for longer. @param {string} message @param {"note" | "problem"} [kind] */
  toast(message, kind = "note") {
    const close = make("button", { type: "button", class: "quiet", "aria-label": "close this message", onclick: () => toast.remove() }, "×");
    const toast = make("div", { class: `toast ${kind}`, role: kind === "problem" ? "alert" : "status" }, plainWords(message), close);
    const area = byId("toasts");
    area.append(toast);
    while (area.children.length > 4) area.firstChild?.remove();
    setTimeout(() => toast.remove(), TOAST_MS[kind]);
  }
}

/** What is drawn lies on top, then the model's own, then what was opened. */
const TOP_FIRST = ["difference", "labels", "proposal", "uncertainty"];

/** Shown filled at first; other labels as outlines. */
const FILLED = ["labels", "difference"];

/** The layers over the images as they are first shown, the top one first. @param {Project} project @returns {import("./types.js").Layer[]} */
export function overlayLayers(project) {
  /** @param {string} name */
  const rank = (name) => (TOP_FIRST.includes(name) ? TOP_FIRST.indexOf(name) : TOP_FIRST.length);
  return project.layers
    .filter((layer) => layer.name !== "images")
    .sort((a, b) => rank(a.name) - rank(b.name))
    .map((layer) => ({
      ...layer, visible: layer.kind === "labels", outline: layer.kind === "labels" && !FILLED.includes(layer.name),
      opacity: layer.name === "labels" ? 0.5 : 0.8, ...project.view?.layers?.[layer.name],
    }));
}
