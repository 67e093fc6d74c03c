/** Where keys go after the mouse: back to the slice, so that the next key draws and does not press a button again. */
/** @import {Studio} from "./studio.js" */

/** @param {Studio} studio */
export function returnFocus(studio) {
  let byPointer = false;
  const toSlice = () => studio.planes[0].element.focus({ preventScroll: true });
  window.addEventListener("pointerdown", () => { byPointer = true; }, true);
  window.addEventListener("keydown", (event) => {
    byPointer = false;
    const field = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
    if (event.key !== "Escape" || !field || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    toSlice();
  }, true);
  document.addEventListener("change", (event) => {
    if (byPointer && event.target instanceof HTMLSelectElement) toSlice();
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest(".tool, .phase, .tones button, .action, #header button") : null;
    if (button && byPointer && !document.querySelector("dialog[open]")) toSlice();
  });
}
