/** The three planes of a stack: which axis runs across, down and through each, and how voxels lie on the screen. */
/** @import {Axis, Level, Place, PlaneName, Stack} from "./types.js" */

export const TILE = 256;

/** @type {Record<PlaneName, {across: Axis, down: Axis, through: Axis}>} */
export const PLANES = {
  xy: { across: "x", down: "y", through: "z" },
  xz: { across: "x", down: "z", through: "y" },
  yz: { across: "z", down: "y", through: "x" },
};

const INDEX = { z: 0, y: 1, x: 2 };

/** @param {readonly [number, number, number]} zyx @param {Axis} axis */
export const along = (zyx, axis) => zyx[INDEX[axis]];

/** Edges of a voxel relative to the shortest one. @param {Stack} stack @returns {[number, number, number]} */
export function relativeEdges(stack) {
  const [z, y, x] = stack.voxel_size_nm ?? [1, 1, 1];
  const least = Math.min(z, y, x);
  return [z / least, y / least, x / least];
}

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** The nearest voxel inside the stack. @param {Place} place @param {Stack} stack @returns {Place} */
export function nearestVoxel(place, stack) {
  const [depth, height, width] = stack.shape;
  return {
    z: clamp(Math.round(place.z), 0, depth - 1),
    y: clamp(Math.round(place.y), 0, height - 1),
    x: clamp(Math.round(place.x), 0, width - 1),
  };
}

/**
 * The coarsest level that still has a voxel for every pixel of the screen, on both axes of the plane.
 * @param {Level[]} levels @param {PlaneName} name @param {{across: number, down: number}} pixels  screen pixels a voxel
 */
export function chooseLevel(levels, name, pixels) {
  const { across, down } = PLANES[name];
  let chosen = 0;
  levels.forEach((level, number) => {
    const fine = along(level.merged, across) * pixels.across <= 1.01 && along(level.merged, down) * pixels.down <= 1.01;
    if (fine) chosen = number;
  });
  return chosen;
}

/**
 * A round length for the scale bar that is no longer than `longest`: 1, 2 or 5 times a power of ten.
 * @param {number} longest
 */
export function roundLength(longest) {
  const power = 10 ** Math.floor(Math.log10(longest));
  const step = [5, 2, 1].find((factor) => factor * power <= longest) ?? 1;
  return step * power;
}

/** A length in words, from nm. @param {number} nm */
export function lengthInWords(nm) {
  if (Math.abs(nm) >= 1e6) return `${+(nm / 1e6).toPrecision(4)} mm`;
  if (Math.abs(nm) >= 1e3) return `${+(nm / 1e3).toPrecision(4)} µm`;
  return `${+nm.toPrecision(4)} nm`;
}
