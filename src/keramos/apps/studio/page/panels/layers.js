/** Layers over the images: shown or not, how strongly, filled or as outlines; the ghost of a neighbouring slice. */
/** @import {Layer} from "../types.js" */
/** @import {State} from "../state.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mount(element, studio) {
  const rows = make("div", { class: "layers" });
  const ghost = make("select", { "aria-label": "Ghost of a neighbouring slice" },
    make("option", { value: "off" }, "off"), make("option", { value: "before" }, "slice before"), make("option", { value: "after" }, "slice after"));
  ghost.addEventListener("change", () => studio.set({ ghost: /** @type {State["ghost"]} */ (ghost.value) }));
  const beside = make("select", { "aria-label": "Layer in the second picture" });
  beside.addEventListener("change", () => studio.set({ beside: beside.value }));
  element.append(rows,
    make("label", { class: "row" }, make("span", {}, "Ghost ", make("kbd", {}, "G")), ghost),
    make("label", { class: "row" }, make("span", {}, "Second picture"), beside));

  /** @type {string} */
  let names = "";
  const show = () => {
    const { layers } = studio.state, now = layers.map((layer) => layer.name).join("\n");
    if (now !== names) {
      rows.replaceChildren(...layers.map((layer) => makeRow(layer, studio)));
      beside.replaceChildren(...layers.map((layer) => make("option", { value: layer.name }, layer.title)));
    }
    names = now;
    ghost.value = studio.state.ghost;
    beside.value = studio.state.beside;
  };
  for (const part of ["layers", "ghost", "beside"]) studio.on(part, show);
  show();
}

/** @param {Layer} layer @param {Studio} studio */
function makeRow({ name, title, kind }, studio) {
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
  studio.on("layers", show);
  show();
  return make("div", { class: "layer" }, make("label", { class: "check", title }, visible, make("span", {}, title)), opacity, outline);
}
