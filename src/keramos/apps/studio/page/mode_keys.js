/** Keys of a panel that hold only while it is in front: they lie over those of drawing until it is left. */
/** @import {Key} from "./keys.js" */
/** @import {Studio} from "./studio.js" */

/**
 * Shows the keys in the table of "?", and has them do their work while the panel is in front.
 * @param {Studio} studio @param {string} panel @param {Key[]} keys
 */
export function addPanelKeys(studio, panel, keys) {
  /** @type {Map<string, Key | undefined>} what the keys do otherwise */
  const otherwise = new Map();
  studio.keys.table.push(...keys);
  studio.on("panel", (/** @type {string} */ front) => {
    const { byCombination } = studio.keys;
    if (front === panel && otherwise.size === 0) {
      for (const key of keys) {
        for (const name of key.keys.split(" ")) {
          otherwise.set(name, byCombination.get(name));
          byCombination.set(name, key);
        }
      }
    } else if (front !== panel) {
      for (const [name, key] of otherwise) {
        if (key) byCombination.set(name, key);
        else byCombination.delete(name);
      }
      otherwise.clear();
    }
  });
}
