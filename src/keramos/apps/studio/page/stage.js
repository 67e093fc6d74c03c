/** The planes and how they are laid out: three that meet, one alone, two beside each other, or the surface in 3-D. */
/** @import {Studio} from "./studio.js" */
import { make } from "./dom.js";
import { Plane } from "./plane.js";
import { listenToPointer } from "./pointer.js";
import { mountSurface } from "./surface_view.js";

export const LAYOUTS = /** @type {const} */ ({ planes: "Three planes", one: "One plane", beside: "Side by side", surface: "3-D surface" });

/** @param {HTMLElement} element @param {Studio} studio */
export function mountStage(element, studio) {
  studio.planes = [
    new Plane(studio, "xy", { id: "xy" }),
    new Plane(studio, "yz", { id: "yz" }),
    new Plane(studio, "xz", { id: "xz" }),
    new Plane(studio, "xy", { id: "second", beside: true }),
  ];
  const corner = make("section", { class: "plane corner", id: "corner", "aria-label": "surface in 3-D" });
  element.append(...studio.planes.map((plane) => plane.element), corner);
  studio.planes.forEach(listenToPointer);
  mountSurface(corner, studio);
  const lay = () => {
    element.dataset.layout = studio.state.layout;
    studio.planes.forEach((plane) => plane.resize());
  };
  studio.on("layout", lay);
  lay();
  listenToState(studio);
  followTheme(studio);
}

/** @param {Studio} studio */
function listenToState(studio) {
  studio.on("position", () => {
    for (const plane of studio.planes) if (plane.through !== plane.shownIndex) plane.redraw();
  });
  for (const part of ["centre", "zoom", "layers", "layersHidden", "ghost", "beside", "annotated"]) {
    studio.on(part, () => studio.redrawPlanes());
  }
  for (const part of ["position", "centre", "zoom", "cross", "beside", "layout", "theme"]) studio.on(part, () => studio.redrawMarks());
  for (const part of ["contrast", "layers", "project"]) studio.on(part, () => studio.styles.clear());
  studio.on("contrast", () => studio.redrawPlanes());
  studio.on("theme", () => studio.redrawPlanes());
  studio.on("tile", (tile) => {
    for (const plane of studio.planes) if (plane.name === tile.address.plane) plane.redraw();
  });
}

/** Takes the colours of what canvases draw from the style sheet. @param {Studio} studio */
function followTheme(studio) {
  const read = () => {
    const style = getComputedStyle(document.documentElement);
    const [stage, cross, frame] = ["--stage", "--cross", "--frame"].map((name) => style.getPropertyValue(name).trim());
    studio.colours = { stage, cross, frame };
    studio.emit("theme");
  };
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", read);
  new MutationObserver(read).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  read();
}
