/** Contrast of the images: the values shown as black and white, gamma, and the histogram of the slice in view. */
/** @import {Stack} from "../types.js" */
/** @import {Studio} from "../studio.js" */
import { context2d, make } from "../dom.js";
import { findTiles } from "../plane_tiles.js";

const BINS = 128;
/** Parts of the voxels that an automatic contrast lets go black and white. */
const CLIP = 0.003;

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const bounds = chooseBounds(studio.project.stack);
  const picture = make("canvas", { class: "histogram", "aria-hidden": "true" });
  const fields = {
    low: makeSlider("Black", { ...bounds, step: 1 }), high: makeSlider("White", { ...bounds, step: 1 }),
    gamma: makeSlider("Gamma", { min: 0.2, max: 4, step: 0.05 }),
  };
  for (const [name, { input }] of Object.entries(fields)) {
    input.addEventListener("input", () => studio.set({ contrast: { ...studio.state.contrast, [name]: Number(input.value) } }));
  }
  const automatic = () => setAutomatically(studio, bounds);
  const reset = () => studio.set({ contrast: { low: studio.project.stack.range[0], high: studio.project.stack.range[1], gamma: 1 } });
  element.append(picture, ...Object.values(fields).map((field) => field.row), make("div", { class: "buttons" },
    make("button", { type: "button", onclick: automatic }, "Auto ", make("kbd", {}, "J")),
    make("button", { type: "button", onclick: reset }, "Reset")));
  studio.keys.add({ keys: "J", group: "View", does: "set the contrast from the slice in view", run: automatic });

  let waiting = false;
  const show = () => {
    waiting = false;
    const { contrast } = studio.state;
    for (const name of /** @type {const} */ (["low", "high", "gamma"])) {
      fields[name].input.value = String(contrast[name]);
      fields[name].output.textContent = String(+contrast[name].toPrecision(4));
    }
    drawHistogram(picture, countValues(studio, bounds), contrast, bounds);
  };
  const later = () => {
    if (!waiting) setTimeout(show, 150);
    waiting = true;
  };
  for (const part of ["contrast", "shown", "theme"]) studio.on(part, later);
  show();
}

/** @param {string} title @param {{min: number, max: number, step: number}} bounds */
function makeSlider(title, { min, max, step }) {
  const input = make("input", { type: "range", min: String(min), max: String(max), step: String(step) });
  const output = make("output");
  return { input, output, row: make("label", { class: "row slider" }, make("span", {}, title), input, output) };
}

/** @typedef {{min: number, max: number}} Bounds  of the values that can be chosen */

/** All values of bytes; of larger numbers those in use, and as many on both sides. @param {Stack} stack @returns {Bounds} */
function chooseBounds({ dtype, range: [low, high] }) {
  if (dtype === "uint8") return { min: 0, max: 255 };
  const span = Math.max(1, high - low);
  return { min: Math.max(0, Math.floor(low - span)), max: Math.min(65535, Math.ceil(high + span)) };
}

/** How many voxels of the tiles in view fall into each bin; what lies beyond the bounds into the outer ones. @param {Studio} studio @param {Bounds} bounds */
function countValues(studio, { min, max }) {
  const plane = studio.planes[0], counts = new Float64Array(BINS);
  if (!plane?.visible) return counts;
  const whole = { left: 0, top: 0, right: plane.canvas.width, bottom: plane.canvas.height };
  for (const address of findTiles(plane, "images", plane.levelOf("images"), plane.through, whole)) {
    const codes = studio.tiles.get(address)?.codes ?? [];
    for (let i = 0; i < codes.length; i += 7) {
      const bin = Math.floor(((codes[i] - min) * BINS) / (max - min + 1));
      counts[Math.min(BINS - 1, Math.max(0, bin))]++;
    }
  }
  return counts;
}

/** @param {Studio} studio @param {Bounds} bounds */
function setAutomatically(studio, bounds) {
  const counts = countValues(studio, bounds), wide = (bounds.max - bounds.min + 1) / BINS, all = counts.reduce((a, b) => a + b, 0);
  if (all === 0) return;
  /** @param {number} share */
  const binAt = (share) => {
    let sum = 0;
    return counts.findIndex((count) => (sum += count) > share * all);
  };
  const low = bounds.min + binAt(CLIP) * wide, high = bounds.min + (binAt(1 - CLIP) + 1) * wide - 1;
  studio.set({ contrast: { ...studio.state.contrast, low: Math.round(low), high: Math.round(high) } });
}

/** @param {HTMLCanvasElement} canvas @param {Float64Array} counts @param {{low: number, high: number}} contrast @param {Bounds} bounds */
function drawHistogram(canvas, counts, { low, high }, { min, max }) {
  const { clientWidth: width, clientHeight: height } = canvas, style = getComputedStyle(canvas);
  if (width === 0) return;
  const dots = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [width * dots, height * dots];
  const context = context2d(canvas);
  context.scale(dots, dots);
  const most = Math.max(1, ...[...counts].sort((a, b) => b - a).slice(1, 2));
  context.fillStyle = style.getPropertyValue("--faint");
  counts.forEach((count, bin) => {
    const tall = Math.min(1, Math.sqrt(count / most)) * (height - 2);
    context.fillRect((bin * width) / BINS, height - tall, width / BINS, tall);
  });
  context.fillStyle = style.getPropertyValue("--accent");
  for (const value of [low, high]) context.fillRect(((value - min) / (max - min)) * (width - 2), 0, 2, height);
}
