/** The tools, in the order in which the page shows them. */

/**
 * @typedef {object} PageTool
 * @property {string} name  of the tool on the page
 * @property {string} title
 * @property {string} key
 * @property {string} help
 * @property {string} icon  a line drawing of 20 x 20
 */

/** @type {PageTool[]} */
export const TOOLS = [
  {
    name: "move", title: "Move", key: "V", help: "a click sets where the planes meet",
    icon: "M10 2v16M2 10h16M10 2 7.5 4.5M10 2l2.5 2.5M10 18l-2.5-2.5M10 18l2.5-2.5M2 10l2.5-2.5M2 10l2.5 2.5M18 10l-2.5-2.5M18 10l-2.5 2.5",
  },
];
