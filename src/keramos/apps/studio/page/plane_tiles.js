/** The tiles of a plane: which ones its picture shows, which are fetched ahead, and where each is drawn. */
/** @import {Level, TileAddress} from "./types.js" */
/** @import {Box, Plane} from "./plane.js" */
/** @import {Tile} from "./tiles.js" */
import { along, TILE } from "./geometry.js";
import { pictureOf } from "./tiles.js";

/**
 * The voxels of a tile that lie between two pixels, and where they are drawn: whole pixels, so that tiles meet without a seam.
 * @param {Plane} plane @param {number} first @param {number} count @param {number} merged @param {"across" | "down"} side @param {number} from @param {number} to
 */
function placePart(plane, first, count, merged, side, from, to) {
  const { scale, zero } = plane.deviceScale(side);
  /** @param {number} voxel */
  const edge = (voxel) => Math.round(zero + (voxel * merged - 0.5) * scale);
  const low = Math.max(0, Math.floor(((from - 1 - zero) / scale + 0.5) / merged) - first);
  const high = Math.min(count, Math.ceil(((to + 1 - zero) / scale + 0.5) / merged) - first);
  const start = edge(first + low);
  return /** @type {const} */ ([
    { voxel: low, pixel: start }, { voxels: Math.max(0, high - low), pixels: high > low ? edge(first + high) - start : 0 },
  ]);
}

/**
 * The tiles of a layer that a part of the picture shows.
 * @param {Plane} plane @param {string} layer @param {number} levelNumber @param {number} index  in voxels of the stack @param {Box} box
 * @returns {TileAddress[]}
 */
export function findTiles(plane, layer, levelNumber, index, box) {
  const level = plane.studio.levelsOf(layer)[levelNumber];
  const columns = tilesBetween(plane, level, "across", box.left, box.right);
  const rows = tilesBetween(plane, level, "down", box.top, box.bottom);
  const depth = along(level.shape, plane.axes.through);
  const merged = Math.min(depth - 1, Math.floor(index / along(level.merged, plane.axes.through)));
  return rows.flatMap((row) =>
    columns.map((column) => ({ layer, plane: plane.name, level: levelNumber, index: merged, row, column })),
  );
}

/** @param {Plane} plane @param {Level} level @param {"across" | "down"} side @param {number} from @param {number} to */
function tilesBetween(plane, level, side, from, to) {
  const axis = plane.axes[side], { scale, zero } = plane.deviceScale(side);
  const edge = TILE * along(level.merged, axis) * scale;
  const last = Math.ceil(along(level.shape, axis) / TILE) - 1;
  const first = Math.max(0, Math.floor((from - zero + 0.5 * scale) / edge));
  const end = Math.min(last, Math.floor((to - zero + 0.5 * scale) / edge));
  return Array.from({ length: Math.max(0, end - first + 1) }, (_, i) => first + i);
}

/** Draws a part of a layer, from coarser tiles where finer ones have not come. @param {Plane} plane @param {string} layer @param {number} index @param {Box} box */
export function drawLayer(plane, layer, index, box) {
  const wanted = plane.levelOf(layer), levels = plane.studio.levelsOf(layer);
  const complete = findTiles(plane, layer, wanted, index, box).every((address) => plane.studio.tiles.get(address));
  for (let level = complete ? wanted : levels.length - 1; level >= wanted; level--) {
    for (const address of findTiles(plane, layer, level, index, box)) {
      const tile = plane.studio.tiles.get(address);
      if (tile) drawTile(plane, tile, box);
    }
  }
}

/** @param {Plane} plane @param {Tile} tile @param {Box} box */
function drawTile(plane, tile, box) {
  const picture = pictureOf(tile, plane.studio.styleOf(tile.address.layer));
  const { merged } = plane.studio.levelsOf(tile.address.layer)[tile.address.level];
  const { row, column } = tile.address;
  const [across, width] = placePart(plane, column * TILE, tile.width, along(merged, plane.axes.across), "across", box.left, box.right);
  const [down, height] = placePart(plane, row * TILE, tile.height, along(merged, plane.axes.down), "down", box.top, box.bottom);
  if (width.pixels <= 0 || height.pixels <= 0) return;
  // Voxels that are larger than pixels stay squares; smaller ones are smoothed.
  plane.context.imageSmoothingEnabled = width.pixels < width.voxels;
  plane.context.drawImage(
    picture, across.voxel, down.voxel, width.voxels, height.voxels, across.pixel, down.pixel, width.pixels, height.pixels,
  );
}

/** Asks for the tiles in view, then for those of the next slices; gives how many images of this slice are missing. @param {Plane} plane */
export function askForTiles(plane) {
  if (!plane.hasImages()) {
    plane.studio.tiles.want(plane.id, []);
    return 0;
  }
  const whole = { left: 0, top: 0, right: plane.canvas.width, bottom: plane.canvas.height };
  const { tiles } = plane.studio, last = plane.studio.levelsOf("images").length - 1, layers = plane.layersShown();
  /** @param {string} layer @param {number} index */
  const all = (layer, index) => findTiles(plane, layer, plane.levelOf(layer), index, whole);
  const images = all("images", plane.through);
  const coarse = plane.levelOf("images") < last ? findTiles(plane, "images", last, plane.through, whole) : [];
  const over = layers.flatMap((layer) => all(layer.name, plane.through));
  const ghost = plane.ghostIndex === null ? [] : all("images", plane.ghostIndex);
  const ahead = plane.studio.slicesAhead(plane.axes.through).flatMap((index) => [
    ...all("images", index),
    ...layers.flatMap((layer) => (plane.studio.hasTiles(layer.name, plane.name, index) ? all(layer.name, index) : [])),
  ]);
  tiles.want(plane.id, [...coarse, ...images, ...over, ...ghost], ahead);
  return images.filter((address) => !tiles.get(address)).length;
}
