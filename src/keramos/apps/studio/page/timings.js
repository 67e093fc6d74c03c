/** How long things took, for the benchmark and for whoever asks `studio.timings` in the console. */

const KEPT = 5000;

export class Timings {
  constructor() {
    /** @type {Record<string, number[]>} milliseconds */
    this.lists = {};
  }

  /** @param {string} name @param {number} milliseconds */
  note(name, milliseconds) {
    const list = (this.lists[name] ??= []);
    list.push(milliseconds);
    if (list.length > KEPT) list.splice(0, KEPT / 10);
  }

  clear() {
    this.lists = {};
  }
}
