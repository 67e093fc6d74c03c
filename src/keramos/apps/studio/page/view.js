/** How the page begins and where it was: the first state, made from the project, and the view that is kept for next time. */
/** @import {Project, SavedView} from "./types.js" */
/** @import {State} from "./state.js" */
/** @import {Studio} from "./studio.js" */
import { nearestVoxel } from "./geometry.js";
import { overlayLayers } from "./studio.js";

const WAIT_MS = 800;

/** @param {Project} project @returns {State} */
export function firstState(project) {
  const { view, stack } = project, [depth, height, width] = stack.shape;
  const middle = { z: (depth - 1) / 2, y: (height - 1) / 2, x: (width - 1) / 2 };
  return {
    project,
    position: nearestVoxel(view.position ?? middle, stack),
    centre: view.centre ?? middle,
    zoom: view.zoom ?? 1,
    contrast: view.contrast ?? { low: stack.range[0], high: stack.range[1], gamma: 1 },
    layers: overlayLayers(project),
    layersHidden: false,
    ghost: "off",
    layout: /** @type {State["layout"]} */ (view.layout ?? (depth === 1 ? "one" : "planes")),
    beside: project.layers.find((layer) => layer.name !== "images" && layer.name !== "labels")?.name ?? "labels",
    cross: true,
    tool: "move",
    phase: project.phases.at(-1)?.code ?? 1,
    options: {},
    tools: [],
    annotated: new Set(project.annotated),
    history: { undo: 0, redo: 0 },
    unsaved: 0,
    connected: false,
    unwritable: "",
    shutOut: false,
    writer: { mine: project.writer, message: "" },
    jobs: new Map(),
    open: view.open ?? {},
    theme: view.theme ?? "auto",
    pointer: null,
  };
}

/** Sends the view to the server a moment after it has changed. @param {Studio} studio */
export function rememberView(studio) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const send = () => studio.socket.send({ type: "view", view: viewOf(studio.state) });
  for (const part of ["position", "centre", "zoom", "contrast", "layers", "layout", "open", "theme"]) {
    studio.on(part, () => {
      clearTimeout(timer);
      timer = setTimeout(send, WAIT_MS);
    });
  }
}

/** @param {State} state @returns {SavedView} */
function viewOf({ position, centre, zoom, contrast, layers, layout, open, theme }) {
  const styles = Object.fromEntries(layers.map(({ name, visible, opacity, outline }) => [name, { visible, opacity, outline }]));
  return { position, centre, zoom, contrast, layout, layers: styles, open, theme };
}
