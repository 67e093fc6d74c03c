/** A closed outline in hand: a lasso that follows the pointer, or a polygon of clicked corners. */
/** @import {Gesture, StrokePoint} from "../types.js" */
/** @import {Drawing} from "../drawing.js" */
/** @import {Plane} from "../plane.js" */

/** A click this near to the first corner, in CSS pixels, closes a polygon. */
const CLOSING = 8;

export class Lasso {
  /** @param {Drawing} drawing @param {Gesture} gesture @param {Plane} plane */
  constructor(drawing, gesture, plane) {
    this.drawing = drawing;
    this.gesture = gesture;
    this.plane = plane;
  }

  /** @param {StrokePoint[]} points */
  add(points) {
    this.gesture.points.push(...points);
    this.plane.overlay.redraw();
  }

  /** Its marks are drawn with the next frame. */
  show() {
    return false;
  }

  finish() {
    if (this.gesture.points.length > 2) this.drawing.send(this.gesture);
    else this.plane.overlay.redraw();
  }
}

export class Polygon extends Lasso {
  /** Takes a corner; says whether the polygon is closed by it. @param {StrokePoint} point */
  addCorner(point) {
    const [first] = this.gesture.points;
    if (first && this.gesture.points.length > 2) {
      const scale = this.plane.scale;
      if (Math.hypot((point[0] - first[0]) * scale.across, (point[1] - first[1]) * scale.down) < CLOSING) return true;
    }
    this.add([point]);
    return false;
  }

  removeCorner() {
    this.gesture.points.pop();
    this.plane.overlay.redraw();
    return this.gesture.points.length > 0;
  }
}
