/** Going to a place of the stack and marking it: its box is drawn in every plane that cuts it. */
/** @import {Place} from "./types.js" */
/** @import {Plane} from "./plane.js" */
/** @import {Studio} from "./studio.js" */
import { along } from "./geometry.js";

/** @typedef {[[number, number, number], [number, number, number]]} Box  first voxel and the one behind the last, Z Y X */

const SHARE = 0.3;
const LARGEST_ZOOM = 12;

/** Shows a place in the middle of the planes, large enough to be judged. @param {Studio} studio @param {Place} place @param {Box} [box] */
export function showPlace(studio, place, box) {
  const plane = studio.planes[0];
  const edge = box ? Math.max(1, ...[0, 1, 2].map((i) => box[1][i] - box[0][i])) : 0;
  const wanted = edge ? (SHARE * Math.min(plane.element.clientWidth, plane.element.clientHeight)) / edge : studio.state.zoom;
  const zoom = Math.min(LARGEST_ZOOM, Math.max(studio.fittingZoom(plane), wanted));
  studio.set({ position: { ...place }, centre: { ...place }, zoom });
}

/**
 * @typedef {{box: Box, bits: Uint8Array}} Voxels  bits in the order Z Y X, the first one highest
 * @typedef {{box: Box, voxels: Voxels | null}} Marked
 */

/** Voxels as the server sends them. @param {{box: Box, bits: string}} facts @returns {Voxels} */
export function readVoxels({ box, bits }) {
  return { box, bits: Uint8Array.from(atob(bits), (sign) => sign.charCodeAt(0)) };
}

/** Fills the voxels that a plane cuts. @param {Plane} plane @param {CanvasRenderingContext2D} context @param {Voxels} voxels */
function fillVoxels(plane, context, { box: [start, stop], bits }) {
  const { axes, scale } = plane, [, height, width] = [0, 1, 2].map((i) => stop[i] - start[i]);
  const steps = /** @type {[number, number, number]} */ ([height * width, width, 1]);
  const first = (plane.through - along(start, axes.through)) * along(steps, axes.through);
  context.fillStyle = "rgba(255, 225, 0, .45)";
  for (let down = 0; down < along(stop, axes.down) - along(start, axes.down); down++) {
    for (let across = 0; across < along(stop, axes.across) - along(start, axes.across); across++) {
      const bit = first + down * along(steps, axes.down) + across * along(steps, axes.across);
      if (((bits[bit >> 3] >> (7 - (bit & 7))) & 1) === 0) continue;
      const { x, y } = plane.toScreen(along(start, axes.across) + across - 0.5, along(start, axes.down) + down - 0.5);
      context.fillRect(x, y, scale.across, scale.down);
    }
  }
}

/**
 * Draws a place over the planes; `current` gives it, or null for none.
 * @param {Studio} studio @param {() => Marked | null} current
 */
export function drawPlace(studio, current) {
  studio.on("marks", (/** @type {Plane} */ plane, /** @type {CanvasRenderingContext2D} */ context) => {
    const marked = current();
    if (!marked) return;
    const { box, voxels } = marked;
    const [start, stop] = box, { axes } = plane;
    if (plane.through < along(start, axes.through) || plane.through >= along(stop, axes.through)) return;
    if (voxels) fillVoxels(plane, context, voxels);
    const from = plane.toScreen(along(start, axes.across) - 0.5, along(start, axes.down) - 0.5);
    const to = plane.toScreen(along(stop, axes.across) - 0.5, along(stop, axes.down) - 0.5);
    const margin = 4;
    context.lineWidth = 3;
    context.strokeStyle = "rgba(0, 0, 0, .6)";
    context.strokeRect(from.x - margin, from.y - margin, to.x - from.x + 2 * margin, to.y - from.y + 2 * margin);
    context.lineWidth = 1.5;
    context.strokeStyle = "#ffffff";
    context.strokeRect(from.x - margin, from.y - margin, to.x - from.x + 2 * margin, to.y - from.y + 2 * margin);
  });
}
