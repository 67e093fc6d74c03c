/** Layers over the images: shown or not, how strongly, filled or as outlines; the ghost of a neighbouring slice. */
/** @import {Layer} from "../types.js" */
/** @import {State} from "../state.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";
import { makeComparison } from "./compare.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const rows = make("div", { class: "layers" });
  const ghost = make("select", { "aria-label": "Ghost of a neighbouring slice" },
    make("option", { value: "off" }, "off"), make("option", { value: "before" }, "slice before"), make("option", { value: "after" }, "slice after"));
  ghost.addEventListener("change", () => studio.set({ ghost: /** @type {State["ghost"]} */ (ghost.value) }));
  const beside = make("select", { "aria-label": "Layer in the second picture" });
  beside.addEventListener("change", () => studio.set({ beside: beside.value }));
  const second = make("label", { class: "row" }, make("span", {}, "Second picture"), beside);
  element.append(rows,
    make("label", { class: "row" }, make("span", {}, "Ghost ", make("kbd", {}, "G")), ghost),
    second, makeOpener(studio), makeComparison(studio));

  /** @type {(() => void)[]} ends what the rows listen to */
  const stops = [];
  /** @type {string} */
  let names = "";
  const show = () => {
    const { layers } = studio.state, now = layers.map((layer) => layer.name).join("\n");
    if (now !== names) {
      stops.splice(0).forEach((stop) => stop());
      rows.replaceChildren(...layers.map((layer) => makeRow(layer, studio, stops)));
      beside.replaceChildren(make("option", { value: "" }, "images alone"), ...layers.map((layer) => make("option", { value: layer.name }, layer.title)));
    }
    names = now;
    ghost.value = studio.state.ghost;
    beside.value = studio.state.beside;
    second.hidden = studio.state.layout !== "beside";
  };
  for (const part of ["layers", "ghost", "beside", "layout"]) studio.on(part, show);
  show();
}

/** @param {Layer} layer @param {Studio} studio @param {(() => void)[]} stops */
function makeRow({ name, title, kind }, studio, stops) {
  const own = name === "labels" || name === "proposal" || name === "uncertainty";
  const close = make("button", {
    type: "button", class: "quiet", title: `Close ${title}`, "aria-label": `Close ${title}`, hidden: own,
    onclick: () => void studio.api(`/api/layers/${encodeURIComponent(name)}`, undefined, "DELETE").catch((error) => studio.toast(error.message, "problem")),
  }, "×");
  const visible = make("input", { type: "checkbox", onchange: () => studio.styleLayer(name, { visible: visible.checked }) });
  const opacity = make("input", {
    type: "range", min: "0", max: "1", step: "0.05", "aria-label": `Opacity of ${title}`,
    oninput: () => studio.styleLayer(name, { opacity: Number(opacity.value) }),
  });
  const outline = make("button", {
    type: "button", class: "quiet outline", title: "Only outlines", "aria-label": `${title} as outlines`, hidden: kind !== "labels",
    onclick: () => studio.styleLayer(name, { outline: outline.getAttribute("aria-pressed") !== "true" }),
  }, make("i", { class: "outline-sign" }));
  const show = () => {
    const layer = studio.state.layers.find((each) => each.name === name);
    if (!layer) return;
    visible.checked = layer.visible;
    opacity.value = String(layer.opacity);
    outline.setAttribute("aria-pressed", String(layer.outline));
  };
  stops.push(studio.on("layers", show));
  show();
  return make("div", { class: "layer" }, make("label", { class: "check", title }, visible, make("span", {}, title)), opacity, outline, close);
}

/** A field for the path of a segmentation, a truth or other labels of the same stack. @param {Studio} studio */
function makeOpener(studio) {
  const path = make("input", { type: "text", placeholder: "path of labels", "aria-label": "Path of labels to open as a layer" });
  const open = async () => {
    if (!path.value.trim()) return;
    try {
      await studio.api("/api/layers", { path: path.value.trim() });
      path.value = "";
    } catch (error) {
      studio.toast(error instanceof Error ? error.message : String(error), "problem");
    }
  };
  path.addEventListener("keydown", (event) => event.key === "Enter" && void open());
  return make("div", { class: "opener" }, path, make("button", { type: "button", onclick: () => void open() }, "Open"));
}
