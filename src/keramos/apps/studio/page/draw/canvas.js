/** The labels in the page: strokes painted into tiles at once, and the server's patches written over them. */
/** @import {Gesture, PatchMessage, Rect} from "../types.js" */
/** @import {Studio} from "../studio.js" */
/** @import {Tile} from "../tiles.js" */
/** @import {Dab} from "./brush.js" */
import { NOT_ANNOTATED } from "../colours.js";
import { along, TILE } from "../geometry.js";
import { colourPart } from "../tiles.js";
import { makeDab, paintSegment, reachOf } from "./brush.js";

/** What a stroke of the brush does to voxels: the code it gives, and the code that it replaces if not any. */
/** @typedef {{code: number, only: number | null}} Effect */

/** The effect of a gesture that the page can draw itself; null for those that the server alone can. @param {Gesture} gesture @returns {Effect | null} */
export function effectOf({ tool, phase, options }) {
  if (tool === "brush") return { code: phase, only: options.keep ? NOT_ANNOTATED : null };
  if (tool === "eraser") return { code: NOT_ANNOTATED, only: options.only ? phase : null };
  return null;
}

/** @param {Gesture} gesture @returns {Dab[]} */
export function dabsOf({ points, options }) {
  return points.map((point) => makeDab(point, Number(options.radius)));
}

