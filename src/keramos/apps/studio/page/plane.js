/** One plane of the stack on a canvas: images, the neighbouring slice as a ghost, and the layers over them. */
/** @import {Layer, Level, PlaneName, TileAddress} from "./types.js" */
/** @import {Studio} from "./studio.js" */
/** @import {Tile} from "./tiles.js" */
import { context2d, make } from "./dom.js";
import { along, chooseLevel, PLANES, relativeEdges, TILE } from "./geometry.js";
import { Overlay } from "./overlay.js";
import { pictureOf } from "./tiles.js";

/** How long the slice before stays in the picture while tiles of a new one are fetched. */
const HOLD_MS = 120;

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box  device pixels */

export class Plane {
  /**
   * @param {Studio} studio @param {PlaneName} name
   * @param {{id: string, beside?: boolean}} role  `beside`: the second picture, which shows one layer alone
   */
  constructor(studio, name, { id, beside = false }) {
    this.studio = studio;
    this.name = name;
    this.id = id;
    this.beside = beside;
    this.axes = PLANES[name];
    this.canvas = make("canvas", { class: "picture" });
    this.top = make("canvas", { class: "marks" });
    this.caption = make("div", { class: "caption" });
    this.element = make("section", {
      class: `plane plane-${id}`, tabIndex: 0, role: "application",
      "aria-label": beside ? "the same slice with another layer" : `plane ${name}`,
    }, this.canvas, this.top, this.caption);
    this.context = context2d(this.canvas);
    this.overlay = new Overlay(this);
    this.dots = 1;
    this.waiting = false;
    /** @type {number | null} since when the picture waits for tiles of another slice */
    this.heldSince = null;
    this.shownIndex = -1;
    /** @type {number | null} */
    this.missingSince = null;
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  get through() {
    return this.studio.state.position[this.axes.through];
  }

  /** CSS pixels a voxel across and down. */
  get scale() {
    const edges = relativeEdges(this.studio.project.stack), zoom = this.studio.state.zoom;
    return { across: zoom * along(edges, this.axes.across), down: zoom * along(edges, this.axes.down) };
  }

  resize() {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.dots = window.devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.top]) {
      canvas.width = Math.round(clientWidth * this.dots);
      canvas.height = Math.round(clientHeight * this.dots);
    }
    const { fitted, state, planes } = this.studio;
    if (this === planes[0] && fitted?.zoom === state.zoom && fitted.centre === state.centre) this.studio.fit();
    this.draw();
    this.overlay.draw();
  }

  /** Whether the plane can be seen in the present layout. */
  get visible() {
    return this.element.offsetParent !== null && this.canvas.width > 0;
  }

  /** Where a voxel's centre is, in CSS pixels of the plane. @param {number} across @param {number} down */
  toScreen(across, down) {
    const { centre } = this.studio.state, scale = this.scale;
    return {
      x: this.element.clientWidth / 2 + (across - centre[this.axes.across]) * scale.across,
      y: this.element.clientHeight / 2 + (down - centre[this.axes.down]) * scale.down,
    };
  }

  /** The place in voxels, not rounded, under a point of the plane in CSS pixels. @param {number} x @param {number} y */
  toVoxel(x, y) {
    const { centre } = this.studio.state, scale = this.scale;
    return {
      across: centre[this.axes.across] + (x - this.element.clientWidth / 2) / scale.across,
      down: centre[this.axes.down] + (y - this.element.clientHeight / 2) / scale.down,
    };
  }

  /** Draws in the next frame. */
  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    if (!this.visible) return this.studio.tiles.want(this.id, []);
    if (!this.studio.hasTiles("images", this.name, this.through)) return this.showNothing();
    const began = performance.now();
    const missing = this.askForTiles();
    if (missing > 0 && this.isHeld(began)) return setTimeout(() => this.redraw(), HOLD_MS / 4);
    this.heldSince = null;
    this.shownIndex = this.through;
    this.drawPart({ left: 0, top: 0, right: this.canvas.width, bottom: this.canvas.height });
    this.noteMissing(missing, began);
    this.studio.timings.note("draw", performance.now() - began);
    if (missing === 0) this.studio.emit("shown", this);
  }

  /** Says that this plane cannot be had yet: the copy of the stack from which side views come is being made. */
  showNothing() {
    this.studio.tiles.want(this.id, []);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.overlay.setNote("This view comes when the copy of the stack is ready");
  }

  /** Whether the slice before stays for now, rather than a coarse picture of the new one. @param {number} now */
  isHeld(now) {
    if (this.shownIndex === this.through || this.shownIndex < 0) return false;
    this.heldSince ??= now;
    return now - this.heldSince < HOLD_MS;
  }

  /** @param {number} missing @param {number} now */
  noteMissing(missing, now) {
    this.missingSince = missing > 0 ? this.missingSince ?? now : null;
    const long = this.missingSince !== null && now - this.missingSince > 1500;
    const later = this.hasImages() ? "" : "Being prepared";
    this.overlay.setNote(long ? `Reading: ${missing} tiles to come` : later);
    if (missing > 0) setTimeout(() => this.missingSince !== null && this.redraw(), 500);
  }

  /** Draws a part of the picture again, in device pixels. @param {Box} box */
  drawPart(box) {
    const context = this.context;
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.clip();
    context.fillStyle = this.studio.colours.stage;
    context.fillRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.imageSmoothingQuality = "low";
    this.drawLayer("images", this.through, box);
    if (this.ghostIndex !== null) {
      context.globalAlpha = 0.5;
      this.drawLayer("images", this.ghostIndex, box);
    }
    context.globalAlpha = 1;
    this.studio.tones.draw(this, context);
    for (const layer of this.layersShown()) {
      context.globalAlpha = layer.opacity;
      this.drawLayer(layer.name, this.through, box);
    }
    context.restore();
  }

  /** The index of the slice shown as a ghost. */
  get ghostIndex() {
    const { ghost } = this.studio.state;
    if (ghost === "off" || this.name !== "xy") return null;
    const index = this.through + (ghost === "before" ? -1 : 1);
    return index < 0 || index >= along(this.studio.project.stack.shape, this.axes.through) ? null : index;
  }

  /** The layers over the images in this plane, the lowest first. @returns {Layer[]} */
  layersShown() {
    const { layers, layersHidden, beside } = this.studio.state;
    if (layersHidden) return [];
    const shown = this.beside ? layers.filter((layer) => layer.name === beside) : layers.filter((layer) => layer.visible);
    return shown.filter((layer) => this.studio.hasTiles(layer.name, this.name, this.through)).reverse();
  }

  /** The level of a layer that is shown at the present zoom. @param {string} layer */
  levelOf(layer) {
    const scale = this.scale, levels = this.studio.levelsOf(layer);
    return chooseLevel(levels, this.name, { across: scale.across * this.dots, down: scale.down * this.dots });
  }

  /** @param {string} layer @param {number} index @param {Box} box */
  drawLayer(layer, index, box) {
    const wanted = this.levelOf(layer), levels = this.studio.levelsOf(layer);
    const complete = this.addresses(layer, wanted, index, box).every((address) => this.studio.tiles.get(address));
    for (let level = complete ? wanted : levels.length - 1; level >= wanted; level--) {
      for (const address of this.addresses(layer, level, index, box)) {
        const tile = this.studio.tiles.get(address);
        if (tile) this.drawTile(tile, box);
      }
    }
  }

  /** @param {Tile} tile @param {Box} box */
  drawTile(tile, box) {
    const picture = pictureOf(tile, this.studio.styleOf(tile.address.layer));
    const { merged } = this.studio.levelsOf(tile.address.layer)[tile.address.level];
    const { row, column } = tile.address;
    const [across, width] = this.partOf(column * TILE, tile.width, along(merged, this.axes.across), "across", box.left, box.right);
    const [down, height] = this.partOf(row * TILE, tile.height, along(merged, this.axes.down), "down", box.top, box.bottom);
    if (width.pixels <= 0 || height.pixels <= 0) return;
    // Voxels that are larger than pixels stay squares; smaller ones are smoothed.
    this.context.imageSmoothingEnabled = width.pixels < width.voxels;
    this.context.drawImage(
      picture, across.voxel, down.voxel, width.voxels, height.voxels, across.pixel, down.pixel, width.pixels, height.pixels,
    );
  }

  /**
   * The voxels of a tile that lie between two pixels, and where they are drawn: whole pixels, so that tiles meet without a seam.
   * @param {number} first @param {number} count @param {number} merged @param {"across" | "down"} side @param {number} from @param {number} to
   */
  partOf(first, count, merged, side, from, to) {
    const { scale, zero } = this.deviceScale(side);
    /** @param {number} voxel */
    const edge = (voxel) => Math.round(zero + (voxel * merged - 0.5) * scale);
    const low = Math.max(0, Math.floor(((from - 1 - zero) / scale + 0.5) / merged) - first);
    const high = Math.min(count, Math.ceil(((to + 1 - zero) / scale + 0.5) / merged) - first);
    const start = edge(first + low);
    return /** @type {const} */ ([
      { voxel: low, pixel: start }, { voxels: Math.max(0, high - low), pixels: high > low ? edge(first + high) - start : 0 },
    ]);
  }

  /** Device pixels a voxel, and the device pixel of voxel 0's centre. @param {"across" | "down"} side */
  deviceScale(side) {
    const length = side === "across" ? this.element.clientWidth : this.element.clientHeight;
    const scale = this.scale[side] * this.dots;
    return { scale, zero: (length * this.dots) / 2 - this.studio.state.centre[this.axes[side]] * scale };
  }

  /**
   * The tiles of a layer that a part of the picture shows.
   * @param {string} layer @param {number} levelNumber @param {number} index  in voxels of the stack @param {Box} box
   * @returns {TileAddress[]}
   */
  addresses(layer, levelNumber, index, box) {
    const level = this.studio.levelsOf(layer)[levelNumber];
    const columns = this.tilesBetween(level, "across", box.left, box.right);
    const rows = this.tilesBetween(level, "down", box.top, box.bottom);
    const depth = along(level.shape, this.axes.through);
    const merged = Math.min(depth - 1, Math.floor(index / along(level.merged, this.axes.through)));
    return rows.flatMap((row) =>
      columns.map((column) => ({ layer, plane: this.name, level: levelNumber, index: merged, row, column })),
    );
  }

  /** @param {Level} level @param {"across" | "down"} side @param {number} from @param {number} to */
  tilesBetween(level, side, from, to) {
    const axis = this.axes[side], { scale, zero } = this.deviceScale(side);
    const edge = TILE * along(level.merged, axis) * scale;
    const last = Math.ceil(along(level.shape, axis) / TILE) - 1;
    const first = Math.max(0, Math.floor((from - zero + 0.5 * scale) / edge));
    const end = Math.min(last, Math.floor((to - zero + 0.5 * scale) / edge));
    return Array.from({ length: Math.max(0, end - first + 1) }, (_, i) => first + i);
  }

  /** Whether this plane of the stack can be had: of a stack that is being copied only slices can. */
  hasImages() {
    return this.studio.hasTiles("images", this.name, this.through);
  }

  /** Asks for the tiles in view, then for those of the next slices; gives how many images of this slice are missing. */
  askForTiles() {
    if (!this.hasImages()) {
      this.studio.tiles.want(this.id, []);
      return 0;
    }
    const whole = { left: 0, top: 0, right: this.canvas.width, bottom: this.canvas.height };
    const { tiles } = this.studio, last = this.studio.levelsOf("images").length - 1, layers = this.layersShown();
    /** @param {string} layer @param {number} index */
    const all = (layer, index) => this.addresses(layer, this.levelOf(layer), index, whole);
    const images = all("images", this.through);
    const coarse = this.levelOf("images") < last ? this.addresses("images", last, this.through, whole) : [];
    const over = layers.flatMap((layer) => all(layer.name, this.through));
    const ghost = this.ghostIndex === null ? [] : all("images", this.ghostIndex);
    const ahead = this.studio.slicesAhead(this.axes.through).flatMap((index) => [
      ...all("images", index),
      ...layers.flatMap((layer) => (this.studio.hasTiles(layer.name, this.name, index) ? all(layer.name, index) : [])),
    ]);
    tiles.want(this.id, [...coarse, ...images, ...over, ...ghost], ahead);
    return images.filter((address) => !tiles.get(address)).length;
  }
}
