/**
 * Which voxels a round brush covers. The server paints by the same rule, in the same order of operations, in double
 * precision: a voxel is covered if its centre lies within the radius of the nearest point of a segment, the radius
 * interpolated along the segment, or within the radius of one of its ends.
 */
/** @import {Rect, StrokePoint} from "../types.js" */

/** @typedef {{x: number, y: number, radius: number}} Dab  a point of a stroke, with the brush's radius there, in voxels */
/**
 * @typedef {object} Grid  a rectangle of voxels of a level
 * @property {number} left  the first column and row, in voxels of the level
 * @property {number} top
 * @property {number} width
 * @property {number} height
 * @property {[number, number]} merged  voxels of the stack in one of the level, across and down
 */

/** @param {StrokePoint} point @param {number} radius @returns {Dab} */
export const makeDab = ([x, y, pressure], radius) => ({ x, y, radius: radius * pressure });

/**
 * Changes the codes of the voxels under a segment from `a` to `b`; gives the rectangle of the grid that may have changed.
 * @param {Uint8Array | Uint16Array} codes  of the grid, row by row @param {Grid} grid @param {Dab} a @param {Dab} b
 * @param {number} code @param {number | null} only  the code that is replaced; null: any
 * @returns {Rect | null}
 */
export function paintSegment(codes, grid, a, b, code, only) {
  const part = partUnder(grid, a, b);
  if (!part) return null;
  const [stepX, stepY] = grid.merged, startX = (stepX - 1) / 2, startY = (stepY - 1) / 2;
  const dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy, tapers = a.radius !== b.radius;
  for (let row = part.y; row < part.y + part.height; row++) {
    const qy = (grid.top + row) * stepY + startY;
    for (let column = part.x, i = row * grid.width + column; column < part.x + part.width; column++, i++) {
      const qx = (grid.left + column) * stepX + startX;
      let t = square > 0 ? ((qx - a.x) * dx + (qy - a.y) * dy) / square : 0;
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      const ox = qx - (a.x + t * dx), oy = qy - (a.y + t * dy), near = a.radius + t * (b.radius - a.radius);
      const covered = ox * ox + oy * oy <= near * near || (tapers && (isWithin(qx, qy, a) || isWithin(qx, qy, b)));
      if (covered && (only === null || codes[i] === only)) codes[i] = code;
    }
  }
  return part;
}

/** @param {number} x @param {number} y @param {Dab} dab */
const isWithin = (x, y, dab) => (x - dab.x) ** 2 + (y - dab.y) ** 2 <= dab.radius * dab.radius;

/** The part of a grid that a segment can reach. @param {Grid} grid @param {Dab} a @param {Dab} b @returns {Rect | null} */
function partUnder(grid, a, b) {
  const { x, y, width, height } = reachOf(a, b);
  const [stepX, stepY] = grid.merged;
  const left = Math.max(0, Math.ceil((x - (stepX - 1) / 2) / stepX) - 1 - grid.left);
  const top = Math.max(0, Math.ceil((y - (stepY - 1) / 2) / stepY) - 1 - grid.top);
  const right = Math.min(grid.width, Math.floor((x + width - (stepX - 1) / 2) / stepX) + 2 - grid.left);
  const bottom = Math.min(grid.height, Math.floor((y + height - (stepY - 1) / 2) / stepY) + 2 - grid.top);
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}

/** The rectangle around a segment and the brush, in voxels of the stack. @param {Dab} a @param {Dab} b @returns {Rect} */
export function reachOf(a, b) {
  const x = Math.min(a.x - a.radius, b.x - b.radius), y = Math.min(a.y - a.radius, b.y - b.radius);
  return { x, y, width: Math.max(a.x + a.radius, b.x + b.radius) - x, height: Math.max(a.y + a.radius, b.y + b.radius) - y };
}

/** The rectangle around two. @param {Rect | null} one @param {Rect | null} other */
export function joinRects(one, other) {
  if (!one || !other) return one ?? other;
  const x = Math.min(one.x, other.x), y = Math.min(one.y, other.y);
  return {
    x, y, width: Math.max(one.x + one.width, other.x + other.width) - x, height: Math.max(one.y + one.height, other.y + other.height) - y,
  };
}
