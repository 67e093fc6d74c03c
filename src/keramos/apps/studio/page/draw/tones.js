/** The first draft: the slice in its grey tones, as a picture to click on while the tool of tones is in hand. */
/** @import {Plane} from "../plane.js" */
/** @import {Studio} from "../studio.js" */
import { context2d } from "../dom.js";

/** @typedef {{z: number, width: number, height: number, tones: Uint8Array, counts: number[], canvas: OffscreenCanvas}} TonePicture */

export class Tones {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
    /** @type {TonePicture | null} */
    this.picture = null;
    /** The tone that the pointer is over; -1: none. */
    this.over = -1;
    /** What was asked for last, so that late answers are dropped. */
    this.asked = "";
    for (const part of ["tool", "position", "options"]) studio.on(part, () => void this.update());
  }

  get active() {
    return this.studio.state.tool === "tones";
  }

  get count() {
    return Number(this.studio.state.options.tones?.count ?? 8);
  }

  /** Fetches the tones of the slice in view if the tool is in hand. */
  async update() {
    const { position: { z }, options } = this.studio.state, smooth = Number(options.tones?.smooth ?? 1);
    const wanted = this.active ? `/api/tones/${z}?count=${this.count}&smooth=${smooth}` : "";
    if (wanted === this.asked) return;
    this.asked = wanted;
    this.take(null);
    if (!wanted) return;
    try {
      const answer = await fetch(wanted, { cache: "no-store" });
      if (!answer.ok) throw new Error((await answer.json()).error);
      const [height, width] = (answer.headers.get("X-Shape") ?? "").split(",").map(Number);
      const tones = new Uint8Array(await answer.arrayBuffer());
      if (wanted === this.asked) this.take(makePicture(z, tones, width, height, this.count));
    } catch (error) {
      this.studio.toast(error instanceof Error ? error.message : String(error), "problem");
    }
  }

  /** @param {TonePicture | null} picture */
  take(picture) {
    this.picture = picture;
    this.studio.redrawPlanes();
    this.studio.emit("tones", picture);
  }

  /** Draws the tones over the images of a plane. @param {Plane} plane @param {CanvasRenderingContext2D} context */
  draw(plane, context) {
    const picture = this.picture;
    if (!picture || plane.name !== "xy" || plane.beside || picture.z !== plane.through || this.studio.state.layersHidden) return;
    const across = plane.deviceScale("across"), down = plane.deviceScale("down");
    context.imageSmoothingEnabled = false;
    context.drawImage(picture.canvas, across.zero - 0.5 * across.scale, down.zero - 0.5 * down.scale,
      picture.width * across.scale, picture.height * down.scale);
  }
}

/** @param {number} z @param {Uint8Array} tones @param {number} width @param {number} height @param {number} count @returns {TonePicture} */
function makePicture(z, tones, width, height, count) {
  const canvas = new OffscreenCanvas(width, height), image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer), counts = Array.from({ length: count }, () => 0);
  for (let i = 0; i < tones.length; i++) {
    const grey = Math.round((255 * tones[i]) / (count - 1));
    pixels[i] = ((255 << 24) | (grey << 16) | (grey << 8) | grey) >>> 0;
    counts[tones[i]]++;
  }
  context2d(canvas).putImageData(image, 0, 0);
  return { z, width, height, tones, counts, canvas };
}
