/** Drawing on slices: the gesture in hand, what is not yet saved, and the server's answers. */
/** @import {Plane} from "./plane.js" */
/** @import {Studio} from "./studio.js" */
/** @import {Tile} from "./tiles.js" */

export class Drawing {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
  }

  /** @param {Plane} plane @param {PointerEvent} event */
  start(plane, event) { void plane; void event; }
  /** @param {PointerEvent} event */
  move(event) { void event; }
  /** @param {PointerEvent} event */
  end(event) { void event; }
  cancel() {}
  doubleClick() {}
  /** @param {number} steps */
  changeSize(steps) { void steps; }
  /** @param {Tile} tile */
  repaint(tile) { void tile; }
  /** @param {import("./types.js").SavedMessage} message */
  takeSaved(message) { void message; }
  /** @param {{id: number, message: string}} message */
  takeRefused(message) { void message; }
}
