/** The line at the foot: place under the pointer in voxels and nm, grey value, and what each layer says there. */
/** @import {Place} from "./types.js" */
/** @import {Studio} from "./studio.js" */
import { NOT_ANNOTATED, NOT_SURE } from "./colours.js";
import { make } from "./dom.js";
import { along, TILE } from "./geometry.js";

/** @param {HTMLElement} element @param {Studio} studio */
export function mountStatus(element, studio) {
  const fields = { place: make("span"), nm: make("span"), grey: make("span"), layers: make("span", { class: "layers-here" }), zoom: make("span", { class: "right" }) };
  element.append(...Object.values(fields));
  let waiting = false;
  const write = () => {
    waiting = false;
    const place = studio.state.pointer ?? studio.state.position, { stack } = studio.project;
    fields.place.textContent = `x ${place.x}  y ${place.y}  z ${place.z}`;
    fields.nm.textContent = stack.voxel_size_nm ? `${nanometres(place, stack.voxel_size_nm)} nm` : "voxel size not known";
    fields.grey.textContent = greyAt(studio, place);
    fields.layers.textContent = studio.state.layers.filter((layer) => layer.visible)
      .map((layer) => `${studio.titleOf(layer.name)}: ${meaningAt(studio, layer.name, place)}`).join("   ");
    fields.zoom.textContent = `${+(100 * studio.state.zoom).toPrecision(3)} %`;
  };
  const later = () => {
    if (!waiting) requestAnimationFrame(write);
    waiting = true;
  };
  for (const part of ["pointer", "position", "zoom", "layers", "tile", "saved"]) studio.on(part, later);
  write();
}

/** @param {Place} place @param {[number, number, number]} size */
function nanometres({ z, y, x }, [depth, height, width]) {
  return [x * width, y * height, z * depth].map((value) => Number(value.toPrecision(6))).join(", ");
}

/**
 * What a layer holds at a voxel, from the finest tile that is here; null if none is.
 * @param {Studio} studio @param {string} layer @param {Place} place
 */
export function valueAt(studio, layer, place) {
  const levels = studio.levelsOf(layer);
  for (let level = 0; level < levels.length; level++) {
    const { merged, shape } = levels[level];
    const [z, y, x] = /** @type {const} */ (["z", "y", "x"]).map((axis) =>
      Math.min(along(shape, axis) - 1, Math.floor(place[axis] / along(merged, axis))));
    const tile = studio.tiles.get({ layer, plane: "xy", level, index: z, row: Math.floor(y / TILE), column: Math.floor(x / TILE) });
    if (tile) return { value: tile.codes[(y % TILE) * tile.width + (x % TILE)], exact: level === 0 };
  }
  return null;
}

/** @param {Studio} studio @param {Place} place */
function greyAt(studio, place) {
  const seen = valueAt(studio, "images", place), { offset, scale } = studio.project.stack.value ?? { offset: 0, scale: 1 };
  return seen ? `grey ${seen.exact ? "" : "about "}${+(offset + scale * seen.value).toPrecision(5)}` : "";
}

/** @param {Studio} studio @param {string} name @param {Place} place */
function meaningAt(studio, name, place) {
  const facts = studio.factsOf(name);
  if (!facts || !studio.hasTiles(name, "xy", place.z)) return "not annotated";
  const seen = valueAt(studio, name, place);
  if (!seen) return "–";
  if (facts.kind === "labels" && name !== "labels" && seen.value === NOT_ANNOTATED) return "nothing";
  if (facts.kind === "labels") return nameOf(studio, seen.value, facts.phases);
  return facts.kind === "images" ? String(seen.value) : `${Math.round(seen.value / 2.55)} %`;
}

/** @param {Studio} studio @param {number} code @param {import("./types.js").Phase[] | null} [phases] */
export function nameOf(studio, code, phases) {
  if (code === NOT_ANNOTATED) return "not annotated";
  if (code === NOT_SURE) return "not sure";
  return (phases ?? studio.project.phases).find((phase) => phase.code === code)?.name ?? `code ${code}`;
}
