/** Paths of gestures over a plane, until the labels that they make are there. */
/** @import {Gesture, StrokePoint} from "../types.js" */
/** @import {Plane} from "../plane.js" */
/** @import {Way} from "./index.js" */

/**
 * @param {CanvasRenderingContext2D} context @param {Plane} plane @param {Gesture} gesture
 * @param {{way: Way, colour: string, next?: StrokePoint}} look  `next`: where the pointer is, which is not yet a corner
 */
export function drawPath(context, plane, { points, options }, { way, colour, next }) {
  if (points.length === 0) return;
  const scale = plane.scale;
  const places = [...points, ...(next ? [next] : [])].map(([x, y]) => plane.toScreen(x, y));
  context.save();
  context.beginPath();
  places.forEach(({ x, y }, i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.lineJoin = context.lineCap = "round";
  if (way === "stroke") {
    if (places.length === 1) context.lineTo(places[0].x + 0.01, places[0].y);
    context.globalAlpha = 0.45;
    context.lineWidth = Math.max(2, 2 * Number(options.radius ?? 0) * scale.across);
    context.strokeStyle = colour;
  } else {
    strokeTwice(context);
  }
  if (way === "polygon") for (const { x, y } of places) context.rect(x - 2.5, y - 2.5, 5, 5);
  if (way === "click") context.arc(places[0].x, places[0].y, 6, 0, 2 * Math.PI);
  context.stroke();
  context.restore();
}

/** Dark below light, so that the line is seen on any grey. @param {CanvasRenderingContext2D} context */
function strokeTwice(context) {
  context.strokeStyle = "rgba(0, 0, 0, .8)";
  context.lineWidth = 3;
  context.stroke();
  context.strokeStyle = "#fff";
  context.lineWidth = 1.25;
}
