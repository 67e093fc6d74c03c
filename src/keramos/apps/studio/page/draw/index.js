/** The tools as the page shows them: the server's list, with a key, a sign and a way of pointing for each. */
/** @import {ToolFacts} from "../types.js" */

/** @typedef {"stroke" | "lasso" | "polygon" | "click" | "slice" | "cross"} Way  how one points with it */
/**
 * @typedef {object} PageTool
 * @property {string} name  on the page
 * @property {string} tool  of the server; "" for what changes no labels
 * @property {Way} way
 * @property {string} title
 * @property {string} key
 * @property {string} help
 * @property {string} icon  a line drawing of 20 x 20
 * @property {Record<string, unknown>} preset  options that this entry always sends
 * @property {string[]} hidden  options that mean nothing for this entry
 * @property {ToolFacts | null} facts
 */

/** @typedef {{name: string, tool: string, way?: Way, title?: string, key: string, icon: string, help?: string, preset?: Record<string, unknown>, hidden?: string[]}} Look */

const MOVE = "M10 2v16M2 10h16M10 2 7.5 4.5M10 2l2.5 2.5M10 18l-2.5-2.5M10 18l2.5-2.5M2 10l2.5-2.5M2 10l2.5 2.5M18 10l-2.5-2.5M18 10l-2.5 2.5";
const DOTS = "M4 5h.01M10 4h.01M16 6h.01M5 11h.01M11 10h.01M15 13h.01M7 16h.01M13 17h.01";

/** @type {Look[]} */
const LOOKS = [
  { name: "brush", tool: "brush", key: "B", icon: "M17 3 9 11M9 11c-2-1-4 0-4.5 2.5C4.2 15.5 3 16 2.5 16c1.5 1.5 6 1.5 7.5-1 .8-1.5.3-3-1-4" },
  { name: "eraser", tool: "eraser", key: "E", icon: "M8 16 3 11l8-8 6 6-7 7zM6.5 7.5l6 6M8 16h9" },
  { name: "polygon", tool: "polygon", way: "polygon", key: "P", title: "Polygon", icon: "M4 15 3 6l7-3 7 6-4 8zM3 6h.01M10 3h.01M17 9h.01M13 17h.01M4 15h.01", help: "Click corners; Enter or a double click closes it." },
  { name: "lasso", tool: "polygon", way: "lasso", key: "L", title: "Lasso", icon: "M9 13c-4 0-7-2-7-4.5S5.5 4 10 4s8 2 8 4.5S15 13 11 13c-3 0-4 3-1.5 3.5", help: "Draw around a region to fill it." },
  { name: "contour", tool: "contour", key: "C", title: "Contour", icon: "M10 3c5 0 7 3 7 7s-3 7-7 7-7-3-7-7c0-3 2-5 4-6.3M7 10l2 2 4-4" },
  { name: "smart_fill", tool: "smart_fill", key: "F", icon: "M4 9 10 3l7 7-6 6a1.5 1.5 0 0 1-2 0L4 11a1.5 1.5 0 0 1 0-2zM4 10h13M18 14c1 1.5 1 3 0 3s-1-1.5 0-3" },
  { name: "superpixel", tool: "superpixel", key: "S", title: "Superpixel", icon: "M3 7l5-4 5 3 4-1M3 7l3 5 6-1 1-5M12 11l5 3M6 12l-2 5M6 12l5 5 1-6M11 17l6-3" },
  { name: "tones", tool: "tones", key: "D", hidden: ["tone"], icon: "M3 4h3v12H3zM8.5 7h3v9h-3zM14 10h3v6h-3z" },
  { name: "smooth", tool: "smooth", key: "M", icon: "M2 12c3-8 5 6 8 0s5-6 8 0" },
  { name: "close_gaps", tool: "close_gaps", key: "N", icon: "M8 3.3a7 7 0 1 0 4 0M8.5 10h3" },
  {
    name: "accept", tool: "accept", way: "slice", key: "A", title: "Accept the proposal", icon: "M3 10.5l4.5 4.5L17 5",
    help: "Take over the model's proposal for this slice.", preset: { where: "slice" }, hidden: ["radius"],
  },
  {
    name: "accept-stroke", tool: "accept", way: "stroke", key: "Q", title: "Accept stroke", icon: "M3 14c3-6 6 4 9-2M11 5.5l2 2 4-4",
    help: "Take over the model's proposal where the stroke goes.", preset: { where: "stroke" },
  },
  {
    name: "accept-lasso", tool: "accept", way: "lasso", key: "Shift+Q", title: "Accept lasso", icon: "M9 14c-4 0-7-2-7-5s3-5 8-5 8 2 8 5-3 5-7 5M7 9l2 2 4-4",
    help: "Take over the model's proposal inside a loop.", preset: { where: "outline" }, hidden: ["radius"],
  },
  {
    name: "copy-before", tool: "copy_slice", key: "K", title: "Copy slice before", icon: "M4 4h9v9H4zM7 16h9V7",
    help: "Take over the labels of the slice before (z - 1).", preset: { side: "above" },
  },
  {
    name: "copy-after", tool: "copy_slice", key: "Shift+K", title: "Copy slice after", icon: "M7 7h9v9H7zM4 13V4h9",
    help: "Take over the labels of the slice after (z + 1).", preset: { side: "below" },
  },
  { name: "interpolate", tool: "interpolate", key: "I", icon: "M3 4h14M3 16h14M6 8h8M6 12h8" },
];

/** @type {PageTool} */
const CROSS = { name: "move", tool: "", way: "cross", title: "Move", key: "V", help: "A click sets where the planes meet.", icon: MOVE, preset: {}, hidden: [], facts: null };

/** @type {Record<string, Way>} */
const WAYS = { stroke: "stroke", outline: "lasso", click: "click", slice: "slice" };

/** The page's tools for those of the server, in the page's order; one that the page knows nothing of comes last. @param {ToolFacts[]} offered @returns {PageTool[]} */
export function listTools(offered) {
  const looks = [...LOOKS, ...offered.filter(({ name }) => !LOOKS.some((look) => look.tool === name)).map((facts) => ({
    name: facts.name, tool: facts.name, key: "", icon: DOTS,
  }))];
  return [CROSS, ...looks.flatMap((/** @type {Look} */ look) => {
    const facts = offered.find(({ name }) => name === look.tool);
    if (!facts) return [];
    const way = look.way ?? WAYS[facts.pointer] ?? "click";
    return [{ ...look, way, title: look.title ?? facts.title, help: look.help ?? facts.help, preset: look.preset ?? {}, hidden: look.hidden ?? [], facts }];
  })];
}

/** The options of each tool of the server as they are at first. @param {ToolFacts[]} offered */
export function defaultOptions(offered) {
  return Object.fromEntries(offered.map(({ name, options }) => [name, Object.fromEntries(options.map((option) => [option.name, option.default]))]));
}
