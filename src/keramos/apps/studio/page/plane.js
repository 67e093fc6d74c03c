/** One plane of the stack on a canvas: images, the neighbouring slice as a ghost, and the layers over them. */
/** @import {Layer, PlaneName} from "./types.js" */
/** @import {Studio} from "./studio.js" */
import { context2d, make } from "./dom.js";
import { along, chooseLevel, PLANES, relativeEdges } from "./geometry.js";
import { Overlay } from "./overlay.js";
import { askForTiles, drawLayer } from "./plane_tiles.js";

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
    const missing = askForTiles(this);
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
    drawLayer(this, "images", this.through, box);
    if (this.ghostIndex !== null) {
      context.globalAlpha = 0.5;
      drawLayer(this, "images", this.ghostIndex, box);
    }
    context.globalAlpha = 1;
    this.studio.tones.draw(this, context);
    for (const layer of this.layersShown()) {
      context.globalAlpha = layer.opacity;
      drawLayer(this, layer.name, this.through, box);
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

  /** Device pixels a voxel, and the device pixel of voxel 0's centre. @param {"across" | "down"} side */
  deviceScale(side) {
    const length = side === "across" ? this.element.clientWidth : this.element.clientHeight;
    const scale = this.scale[side] * this.dots;
    return { scale, zero: (length * this.dots) / 2 - this.studio.state.centre[this.axes[side]] * scale };
  }

  /** Whether this plane of the stack can be had: of a stack that is being copied only slices can. */
  hasImages() {
    return this.studio.hasTiles("images", this.name, this.through);
  }
}
