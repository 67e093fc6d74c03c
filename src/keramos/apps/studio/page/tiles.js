/** Tiles of planes: fetched in order of need, kept up to a bound, coloured once for each look. */
/** @import {TileAddress, Rect} from "./types.js" */
/** @import {Style} from "./colours.js" */
import { context2d } from "./dom.js";

/**
 * @typedef {object} Tile
 * @property {TileAddress} address
 * @property {Uint8Array | Uint16Array} codes
 * @property {number} width
 * @property {number} height
 * @property {boolean} stale  shown until the newer one has come
 * @property {{canvas: OffscreenCanvas, image: ImageData, pixels: Uint32Array, version: string} | null} picture
 */

/** @param {TileAddress} a */
export const keyOf = (a) => `${a.layer}/${a.plane}/${a.level}/${a.index}/${a.row}/${a.column}`;

const AT_ONCE = 6;
const RETRY_MS = 2000;

export class TileStore {
  /**
   * @param {(address: TileAddress) => Promise<{codes: Uint8Array | Uint16Array, width: number, height: number}>} load
   * @param {(tile: Tile) => void} arrived  called before the tile is shown: may change its codes
   * @param {number} [limit]  bytes kept
   */
  constructor(load, arrived, limit = 256 * 2 ** 20) {
    this.load = load;
    this.arrived = arrived;
    this.limit = limit;
    this.bytes = 0;
    /** @type {Map<string, Tile>} in the order of their last use */
    this.tiles = new Map();
    /** @type {Map<string, {again: boolean, address: TileAddress}>} */
    this.loading = new Map();
    /** @type {Map<string, number>} when a tile that could not be had is asked for again */
    this.failed = new Map();
    /** @type {Map<string, {now: TileAddress[], later: TileAddress[]}>} by who wants them, the most needed first */
    this.wanted = new Map();
    /** @type {string[]} sentences of the server on tiles that it could not give */
    this.complaints = [];
  }

  /** The tile if it is here. @param {TileAddress} address */
  get(address) {
    const key = keyOf(address), tile = this.tiles.get(key);
    if (tile) {
      this.tiles.delete(key);
      this.tiles.set(key, tile);
    }
    return tile;
  }

  /**
   * Says which tiles `owner` needs now, the most needed first, and which it may need next; those come when nobody needs
   * any now. What it wanted before and is not yet on its way is forgotten.
   * @param {string} owner @param {TileAddress[]} now @param {TileAddress[]} [later]
   */
  want(owner, now, later = []) {
    /** @param {TileAddress[]} all */
    const missing = (all) => all.filter((address) => this.isMissing(address));
    this.wanted.set(owner, { now: missing(now), later: missing(later) });
    this.fetchNext();
  }

  /** @param {TileAddress} address */
  isMissing(address) {
    const key = keyOf(address), tile = this.tiles.get(key);
    return (!tile || tile.stale) && !this.loading.has(key) && !(performance.now() < (this.failed.get(key) ?? 0));
  }

  /**
   * Asks for slices before side views, of each tile of which the server reads many pieces, and for both before what may
   * be needed next. Only slices that are needed now take all connections: the next slice is not to wait for the others.
   */
  fetchNext() {
    for (const when of /** @type {const} */ (["now", "later"])) {
      for (const ofSlice of [true, false]) {
        const lists = [...this.wanted.values()].map((wanted) => wanted[when]);
        const chosen = lists.filter((list) => list.length > 0 && (list[0].plane === "xy") === ofSlice);
        this.fetchSome(chosen, when === "now" && ofSlice ? AT_ONCE : AT_ONCE / 2);
      }
    }
  }

  /** Asks for the first tiles of each list in turn while few are on their way. @param {TileAddress[][]} lists @param {number} limit */
  fetchSome(lists, limit) {
    for (let place = 0; this.loading.size < limit && lists.some((list) => list.length > 0); place++) {
      const address = lists[place % lists.length].shift();
      if (address && this.isMissing(address)) void this.fetch(address);
    }
  }

  /** @param {TileAddress} address */
  async fetch(address) {
    const key = keyOf(address), state = { again: false, address };
    this.loading.set(key, state);
    try {
      const { codes, width, height } = await this.load(address);
      this.failed.delete(key);
      this.put({ address, codes, width, height, stale: state.again, picture: null });
    } catch (error) {
      this.failed.set(key, performance.now() + RETRY_MS);
      this.complaints = [...this.complaints.slice(-9), error instanceof Error ? error.message : String(error)];
    }
    this.loading.delete(key);
    this.fetchNext();
  }

  /** Keeps a tile and forgets those that were not used for longest. @param {Tile} tile */
  put(tile) {
    const key = keyOf(tile.address);
    this.drop(key);
    this.tiles.set(key, tile);
    this.bytes += sizeOf(tile);
    for (const old of this.tiles.keys()) {
      if (this.bytes <= this.limit || old === key) break;
      this.drop(old);
    }
    this.arrived(tile);
  }

  /** @param {string} key */
  drop(key) {
    const tile = this.tiles.get(key);
    if (!tile) return;
    this.tiles.delete(key);
    this.bytes -= sizeOf(tile);
  }

  /**
   * Marks tiles of a layer as old: they stay in the picture until newer ones have come.
   * @param {string} layer @param {(address: TileAddress, here: boolean) => boolean} [concerns]  `here`: not still on its way
   */
  expire(layer, concerns = () => true) {
    for (const tile of this.tiles.values()) {
      if (tile.address.layer === layer && concerns(tile.address, true)) tile.stale = true;
    }
    for (const state of this.loading.values()) {
      if (state.address.layer === layer && concerns(state.address, false)) state.again = true;
    }
    for (const key of this.failed.keys()) if (key.startsWith(`${layer}/`)) this.failed.delete(key);
  }
}

/** @param {Tile} tile */
const sizeOf = (tile) => tile.codes.byteLength + 8 * tile.codes.length;

/**
 * The tile's picture in this style, made again only where it has changed.
 * @param {Tile} tile @param {Style} style
 */
export function pictureOf(tile, style) {
  if (tile.picture?.version !== style.version) {
    tile.picture ??= makePicture(tile);
    tile.picture.version = style.version;
    colourPart(tile, style, { x: 0, y: 0, width: tile.width, height: tile.height });
  }
  return tile.picture.canvas;
}

/** @param {Tile} tile */
function makePicture({ width, height }) {
  const image = new ImageData(width, height);
  return { canvas: new OffscreenCanvas(width, height), image, pixels: new Uint32Array(image.data.buffer), version: "" };
}

/**
 * Colours a part of a tile again after its codes have changed.
 * @param {Tile} tile @param {Style} style @param {Rect} part
 */
export function colourPart(tile, style, part) {
  if (!tile.picture) return;
  style.colour(tile.codes, tile.width, tile.height, tile.picture.pixels, part);
  context2d(tile.picture.canvas).putImageData(tile.picture.image, 0, 0, part.x, part.y, part.width, part.height);
}
