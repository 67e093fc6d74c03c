// What is written around the 3-D view of surfaces: the lengths of the box's edges, and the scale bar.

/** @import {Surface, Vector} from "./surface.js" */
/** @typedef {(name: string) => HTMLElement} Parts  the elements of the view, by their names */
/** @typedef {{x: number, y: number}} Size  of a unit of the box, as parts of half the canvas */

/** @type {Vector[]} */
const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i & 1 ? 1 : -1, i & 2 ? 1 : -1, i & 4 ? 1 : -1]);
/** @type {[Vector, Vector, number][]} */
export const EDGES = [];
CORNERS.forEach((a, i) => CORNERS.forEach((b, j) => {
  const axes = [0, 1, 2].filter((k) => a[k] !== b[k]);
  if (i < j && axes.length === 1) EDGES.push([a, b, axes[0]]);
}));

/** @param {Vector[]} rows @param {Vector} v */
const times = (rows, v) => rows.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);

/** Writes the length of an edge beside it, for each direction. @param {Parts} part @param {Surface} item @param {Vector[]} rows  of the turn @param {Size} size */
export function writeLengths(part, item, rows, size) {
  const canvas = part("canvas");
  const middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
  ["x", "y", "z"].forEach((name, axis) => {
    // The edge farthest out is in front of nothing.
    /** @type {null | {far: number, place: number[]}} */
    let best = null;
    for (const [a, b, along] of EDGES) {
      if (along !== axis) continue;
      const [right, up] = times(rows, a.map((v, i) => (v + b[i]) / 2 * item.box[i]));
      const spot = [right * size.x * middle[0], -up * size.y * middle[1]];
      const far = Math.hypot(...spot) + 0.01 * spot[1];
      if (!best || far > best.far) best = { far, place: spot };
    }
    const label = part(name);
    label.textContent = `${name} ${item.lengths[axis]}`;
    if (!best) return;
    const place = best.place, farthest = best.far;
    /** @param {number} value @param {number} half */
    const limit = (value, half) => Math.max(-half, Math.min(half, value));
    const half = [label.offsetWidth / 2 + 2, label.offsetHeight / 2 + 2];
    // Beside the edge: pushed outwards by as much as the words are wide and high.
    const [across, down] = place.map((v) => Math.abs(v) / Math.max(1, farthest));
    const out = 1 + (6 + across * half[0] + down * half[1]) / Math.max(1, farthest);
    const x = middle[0] + limit(place[0] * out, middle[0] - half[0]);
    const y = middle[1] + limit(place[1] * out, middle[1] - half[1]);
    label.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
  });
}

/** Draws the scale bar. @param {Parts} part @param {boolean} isPhysical  whether lengths are nm @param {Surface} item @param {Size} size */
export function writeBar(part, isPhysical, item, size) {
  const wide = item.extent / size.x;  // nm across the canvas
  const power = 10 ** Math.floor(Math.log10(0.25 * wide));
  const nm = [5, 2, 1].map((step) => step * power).find((step) => step <= 0.25 * wide) || power;
  part("bar-line").style.width = `${100 * nm / wide}%`;
  const text = nm >= 1e6 ? `${nm / 1e6} mm` : nm >= 1e3 ? `${nm / 1e3} µm` : `${+nm.toPrecision(2)} nm`;
  part("bar-text").textContent = isPhysical ? text : `${+nm.toPrecision(2)} voxels`;
}
