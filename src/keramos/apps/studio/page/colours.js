/** How grey values and codes become colours: tables once, then one look-up a voxel. */
/** @import {Layer, Phase, Rect} from "./types.js" */

export const NOT_ANNOTATED = 255;
export const NOT_SURE = 254;

/**
 * @typedef {object} Style
 * @property {string} version  changes whenever the same tile would look different
 * @property {(codes: Uint8Array | Uint16Array, width: number, height: number, pixels: Uint32Array, part: Rect) => void} colour
 */

/** @param {number} red @param {number} green @param {number} blue @param {number} [alpha] */
const pack = (red, green, blue, alpha = 255) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** @param {string} colour  `#rrggbb` @param {number} [alpha] */
function packHex(colour, alpha = 255) {
  const number = Number.parseInt(colour.slice(1), 16);
  return pack(number >> 16, (number >> 8) & 255, number & 255, alpha);
}

/**
 * Grey values from black at `low` to white at `high`.
 * @param {{low: number, high: number, gamma: number}} contrast @param {boolean} wide  whether values go beyond 255
 * @returns {Style}
 */
export function greyStyle({ low, high, gamma }, wide) {
  const table = new Uint32Array(wide ? 65536 : 256);
  const span = Math.max(high - low, 1e-6);
  for (let value = 0; value < table.length; value++) {
    const part = Math.min(1, Math.max(0, (value - low) / span));
    const grey = Math.round(255 * part ** (1 / gamma));
    table[value] = pack(grey, grey, grey);
  }
  return { version: `grey ${low} ${high} ${gamma} ${wide}`, colour: lookUp(table) };
}

/** @param {Uint32Array} table @returns {Style["colour"]} */
function lookUp(table) {
  return (codes, width, _height, pixels, part) => {
    for (let y = part.y; y < part.y + part.height; y++) {
      const end = y * width + part.x + part.width;
      for (let i = y * width + part.x; i < end; i++) pixels[i] = table[codes[i]];
    }
  };
}

/** The colours of codes, opaque; nothing where nothing is annotated. @param {Phase[]} phases */
function codeTable(phases) {
  const table = new Uint32Array(256);
  for (const phase of phases) table[phase.code] = packHex(phase.colour);
  table[NOT_SURE] = packHex("#f4f4f4");
  table[NOT_ANNOTATED] = 0;
  return table;
}

/**
 * Codes in their phases' colours; "not sure" is hatched, so that it is told apart without colour.
 * @param {Phase[]} phases @param {boolean} outline  only the voxels at which the code changes
 * @returns {Style}
 */
export function labelStyle(phases, outline) {
  const table = codeTable(phases);
  return {
    version: `labels ${outline} ${phases.map((phase) => phase.code + phase.colour).join()}`,
    colour: outline ? outlineCodes(table) : fillCodes(table),
  };
}

/** @param {Uint32Array} table @returns {Style["colour"]} */
function fillCodes(table) {
  return (codes, width, _height, pixels, part) => {
    for (let y = part.y; y < part.y + part.height; y++) {
      for (let x = part.x, i = y * width + x; x < part.x + part.width; x++, i++) {
        const code = codes[i];
        pixels[i] = code === NOT_SURE && ((x + y) & 3) > 1 ? pack(40, 40, 40) : table[code];
      }
    }
  };
}

/** @param {Uint32Array} table @returns {Style["colour"]} */
function outlineCodes(table) {
  return (codes, width, height, pixels, part) => {
    for (let y = part.y; y < part.y + part.height; y++) {
      for (let x = part.x, i = y * width + x; x < part.x + part.width; x++, i++) {
        const code = codes[i];
        const inside =
          (x === 0 || codes[i - 1] === code) && (x === width - 1 || codes[i + 1] === code) &&
          (y === 0 || codes[i - width] === code) && (y === height - 1 || codes[i + width] === code);
        pixels[i] = inside ? 0 : table[code];
      }
    }
  };
}

/**
 * Values from clear to a full colour: scores and uncertainty.
 * @param {string} colour @param {number} top  the value of the full colour
 * @returns {Style}
 */
export function valueStyle(colour, top) {
  const table = new Uint32Array(top + 1);
  for (let value = 0; value <= top; value++) table[value] = packHex(colour, Math.round((255 * value) / top));
  return { version: `values ${colour} ${top}`, colour: lookUp(table) };
}

const VALUE_COLOURS = { uncertainty: "#f0349b", scores: "#2ec4b6" };

/** How a layer over the images is coloured. @param {Layer} layer @param {Phase[]} phases @param {{low: number, high: number, gamma: number}} contrast @returns {Style} */
export function layerStyle(layer, phases, contrast) {
  if (layer.kind === "labels") return labelStyle(layer.phases ?? phases, layer.outline);
  if (layer.kind === "images") return greyStyle(contrast, false);
  return valueStyle(VALUE_COLOURS[layer.kind], 255);
}