export class LabelCanvas {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
  }

  /** Paints a segment into the tiles of a slice that are here; gives the rectangle it may have changed, in voxels. @param {number} z @param {Dab} a @param {Dab} b @param {Effect} effect @returns {Rect} */
  paint(z, a, b, effect) {
    const reach = reachOf(a, b);
    for (const tile of this.tilesUnder(z, reach)) this.paintTile(tile, a, b, effect);
    return reach;
  }

  /** @param {Tile} tile @param {Dab} a @param {Dab} b @param {Effect} effect */
  paintTile(tile, a, b, { code, only }) {
    const part = paintSegment(tile.codes, this.gridOf(tile), a, b, code, only);
    if (part) this.colour(tile, part);
  }

  /** Paints a whole gesture into a tile that has just come. @param {Tile} tile @param {Gesture} gesture */
  paintGesture(tile, gesture) {
    const effect = effectOf(gesture), dabs = dabsOf(gesture);
    if (!effect || this.levelIndex(tile.address.level, gesture.z) !== tile.address.index) return;
    dabs.forEach((dab, i) => this.paintTile(tile, dabs[Math.max(0, i - 1)], dab, effect));
  }

  /** @param {Tile} tile */
  gridOf({ address, width, height }) {
    const { merged } = this.studio.levelsOf("labels")[address.level];
    const factors = /** @type {[number, number]} */ ([along(merged, "x"), along(merged, "y")]);
    return { left: address.column * TILE, top: address.row * TILE, width, height, merged: factors };
  }

  /** Colours a part of a tile anew; outlines reach one voxel further. @param {Tile} tile @param {Rect} part */
  colour(tile, part) {
    const x = Math.max(0, part.x - 1), y = Math.max(0, part.y - 1);
    const right = Math.min(tile.width, part.x + part.width + 1), bottom = Math.min(tile.height, part.y + part.height + 1);
    colourPart(tile, this.studio.styleOf("labels"), { x, y, width: right - x, height: bottom - y });
  }

  /** @param {number} level @param {number} z */
  levelIndex(level, z) {
    const { merged, shape } = this.studio.levelsOf("labels")[level];
    return Math.min(along(shape, "z") - 1, Math.floor(z / along(merged, "z")));
  }

  /** The tiles of a slice that are here, of all levels, under a rectangle in voxels. @param {number} z @param {Rect} rect @returns {Tile[]} */
  tilesUnder(z, rect) {
    return this.studio.levelsOf("labels").flatMap((_, level) =>
      this.addressesUnder(z, rect, level).flatMap((address) => this.studio.tiles.get(address) ?? []));
  }

  /** @param {number} z @param {Rect} rect @param {number} level */
  addressesUnder(z, rect, level) {
    const { merged, shape } = this.studio.levelsOf("labels")[level];
    /** @param {"x" | "y"} axis @param {number} from @param {number} length */
    const range = (axis, from, length) => {
      const edge = TILE * along(merged, axis), last = Math.ceil(along(shape, axis) / TILE) - 1;
      const first = Math.max(0, Math.floor(from / edge)), end = Math.min(last, Math.floor((from + length) / edge));
      return Array.from({ length: Math.max(0, end - first + 1) }, (_, i) => first + i);
    };
    const columns = range("x", rect.x, rect.width), index = this.levelIndex(level, z);
    return range("y", rect.y, rect.height).flatMap((row) =>
      columns.map((column) => ({ layer: "labels", plane: /** @type {const} */ ("xy"), level, index, row, column })));
  }

  /** Makes empty tiles where none have come, so that strokes are seen at once; they are replaced by the server's. @param {number} z @param {number} level @param {Rect} rect */
  fillIn(z, level, rect) {
    const { shape } = this.studio.levelsOf("labels")[level], { tiles } = this.studio;
    for (const address of this.addressesUnder(z, rect, level)) {
      if (tiles.get(address)) continue;
      const width = Math.min(TILE, along(shape, "x") - address.column * TILE);
      const height = Math.min(TILE, along(shape, "y") - address.row * TILE);
      const codes = new Uint8Array(width * height).fill(NOT_ANNOTATED);
      tiles.put({ address, codes, width, height, stale: true, picture: null });
    }
  }

  /** Writes what the server has saved over what the page has drawn; coarser tiles and side views are fetched anew. @param {PatchMessage} patch @returns {Rect} */
  write(patch) {
    const bytes = Uint8Array.from(atob(patch.codes), (letter) => letter.charCodeAt(0));
    const rect = { x: patch.x, y: patch.y, width: patch.width, height: patch.height };
    this.studio.tiles.expire("labels", (address, here) => {
      if (address.plane !== "xy") return this.isCrossed(address, patch);
      return (address.level > 0 || !here) && address.index === this.levelIndex(address.level, patch.z);
    });
    for (const address of this.addressesUnder(patch.z, rect, 0)) {
      const tile = this.studio.tiles.get(address);
      if (tile) this.copy(tile, bytes, patch);
    }
    return rect;
  }

  /** Whether a tile of a side view passes through a patch. @param {import("../types.js").TileAddress} address @param {PatchMessage} patch */
  isCrossed({ plane, level, index }, patch) {
    const { merged } = this.studio.levelsOf("labels")[level];
    const axis = plane === "xz" ? "y" : "x", length = plane === "xz" ? patch.height : patch.width;
    const first = index * along(merged, axis);
    return first < patch[axis] + length && first + along(merged, axis) > patch[axis];
  }

  /** @param {Tile} tile @param {Uint8Array} bytes @param {PatchMessage} patch */
  copy(tile, bytes, patch) {
    const { left, top } = this.gridOf(tile);
    const x = Math.max(0, patch.x - left), y = Math.max(0, patch.y - top);
    const right = Math.min(tile.width, patch.x + patch.width - left), bottom = Math.min(tile.height, patch.y + patch.height - top);
    if (right <= x || bottom <= y) return;
    for (let row = y; row < bottom; row++) {
      const start = (row + top - patch.y) * patch.width + (x + left - patch.x);
      tile.codes.set(bytes.subarray(start, start + right - x), row * tile.width + x);
    }
    this.colour(tile, { x, y, width: right - x, height: bottom - y });
  }

  /** Draws a part of the slice again, in voxels, in the planes that show it. @param {number} z @param {Rect | null} rect */
  show(z, rect) {
    for (const plane of this.studio.planes) {
      if (!rect || plane.name !== "xy" || plane.through !== z || !plane.visible) continue;
      const from = plane.toScreen(rect.x - 1, rect.y - 1), to = plane.toScreen(rect.x + rect.width + 1, rect.y + rect.height + 1);
      plane.drawPart({
        left: Math.max(0, Math.floor(from.x * plane.dots) - 1), top: Math.max(0, Math.floor(from.y * plane.dots) - 1),
        right: Math.min(plane.canvas.width, Math.ceil(to.x * plane.dots) + 1), bottom: Math.min(plane.canvas.height, Math.ceil(to.y * plane.dots) + 1),
      });
    }
  }
}
