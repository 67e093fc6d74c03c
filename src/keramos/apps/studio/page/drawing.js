/** Drawing on slices: the gesture in hand, what is not yet saved, and the server's answers. */
/** @import {Counts, Gesture, SavedMessage, StrokePoint} from "./types.js" */
/** @import {PageTool, Way} from "./draw/index.js" */
/** @import {Plane} from "./plane.js" */
/** @import {Studio} from "./studio.js" */
/** @import {Tile} from "./tiles.js" */
import { NOT_ANNOTATED, NOT_SURE } from "./colours.js";
import { LabelCanvas, effectOf } from "./draw/canvas.js";
import { drawPath } from "./draw/marks.js";
import { Lasso, Polygon } from "./draw/outline.js";
import { Stroke } from "./draw/stroke.js";
import { clamp } from "./geometry.js";

const LEAST_PRESSURE = 0.1;
/** Raw updates are drawn no more often than this. */
const RAW_MS = 3;

export class Drawing {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
    this.canvas = new LabelCanvas(studio);
    /** @type {Stroke | Lasso | null} */
    this.current = null;
    /** @type {Map<number, {gesture: Gesture, way: Way}>} sent and not yet saved, in order */
    this.pending = new Map();
    /** @type {Set<number>} gestures whose slice was proposed for them */
    this.asked = new Set();
    /** Whether this browser tells of the pointer between frames. */
    this.raw = false;
    this.shownAt = 0;
    /** @type {Counts} what the server said last */
    this.counts = { number: 0, undo: 0, redo: 0, annotated: studio.project.annotated };
    /** @type {number | null} of the last change that the page knows of */
    this.number = null;
    /** @type {Way} */
    this.way = "stroke";
    studio.on("marks", (plane, context) => this.drawMarks(plane, context));
    studio.on("pointed", (plane, place) => this.follow(plane, place));
    studio.on("moved-by-key", () => this.moveByKey());
    for (const part of ["tool", "options", "position", "zoom"]) studio.on(part, () => this.showRing());
    studio.on("tool", () => this.cancel());
    studio.on("position", () => this.current && this.current.gesture.z !== studio.state.position.z && this.cancel());
  }

  /** The tool in hand. @returns {PageTool | undefined} */
  get tool() {
    return this.studio.state.tools.find((tool) => tool.name === this.studio.state.tool);
  }

  /** @param {PageTool} tool @param {Record<string, unknown>} [more] @returns {Gesture} */
  makeGesture(tool, more = {}) {
    const { position, phase, options } = this.studio.state;
    return { tool: tool.tool, z: position.z, phase, points: [], options: { ...options[tool.tool], ...tool.preset, ...more } };
  }

  /** @param {Plane} plane @param {PointerEvent} event */
  start(plane, event) {
    const erases = event.button === 2 || event.button === 5;
    const tool = erases ? this.studio.state.tools.find(({ name }) => name === "eraser") : this.tool;
    if (tool) this.begin(plane, tool, this.pointsOf(plane, event));
  }

  /** @param {Plane} plane @param {PageTool} tool @param {StrokePoint[]} points */
  begin(plane, tool, points) {
    if (!this.mayDraw()) return;
    if (this.current instanceof Polygon && tool.way === "polygon") return this.addCorner(this.current, points[0]);
    this.cancel();
    const gesture = this.makeGesture(tool);
    this.way = tool.way;
    this.showLabels(plane, gesture.z);
    if (tool.way === "click") return this.send({ ...gesture, points: points.slice(0, 1) });
    if (tool.way === "polygon") this.current = new Polygon(this, gesture, plane);
    else this.current = tool.way === "lasso" ? new Lasso(this, gesture, plane) : new Stroke(this, gesture, plane);
    this.raw = false;
    this.current.add(points);
    this.current.show();
  }

  /** Whether this window is the one that draws; says so if not. */
  mayDraw() {
    const { writer } = this.studio.state;
    if (!writer.mine) this.studio.toast(writer.message || "Another window draws; this one looks on.");
    return writer.mine;
  }

  /** Makes sure that what is drawn will be seen. @param {Plane} plane @param {number} z */
  showLabels(plane, z) {
    const { annotated, layers } = this.studio.state;
    if (!layers.find((layer) => layer.name === "labels")?.visible) this.studio.styleLayer("labels", { visible: true });
    if (!annotated.has(z)) this.studio.set({ annotated: new Set(annotated).add(z) });
    const from = plane.toVoxel(0, 0), to = plane.toVoxel(plane.element.clientWidth, plane.element.clientHeight);
    this.canvas.fillIn(z, plane.levelOf("labels"), { x: from.across, y: from.down, width: to.across - from.across, height: to.down - from.down });
  }

  /**
   * Follows the pointer. Raw updates come at once, between frames, and are drawn if the last drawing was some time ago;
   * the moves that come with each frame draw what is left.
   * @param {PointerEvent} event
   */
  move(event) {
    const current = this.current;
    if (!current || this.way === "polygon") return;
    const began = performance.now(), raw = event.type === "pointerrawupdate";
    if (raw) this.raw = true;
    if (raw || !this.raw) {
      const coalesced = event.getCoalescedEvents?.() ?? [];
      current.add((coalesced.length > 0 ? coalesced : [event]).flatMap((each) => this.pointsOf(current.plane, each)));
    }
    if (raw && began - this.shownAt < RAW_MS) return;
    if (!current.show()) return;
    this.shownAt = performance.now();
    this.studio.timings.note("stroke", this.shownAt - began);
    this.studio.timings.note("stroke since the event", this.shownAt - event.timeStamp);
  }

  end() {
    if (this.current && this.way !== "polygon") this.finish();
  }

  finish() {
    const current = this.current;
    this.current = null;
    current?.finish();
  }

  /** Sends a very long stroke and goes on where it ends. */
  continueStroke() {
    if (!(this.current instanceof Stroke)) return;
    const { gesture, plane } = this.current;
    this.finish();
    this.current = new Stroke(this, { ...gesture, points: gesture.points.slice(-1) }, plane);
  }

  /** Gives up the gesture in hand. */
  cancel() {
    const current = this.current;
    if (!current) return;
    this.current = null;
    if (current instanceof Stroke && current.effect) this.fetchAgain(current.gesture.z);
    current.plane.overlay.redraw();
  }

  /** @param {Polygon} polygon @param {StrokePoint} point */
  addCorner(polygon, point) {
    if (polygon.addCorner(point)) this.finish();
  }

  removeCorner() {
    if (this.current instanceof Polygon && !this.current.removeCorner()) this.cancel();
  }

  doubleClick() {
    if (!(this.current instanceof Polygon)) return;
    this.current.removeCorner();
    this.finish();
  }

  /** A point of the pointer in voxels; a pen's pressure, or 1. @param {Plane} plane @param {PointerEvent} event @returns {StrokePoint[]} */
  pointsOf(plane, event) {
    const box = plane.element.getBoundingClientRect();
    const { across, down } = plane.toVoxel(event.clientX - box.left, event.clientY - box.top);
    const pressure = event.pointerType === "pen" ? clamp(event.pressure, LEAST_PRESSURE, 1) : 1;
    return [[rounded(across), rounded(down), rounded(pressure)]];
  }

  /** Does the work of Enter: pen down or up at the cross, a click, a corner. @param {boolean} closes */
  pressKey(closes) {
    const tool = this.tool, plane = this.studio.planes[0], { x, y } = this.studio.state.position;
    if (!tool || tool.way === "cross") return;
    if (this.current && (closes || this.way !== "polygon")) return this.finish();
    this.begin(plane, tool, [[x, y, 1]]);
  }

  moveByKey() {
    const { x, y } = this.studio.state.position;
    if (this.current && this.way !== "polygon") {
      this.current.add([[x, y, 1]]);
      this.current.show();
    }
    this.follow(this.studio.planes[0], { across: x, down: y });
  }

  /** Applies a tool to the whole slice. @param {PageTool} tool @param {Record<string, unknown>} [options] */
  apply(tool, options) {
    if (!this.mayDraw()) return;
    this.way = "slice";
    this.send(this.makeGesture(tool, options));
  }

  /** @param {Gesture} gesture */
  send(gesture) {
    const id = this.studio.socket.sendKept({ type: "gesture", gesture });
    this.pending.set(id, { gesture, way: this.way });
    this.studio.redrawMarks();
    return id;
  }

  /** @param {"undo" | "redo"} type */
  goBack(type) {
    this.cancel();
    if (this.mayDraw()) this.studio.socket.sendKept({ type });
  }

  /** Draws what is not yet saved into a tile that has just come. @param {Tile} tile */
  repaint(tile) {
    if (tile.address.layer !== "labels" || tile.address.plane !== "xy") return;
    for (const { gesture } of this.pending.values()) this.canvas.paintGesture(tile, gesture);
    if (this.current) this.canvas.paintGesture(tile, this.current.gesture);
  }

  /** @param {SavedMessage} message */
  takeSaved(message) {
    const done = this.pending.get(Number(message.id))?.gesture;
    if (done && message.patches.length === 0 && !effectOf(done)) this.studio.toast("That changed no labels here.");
    this.pending.delete(Number(message.id));
    this.asked.delete(Number(message.id));
    for (const patch of message.patches) {
      const rect = this.canvas.write(patch);
      for (const tile of this.canvas.tilesUnder(patch.z, rect)) this.repaint(tile);
      this.canvas.show(patch.z, rect);
    }
    this.number = message.number;
    this.takeCounts(message);
    if (message.patches.length > 0) for (const plane of this.studio.planes) plane.askForTiles();
    this.studio.redrawMarks();
  }

  /** Takes what the server says of the drawing when the line is open; it may have changed while it was not. @param {Counts} message */
  takeDrawing(message) {
    if (this.number !== null && this.number !== message.number) this.studio.takeChanged({ layer: "labels", slices: null });
    this.number = message.number;
    this.takeCounts(message);
  }

  /** @param {Counts} message */
  takeCounts({ number, undo, redo, annotated }) {
    this.counts = { number, undo, redo, annotated };
    const unsaved = [...this.pending.values()].map(({ gesture }) => gesture.z);
    const all = new Set([...annotated, ...unsaved, ...(this.current ? [this.current.gesture.z] : [])]);
    const known = this.studio.state.annotated, same = all.size === known.size && [...all].every((z) => known.has(z));
    this.studio.set({ history: { undo, redo }, ...(same ? {} : { annotated: all }) });
  }

  /** @param {{id: number, message: string}} message */
  takeRefused({ id, message }) {
    const refused = this.pending.get(id);
    this.pending.delete(id);
    if (refused?.gesture.tool === "accept" && !this.asked.delete(id)) void this.proposeFirst(refused, message);
    else this.studio.toast(message, "problem");
    if (refused) this.fetchAgain(refused.gesture.z);
    this.studio.redrawMarks();
  }

  /**
   * Asks for the proposal of a slice that has none yet, and accepts it then; says why not if there is none to have.
   * @param {{gesture: Gesture, way: Way}} refused @param {string} message
   */
  async proposeFirst({ gesture, way }, message) {
    const { studio } = this;
    studio.toast(`Slice ${gesture.z} is proposed first, then accepted.`);
    try {
      const { made } = await studio.api("/api/assist/propose", { z: gesture.z });
      if (!made) return studio.toast(message, "problem");
      this.way = way;
      this.asked.add(this.send(gesture));
    } catch (error) {
      studio.toast(error instanceof Error ? error.message : String(error), "problem");
    }
  }

  /** Fetches the labels of a slice anew, since what the page has drawn on it does not hold. @param {number} z */
  fetchAgain(z) {
    this.takeCounts(this.counts);
    this.studio.tiles.expire("labels", ({ plane, level, index }) => plane !== "xy" || index === this.canvas.levelIndex(level, z));
    this.studio.redrawPlanes();
  }

  /** Makes the brush larger or smaller, for all tools that have a radius. @param {number} steps */
  changeSize(steps) {
    const { options } = this.studio.state, radius = this.radius;
    if (radius === null) return;
    const next = steps > 0 ? Math.max(radius + 0.5, radius * 1.15) : Math.min(radius - 0.5, radius / 1.15);
    const size = clamp(Math.round(2 * next) / 2, 0.5, 1000);
    this.studio.set({
      options: Object.fromEntries(Object.entries(options).map(([tool, own]) => [tool, "radius" in own ? { ...own, radius: size } : own])),
    });
  }

  /** The radius of the tool in hand; null for one that has none. */
  get radius() {
    const tool = this.tool;
    const radius = tool?.way === "stroke" ? this.studio.state.options[tool.tool]?.radius : null;
    return typeof radius === "number" ? radius : null;
  }

  /** @param {Plane} plane @param {{across: number, down: number} | null} place */
  follow(plane, place) {
    this.pointer = place ? { plane, ...place } : null;
    this.showRing();
    if (this.current instanceof Polygon) plane.overlay.redraw();
  }

  showRing() {
    const { pointer, radius } = this;
    for (const plane of this.studio.planes) {
      // Two pictures of one slice show the place in both.
      const own = pointer?.plane.name === "xy" && plane.name === "xy" && radius !== null && (!plane.beside || plane.visible);
      plane.overlay.showRing(own && pointer ? { across: pointer.across, down: pointer.down, radius: radius ?? 0 } : null);
    }
  }

  /** @param {Plane} plane @param {CanvasRenderingContext2D} context */
  drawMarks(plane, context) {
    if (plane.name !== "xy") return;
    for (const { gesture, way } of this.pending.values()) {
      if (!effectOf(gesture) && gesture.z === plane.through) drawPath(context, plane, gesture, { way, colour: this.colourOf(gesture.phase) });
    }
    const current = this.current;
    if (!current || current.gesture.z !== plane.through || effectOf(current.gesture)) return;
    const next = /** @type {StrokePoint | undefined} */ (this.way === "polygon" && this.pointer ? [this.pointer.across, this.pointer.down, 1] : undefined);
    drawPath(context, plane, current.gesture, { way: this.way, colour: this.colourOf(current.gesture.phase), next });
  }

  /** @param {number} code */
  colourOf(code) {
    if (code === NOT_SURE || code === NOT_ANNOTATED) return "#ffffff";
    return this.studio.project.phases.find((phase) => phase.code === code)?.colour ?? "#ffffff";
  }
}

/** @param {number} value */
const rounded = (value) => Math.round(value * 1000) / 1000;
