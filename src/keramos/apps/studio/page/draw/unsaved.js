/** What is drawn and not yet saved, and the server's answers to it. */
/** @import {Counts, Gesture, SavedMessage} from "../types.js" */
/** @import {Way} from "./index.js" */
/** @import {Drawing} from "../drawing.js" */
/** @import {Tile} from "../tiles.js" */
import { askForTiles } from "../plane_tiles.js";
import { effectOf } from "./canvas.js";

export class Unsaved {
  /** @param {Drawing} drawing */
  constructor(drawing) {
    this.drawing = drawing;
    this.studio = drawing.studio;
    this.canvas = drawing.canvas;
    /** @type {Map<number, {gesture: Gesture, way: Way}>} sent and not yet saved, in order */
    this.sent = new Map();
    /** @type {Set<number>} gestures whose slice was proposed for them */
    this.asked = new Set();
    /** @type {Counts} what the server said last */
    this.counts = { number: 0, undo: 0, redo: 0, annotated: this.studio.project.annotated };
    /** @type {number | null} of the last change that the page knows of */
    this.number = null;
  }

  get size() {
    return this.sent.size;
  }

  /** @param {Gesture} gesture @param {Way} way */
  send(gesture, way) {
    const id = this.studio.socket.sendKept({ type: "gesture", gesture });
    this.sent.set(id, { gesture, way });
    this.studio.redrawMarks();
    return id;
  }

  /** Draws what is not yet saved into a tile that has just come. @param {Tile} tile */
  repaint(tile) {
    if (tile.address.layer !== "labels" || tile.address.plane !== "xy") return;
    for (const { gesture } of this.sent.values()) this.canvas.paintGesture(tile, gesture);
    if (this.drawing.current) this.canvas.paintGesture(tile, this.drawing.current.gesture);
  }

  /** @param {SavedMessage} message */
  takeSaved(message) {
    const done = this.sent.get(Number(message.id))?.gesture;
    if (done && message.patches.length === 0 && !effectOf(done)) this.studio.toast("That changed no labels here.");
    if (done?.tool === "interpolate" && message.patches.length > 0 && !message.patches.some(({ z }) => z === done.z)) {
      this.studio.toast(`Slice ${done.z} got no labels: what is drawn before and after it does not overlap there. Draw a slice nearer to it.`);
    }
    this.sent.delete(Number(message.id));
    this.asked.delete(Number(message.id));
    for (const patch of message.patches) {
      const rect = this.canvas.write(patch);
      for (const tile of this.canvas.tilesUnder(patch.z, rect)) this.repaint(tile);
      this.canvas.show(patch.z, rect);
    }
    this.number = message.number;
    this.takeCounts(message);
    if (message.patches.length > 0) for (const plane of this.studio.planes) askForTiles(plane);
    this.studio.redrawMarks();
  }

  /** Takes what the server says of the drawing when the line is open; it may have changed while it was not. @param {Counts} message */
  takeDrawing(message) {
    if (this.number !== null && this.number !== message.number) this.studio.takeChanged({ layer: "labels", slices: null });
    this.number = message.number;
    this.takeCounts(message);
  }

  /** @param {Counts} message */
  takeCounts({ number, undo, redo, annotated }) {
    this.counts = { number, undo, redo, annotated };
    const unsaved = [...this.sent.values()].map(({ gesture }) => gesture.z);
    const all = new Set([...annotated, ...unsaved, ...(this.drawing.current ? [this.drawing.current.gesture.z] : [])]);
    const known = this.studio.state.annotated, same = all.size === known.size && [...all].every((z) => known.has(z));
    this.studio.set({ history: { undo, redo }, ...(same ? {} : { annotated: all }) });
  }

  /** @param {{id: number, message: string}} message */
  takeRefused({ id, message }) {
    const refused = this.sent.get(id);
    this.sent.delete(id);
    if (refused?.gesture.tool === "accept" && !this.asked.delete(id)) void this.proposeFirst(refused, message);
    else this.studio.toast(message, "problem");
    if (refused) this.fetchAgain(refused.gesture.z);
    this.studio.redrawMarks();
  }

  /**
   * Asks for the proposal of a slice that has none yet, and accepts it then; says why not if there is none to have.
   * @param {{gesture: Gesture, way: Way}} refused @param {string} message
   */
  async proposeFirst({ gesture, way }, message) {
    const { studio } = this;
    studio.toast(`Slice ${gesture.z} is proposed first, then accepted.`);
    try {
      const { made } = await studio.api("/api/assist/propose", { z: gesture.z });
      if (!made) return studio.toast(message, "problem");
      this.asked.add(this.send(gesture, way));
    } catch (error) {
      studio.toast(error instanceof Error ? error.message : String(error), "problem");
    }
  }

  /** Fetches the labels of a slice anew, since what the page has drawn on it does not hold. @param {number} z */
  fetchAgain(z) {
    this.takeCounts(this.counts);
    this.studio.tiles.expire("labels", ({ plane, level, index }) => plane !== "xy" || index === this.canvas.levelIndex(level, z));
    this.studio.redrawPlanes();
  }
}
