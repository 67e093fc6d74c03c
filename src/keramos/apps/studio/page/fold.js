/** Sections that fold, and stay as they were left, also when the project is opened again. */
/** @import {Studio} from "./studio.js" */
import { make } from "./dom.js";

/**
 * A section under a title that folds it. @param {Studio} studio
 * @param {string} id  under which it is remembered whether it is open @param {string} title @param {boolean} open  at first
 * @param {...(Node | string)} children
 */
export function makeFold(studio, id, title, open, ...children) {
  const section = make("details", { class: "fold" }, make("summary", {}, title), ...children);
  rememberFold(studio, section, () => id, () => open);
  return section;
}

/**
 * Opens or folds a section as it was left, and remembers what one makes of it; gives what does the former again, since
 * its name may change. @param {Studio} studio @param {HTMLDetailsElement} section @param {() => string} name @param {() => boolean} open  at first
 */
export function rememberFold(studio, section, name, open) {
  const isOpen = () => studio.state.open[name()] ?? open();
  const show = () => { section.open = isOpen(); };
  section.addEventListener("toggle", () => {
    if (section.open !== isOpen()) studio.set({ open: { ...studio.state.open, [name()]: section.open } });
  });
  show();
  return show;
}
