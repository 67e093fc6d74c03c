/** Drawing on slices: the gesture in hand, from its first point to its last. */
/** @import {Gesture, StrokePoint} from "./types.js" */
/** @import {PageTool, Way} from "./draw/index.js" */
/** @import {Plane} from "./plane.js" */
/** @import {Studio} from "./studio.js" */
import { NOT_ANNOTATED, NOT_SURE } from "./colours.js";
import { LabelCanvas, effectOf } from "./draw/canvas.js";
import { drawPath } from "./draw/marks.js";
import { Lasso, Polygon } from "./draw/outline.js";
import { BrushRing } from "./draw/ring.js";
import { Stroke } from "./draw/stroke.js";
import { Unsaved } from "./draw/unsaved.js";
import { clamp } from "./geometry.js";

const LEAST_PRESSURE = 0.1;
/** Raw updates are drawn no more often than this. */
const RAW_MS = 3;

export class Drawing {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
    this.canvas = new LabelCanvas(studio);
    this.pending = new Unsaved(this);
    this.ring = new BrushRing(this);
    /** @type {Stroke | Lasso | null} */
    this.current = null;
    /** Whether this browser tells of the pointer between frames. */
    this.raw = false;
    this.shownAt = 0;
    /** @type {Way} */
    this.way = "stroke";
    studio.on("marks", (plane, context) => this.drawMarks(plane, context));
    studio.on("pointed", (plane, place) => this.follow(plane, place));
    studio.on("moved-by-key", () => this.moveByKey());
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
    if (current instanceof Stroke && current.effect) this.pending.fetchAgain(current.gesture.z);
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
    return [[roundOff(across), roundOff(down), roundOff(pressure)]];
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

  /** @param {"undo" | "redo"} type */
  goBack(type) {
    this.cancel();
    if (this.mayDraw()) this.studio.socket.sendKept({ type });
  }

  /** @param {Plane} plane @param {{across: number, down: number} | null} place */
  follow(plane, place) {
    this.ring.follow(plane, place);
    if (this.current instanceof Polygon) plane.overlay.redraw();
  }

  /** @param {Gesture} gesture */
  send(gesture) {
    return this.pending.send(gesture, this.way);
  }

  /** @param {Plane} plane @param {CanvasRenderingContext2D} context */
  drawMarks(plane, context) {
    if (plane.name !== "xy") return;
    for (const { gesture, way } of this.pending.sent.values()) {
      if (!effectOf(gesture) && gesture.z === plane.through) drawPath(context, plane, gesture, { way, colour: this.colourOf(gesture.phase) });
    }
    const current = this.current;
    if (!current || current.gesture.z !== plane.through || effectOf(current.gesture)) return;
    const next = /** @type {StrokePoint | undefined} */ (this.way === "polygon" && this.ring.pointer ? [this.ring.pointer.across, this.ring.pointer.down, 1] : undefined);
    drawPath(context, plane, current.gesture, { way: this.way, colour: this.colourOf(current.gesture.phase), next });
  }

  /** @param {number} code */
  colourOf(code) {
    if (code === NOT_SURE || code === NOT_ANNOTATED) return "#ffffff";
    return this.studio.project.phases.find((phase) => phase.code === code)?.colour ?? "#ffffff";
  }
}

/** @param {number} value */
const roundOff = (value) => Math.round(value * 1000) / 1000;
