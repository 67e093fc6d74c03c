/** Boxes as the server writes them, "z0:z1,y0:y1,x0:x1": going there, with a frame around the last one. */
/** @import {Box} from "./places.js" */
/** @import {Studio} from "./studio.js" */
import { drawPlace, showPlace } from "./places.js";

/** @param {string} text @returns {Box} */
export function readBox(text) {
  const ranges = text.split(",").map((range) => range.split(":").map(Number));
  const [first, stop] = [0, 1].map((end) => /** @type {[number, number, number]} */ (ranges.map((range) => range[end])));
  return [first, stop];
}

/** Gives what goes to a box; a frame is around it until another is shown, or the place is left. @param {Studio} studio */
export function followBoxes(studio) {
  /** @type {Box | null} */
  let shown = null;
  drawPlace(studio, () => (shown ? { box: shown, voxels: null } : null));
  return (/** @type {string} */ text) => {
    shown = readBox(text);
    const [first, stop] = shown, middle = [0, 1, 2].map((i) => Math.floor((first[i] + stop[i] - 1) / 2));
    showPlace(studio, { z: middle[0], y: middle[1], x: middle[2] }, shown);
  };
}
