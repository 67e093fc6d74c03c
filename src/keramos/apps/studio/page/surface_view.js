/** The surface of a layer in 3-D, in the corner of the three planes or beside the slice; made when one asks for it. */
/** @import {SurfaceData} from "./surface.js" */
/** @import {Studio} from "./studio.js" */
import { make } from "./dom.js";
import { showSurface } from "./surface.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mountSurface(element, studio) {
  const choice = make("select", { "aria-label": "Layer of the surface" });
  const button = make("button", { type: "button", onclick: () => void load() }, "Show the surface");
  const place = make("div", { class: "surface-place" });
  const missing = make("p", { class: "surface-note" }, "A surface in 3-D needs a proposal or a segmentation: open one as a layer.");
  element.append(make("div", { class: "surface-bar" }, choice, button, missing), place);
  const list = () => {
    const before = choice.value, layers = studio.state.layers.filter((layer) => layer.kind === "labels" && !["labels", "difference"].includes(layer.name));
    button.disabled = layers.length === 0;
    choice.hidden = button.hidden = layers.length === 0;
    missing.hidden = layers.length > 0;
    choice.replaceChildren(...layers.map((layer) => make("option", { value: layer.name }, layer.title)));
    if (layers.some((layer) => layer.name === before)) choice.value = before;
  };
  studio.on("layers", list);
  list();

  async function load() {
    button.disabled = true;
    place.replaceChildren(make("p", { class: "surface-note", role: "status" }, "Making the surface …"));
    try {
      /** @type {SurfaceData} */
      const data = await studio.api(`/api/surface?layer=${encodeURIComponent(choice.value)}`);
      const viewer = makeViewer();
      place.replaceChildren(viewer);
      showSurface(viewer, data);
      button.textContent = "Make it anew";
    } catch (error) {
      place.replaceChildren(make("p", { class: "surface-note", role: "alert" }, error instanceof Error ? error.message : String(error)));
    }
    button.disabled = false;
  }
}

/** The parts that the 3-D view draws into. */
function makeViewer() {
  const canvas = make("canvas", { tabIndex: 0, role: "img", "aria-label": "The surface in 3-D; drag or use the arrow keys to turn it", "data-part": "canvas" });
  const axes = ["x", "y", "z"].map((axis) => make("span", { class: "axis", "data-part": axis }));
  const bar = make("div", { class: "surface-scale" }, make("span", { "data-part": "bar-text" }), make("i", { "data-part": "bar-line" }));
  // The keys of turning are the view's own, not the page's.
  canvas.addEventListener("keydown", (event) => event.stopPropagation());
  return make("div", { class: "surface-view" },
    make("div", { "data-part": "view", class: "surface-frame" },
      make("select", { "data-part": "surface", "aria-label": "Phase of the surface" }),
      make("div", { class: "surface-stage" }, canvas, ...axes, bar)),
    make("p", { "data-part": "missing", class: "surface-note", hidden: true }, "This browser has no WebGL, which the surface needs."),
    make("div", { "data-part": "still", hidden: true }));
}
