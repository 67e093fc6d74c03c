/** A stroke in hand: brush and eraser are painted as they go, other tools show their path until the server has answered. */
/** @import {Gesture, Rect, StrokePoint} from "../types.js" */
/** @import {Drawing} from "../drawing.js" */
/** @import {Plane} from "../plane.js" */
import { joinRects, makeDab, reachOf } from "./brush.js";
import { effectOf } from "./canvas.js";

/** Points nearer than this many CSS pixels to the one before say nothing new. */
const NEAR = 0.4;
/** The server takes 20 000 points; a longer stroke goes on as another. */
const MOST_POINTS = 15000;

export class Stroke {
  /** @param {Drawing} drawing @param {Gesture} gesture @param {Plane} plane */
  constructor(drawing, gesture, plane) {
    this.drawing = drawing;
    this.gesture = gesture;
    this.plane = plane;
    this.effect = effectOf(gesture);
    this.radius = Number(gesture.options.radius ?? 0);
    /** @type {Rect | null} in voxels, painted and not yet drawn */
    this.changed = null;
  }

  /** @param {StrokePoint[]} points */
  add(points) {
    for (const point of points) if (this.isNew(point)) this.changed = joinRects(this.changed, this.extend(point));
    if (this.gesture.points.length >= MOST_POINTS) this.drawing.continueStroke();
  }

  /** Draws what has been painted since the last time; says whether there was something. */
  show() {
    const changed = this.changed;
    this.changed = null;
    if (!this.effect) this.plane.overlay.redraw();
    else if (changed) this.drawing.canvas.show(this.gesture.z, changed);
    return changed !== null;
  }

  /** @param {StrokePoint} point */
  isNew([x, y, pressure]) {
    const last = this.gesture.points.at(-1);
    if (!last) return true;
    const scale = this.plane.scale, near = Math.hypot((x - last[0]) * scale.across, (y - last[1]) * scale.down) < NEAR;
    return !near || Math.abs(pressure - last[2]) > 0.02;
  }

  /** @param {StrokePoint} point @returns {Rect | null} */
  extend(point) {
    const before = this.gesture.points.at(-1) ?? point;
    this.gesture.points.push(point);
    if (!this.effect) return reachOf(makeDab(before, this.radius), makeDab(point, this.radius));
    return this.drawing.canvas.paint(this.gesture.z, makeDab(before, this.radius), makeDab(point, this.radius), this.effect);
  }

  finish() {
    this.show();
    this.drawing.send(this.gesture);
  }
}
