/** The page's model: one plain object, and who wants to know when a part of it changes. Views draw it; nothing else does. */
/** @import {PageTool} from "./draw/index.js" */
/** @import {Job, Layer, Place, Project} from "./types.js" */

/**
 * @typedef {object} State
 * @property {Project} project
 * @property {Place} position  the voxel in which the three planes meet
 * @property {Place} centre  what the planes are centred on, not rounded
 * @property {number} zoom  CSS pixels for the shortest edge of a voxel
 * @property {{low: number, high: number, gamma: number}} contrast
 * @property {Layer[]} layers
 * @property {boolean} layersHidden  while the key for a look without layers is held
 * @property {"off" | "before" | "after"} ghost
 * @property {"planes" | "one" | "beside" | "surface"} layout
 * @property {string} beside  the layer that the second picture shows
 * @property {boolean} cross
 * @property {string} tool
 * @property {number} phase  a phase's code, 254 "not sure" or 255 "not annotated"
 * @property {Record<string, Record<string, unknown>>} options  by tool
 * @property {PageTool[]} tools
 * @property {Set<number>} annotated
 * @property {{undo: number, redo: number}} history
 * @property {number} unsaved
 * @property {boolean} connected
 * @property {string} unwritable  why nothing can be saved now; empty where it can
 * @property {boolean} shutOut  the server was started anew and does not know this window
 * @property {{mine: boolean, message: string}} writer
 * @property {Map<string | number, Job>} jobs
 * @property {Record<string, boolean>} open  which sections of the panels one has opened or folded, by name
 * @property {"auto" | "light" | "dark"} theme
 * @property {Place | null} pointer  the voxel under the pointer
 */

/** @typedef {(...values: any[]) => void} Listener */

export class Model {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    /** @type {Map<string, Set<Listener>>} */
    this.listeners = new Map();
  }

  /**
   * Changes parts of the state and tells those who listen to them.
   * @param {Partial<State>} changes
   */
  set(changes) {
    const names = /** @type {(keyof State)[]} */ (Object.keys(changes)).filter((name) => changes[name] !== this.state[name]);
    Object.assign(this.state, changes);
    for (const name of names) this.emit(name, this.state[name]);
  }

  /**
   * Calls `listener` whenever the part of the state called `name` changes, or a message of that type comes; gives what ends it.
   * @param {string} name @param {Listener} listener
   */
  on(name, listener) {
    const all = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, all.add(listener));
    return () => void all.delete(listener);
  }

  /** @param {string} name @param {...any} values */
  emit(name, ...values) {
    for (const listener of this.listeners.get(name) ?? []) listener(...values);
  }
}
