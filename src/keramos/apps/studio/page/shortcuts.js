/** Keys of seeing: slices, zoom, pan, layout, layers. Tools and panels add their own. */
/** @import {Axis} from "./types.js" */
/** @import {Studio} from "./studio.js" */
import { along } from "./geometry.js";
import { goToNext } from "./slices.js";
import { LAYOUTS } from "./stage.js";

/** The plane that has the focus, or else the first. @param {Studio} studio */
const findFocused = (studio) => studio.planes.find((plane) => plane.element === document.activeElement) ?? studio.planes[0];

/** @template T @param {readonly T[]} all @param {T} now */
const nextOf = (all, now) => all[(all.indexOf(now) + 1) % all.length];

/** @param {Studio} studio */
export function addKeys(studio) {
  addSliceKeys(studio);
  addViewKeys(studio);
  addMovingKeys(studio);
  addDrawingKeys(studio);
  studio.keys.add({ keys: "?", group: "Page", does: "this table", run: () => studio.keys.showHelp() });
}

/** @param {Studio} studio */
function addSliceKeys(studio) {
  /** @param {number} steps */
  const step = (steps) => () => studio.step(findFocused(studio).axes.through, steps);
  const group = "Slices";
  studio.keys.add(
    { keys: "PageDown .", group, does: "next slice", run: step(1) },
    { keys: "PageUp ,", group, does: "slice before", run: step(-1) },
    { keys: "Shift+PageDown", group, does: "ten slices on", run: step(10) },
    { keys: "Shift+PageUp", group, does: "ten slices back", run: step(-10) },
    { keys: "Home", group, does: "first slice", run: () => studio.goTo({ z: 0 }) },
    { keys: "End", group, does: "last slice", run: () => studio.goTo({ z: along(studio.project.stack.shape, "z") - 1 }) },
    { keys: "Alt+PageDown", group, does: "next slice with labels", run: () => goToNext(studio, 1, "annotated") },
    { keys: "Alt+PageUp", group, does: "earlier slice with labels", run: () => goToNext(studio, -1, "annotated") },
    { keys: "Ctrl+.", group, does: "next slice with a finding", run: () => goToNext(studio, 1, "findings") },
    { keys: "Ctrl+,", group, does: "earlier slice with a finding", run: () => goToNext(studio, -1, "findings") },
  );
}

/** @param {Studio} studio */
function addViewKeys(studio) {
  const group = "View", { state } = studio;
  studio.keys.add(
    { keys: "+ =", group, does: "zoom in", run: () => studio.zoomAt(findFocused(studio), 1.25) },
    { keys: "-", group, does: "zoom out", run: () => studio.zoomAt(findFocused(studio), 0.8) },
    { keys: "H", group, does: "show the whole slice", run: () => studio.fit() },
    { keys: "Shift+H", group, does: "one voxel, one pixel, at the cross", run: () => studio.set({ zoom: 1, centre: { ...state.position } }) },
    {
      keys: "T", group, does: "hold: look without layers",
      run: () => studio.set({ layersHidden: true }), release: () => studio.set({ layersHidden: false }),
    },
    { keys: "O", group, does: "labels as outlines, or filled", run: () => toggleOutlines(studio) },
    { keys: "G", group, does: "ghost: off, slice before, slice after", run: () => studio.set({ ghost: nextOf(["off", "before", "after"], state.ghost) }) },
    {
      keys: "Y", group, does: "next layout",
      run: () => studio.set({ layout: nextOf(/** @type {(keyof typeof LAYOUTS)[]} */ (Object.keys(LAYOUTS)), state.layout) }),
    },
    { keys: "Shift+Y", group, does: "cross shown or not", run: () => studio.set({ cross: !state.cross }) },
    { keys: "Space", group, does: "hold and drag: pan", run: () => undefined },
  );
}

/** @param {Studio} studio */
function toggleOutlines(studio) {
  const outline = !studio.state.layers.some((layer) => layer.visible && layer.outline);
  studio.set({ layers: studio.state.layers.map((layer) => ({ ...layer, outline })) });
}

/** @type {Record<string, ["across" | "down", number]>} */
const ARROWS = { ArrowLeft: ["across", -1], ArrowRight: ["across", 1], ArrowUp: ["down", -1], ArrowDown: ["down", 1] };

/** @param {Studio} studio */
function addMovingKeys(studio) {
  /** @param {number} voxels @returns {(event: KeyboardEvent) => void} */
  const move = (voxels) => (event) => {
    const [side, way] = ARROWS[event.key], axis = /** @type {Axis} */ (findFocused(studio).axes[side]);
    studio.goTo({ [axis]: studio.state.position[axis] + way * voxels });
    studio.emit("moved-by-key");
  };
  /** @param {KeyboardEvent} event */
  const pan = (event) => {
    const [side, way] = ARROWS[event.key];
    studio.pan(findFocused(studio), side === "across" ? -80 * way : 0, side === "down" ? -80 * way : 0);
  };
  /** @param {string} before */
  const arrows = (before) => ["Left", "Right", "Up", "Down"].map((name) => before + name).join(" ");
  studio.keys.add(
    { keys: arrows(""), group: "Moving", does: "cross one voxel that way", run: move(1) },
    { keys: arrows("Shift+"), group: "Moving", does: "cross ten voxels that way", run: move(10) },
    { keys: arrows("Ctrl+"), group: "Moving", does: "pan that way", run: pan },
  );
}

/** @param {Studio} studio */
function addDrawingKeys(studio) {
  const group = "Drawing", { drawing } = studio;
  studio.keys.add(
    { keys: "Ctrl+Z", group, does: "undo", run: () => drawing.goBack("undo") },
    { keys: "Ctrl+Shift+Z Ctrl+Y", group, does: "redo", run: () => drawing.goBack("redo") },
    { keys: "[", group, does: "smaller brush", run: () => drawing.ring.changeSize(-1) },
    { keys: "]", group, does: "larger brush", run: () => drawing.ring.changeSize(1) },
    { keys: "Enter", group, does: "at the cross: pen down or up, click, corner", run: () => drawing.pressKey(false) },
    { keys: "Shift+Enter", group, does: "close the polygon", run: () => drawing.pressKey(true) },
    { keys: "Backspace", group, does: "take back a corner", run: () => drawing.removeCorner() },
    { keys: "Esc", group, does: "give up the stroke in hand", run: () => drawing.cancel() },
  );
}
