/** The places where two segmentations or models differ: going from one to the next, with a frame around the one in view. */
/** @import {Box} from "./places.js" */
/** @import {Studio} from "./studio.js" */
import { readBox } from "./boxes.js";
import { drawPlace, showPlace } from "./places.js";

/** @typedef {{box: Box, centre: [number, number, number], says: string}} DifferingPlace  centre Z Y X */

export class Differences {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
    /** @type {DifferingPlace[]} the largest first */
    this.places = [];
    this.at = -1;
    drawPlace(studio, () => (this.place && this.isShown ? { box: this.place.box, voxels: null } : null));
    const group = "Comparing";
    studio.keys.add(
      { keys: ">", group, does: "next place where two differ", run: () => this.step(1) },
      { keys: "<", group, does: "earlier place where two differ", run: () => this.step(-1) },
    );
  }

  get place() {
    return this.places[this.at];
  }

  get isShown() {
    return this.studio.state.layers.some(({ name, visible }) => name === "difference" && visible);
  }

  /** @param {DifferingPlace[]} places */
  take(places) {
    this.places = places;
    this.at = -1;
    this.studio.emit("differing-place");
  }

  /** Takes what models differ in, slice by slice. @param {{z: number, box: string, share: number}[]} slices */
  takeSlices(slices) {
    this.take(slices.filter(({ share }) => share > 0).map(({ z, box, share }) => {
      const [start, stop] = readBox(box), middle = (/** @type {number} */ axis) => Math.floor((start[axis] + stop[axis] - 1) / 2);
      return { box: [start, stop], centre: [z, middle(1), middle(2)], says: `slice ${z}: ${writeShare(share)} of it` };
    }));
  }

  /** @param {number} way */
  step(way) {
    const count = this.places.length;
    if (count === 0) return this.studio.toast("Compare two segmentations or two models first; then these keys go through the places where they differ.");
    this.goTo(this.at < 0 && way < 0 ? count - 1 : (this.at + way + count) % count);
  }

  /** @param {number} number */
  goTo(number) {
    this.at = number;
    const [z, y, x] = this.places[number].centre;
    this.studio.styleLayer("difference", { visible: true });
    showPlace(this.studio, { z, y, x }, this.places[number].box);
    this.studio.emit("differing-place");
  }
}

/** A share of all voxels in per cent, however small. @param {number} share */
export function writeShare(share) {
  if (share === 0) return "0 %";
  return 100 * share < 0.01 ? `${(100 * share).toPrecision(1)} %` : `${+(100 * share).toPrecision(3)} %`;
}
