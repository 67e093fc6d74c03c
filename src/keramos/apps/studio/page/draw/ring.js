/** The brush at the pointer: its size, and its outline in every picture of the slice. */
/** @import {Drawing} from "../drawing.js" */
/** @import {Plane} from "../plane.js" */
import { clamp } from "../geometry.js";

const SMALLEST = 0.5;
const LARGEST = 1000;

export class BrushRing {
  /** @param {Drawing} drawing */
  constructor(drawing) {
    this.drawing = drawing;
    this.studio = drawing.studio;
    /** @type {{plane: Plane, across: number, down: number} | null} */
    this.pointer = null;
    for (const part of ["tool", "options", "position", "zoom"]) this.studio.on(part, () => this.show());
  }

  /** Makes the brush larger or smaller, for all tools that have a radius. @param {number} steps */
  changeSize(steps) {
    const { options } = this.studio.state, radius = this.radius;
    if (radius === null) return;
    const next = steps > 0 ? Math.max(radius + 0.5, radius * 1.15) : Math.min(radius - 0.5, radius / 1.15);
    const size = clamp(Math.round(2 * next) / 2, SMALLEST, LARGEST);
    this.studio.set({
      options: Object.fromEntries(Object.entries(options).map(([tool, own]) => [tool, "radius" in own ? { ...own, radius: size } : own])),
    });
  }

  /** The radius of the tool in hand; null for one that has none. */
  get radius() {
    const { tool } = this.drawing;
    const radius = tool?.way === "stroke" ? this.studio.state.options[tool.tool]?.radius : null;
    return typeof radius === "number" ? radius : null;
  }

  /** @param {Plane} plane @param {{across: number, down: number} | null} place */
  follow(plane, place) {
    this.pointer = place ? { plane, ...place } : null;
    this.show();
  }

  show() {
    const { pointer, radius } = this;
    for (const plane of this.studio.planes) {
      // Two pictures of one slice show the place in both.
      const own = pointer?.plane.name === "xy" && plane.name === "xy" && radius !== null && (!plane.beside || plane.visible);
      plane.overlay.showRing(own && pointer ? { across: pointer.across, down: pointer.down, radius: radius ?? 0 } : null);
    }
  }
}
