/** What lies over a plane's picture and is drawn anew at every change: cross, scale bar, outlines in the making, the brush. */
/** @import {Plane} from "./plane.js" */
import { context2d, make } from "./dom.js";
import { along, lengthInWords, roundLength } from "./geometry.js";

/** Longest scale bar, as a part of the plane's width. */
const BAR = 0.25;

export class Overlay {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.context = context2d(plane.top);
    this.ring = make("div", { class: "brush-ring", hidden: true });
    this.barLine = make("i");
    this.barText = make("span");
    this.note = make("div", { class: "plane-note", hidden: true });
    plane.element.append(this.ring, make("div", { class: "scale-bar", "aria-hidden": "true" }, this.barText, this.barLine), this.note);
    this.waiting = false;
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    const { plane, context } = this;
    if (!plane.visible) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, plane.top.width, plane.top.height);
    context.scale(plane.dots, plane.dots);
    if (plane.studio.state.cross) this.drawCross();
    this.drawFrame();
    plane.studio.emit("marks", plane, context);
    this.drawBar();
    this.writeCaption();
  }

  /** A cross with an open middle, so that it hides nothing of what it points at. */
  drawCross() {
    const { plane, context } = this, { position } = plane.studio.state;
    const { x, y } = plane.toScreen(position[plane.axes.across], position[plane.axes.down]);
    const { clientWidth: width, clientHeight: height } = plane.element;
    context.strokeStyle = plane.studio.colours.cross;
    context.lineWidth = 1;
    const [i, j] = [Math.round(x) + 0.5, Math.round(y) + 0.5], gap = 14;
    context.beginPath();
    context.moveTo(0, j);
    context.lineTo(i - gap, j);
    context.moveTo(i + gap, j);
    context.lineTo(width, j);
    context.moveTo(i, 0);
    context.lineTo(i, j - gap);
    context.moveTo(i, j + gap);
    context.lineTo(i, height);
    context.stroke();
  }

  /** The edge of the stack. */
  drawFrame() {
    const { plane, context } = this, { shape } = plane.studio.project.stack;
    const from = plane.toScreen(-0.5, -0.5);
    const to = plane.toScreen(along(shape, plane.axes.across) - 0.5, along(shape, plane.axes.down) - 0.5);
    context.strokeStyle = plane.studio.colours.frame;
    context.lineWidth = 1;
    context.strokeRect(Math.round(from.x) - 0.5, Math.round(from.y) - 0.5, Math.round(to.x - from.x) + 1, Math.round(to.y - from.y) + 1);
  }

  drawBar() {
    const { plane } = this, { stack } = plane.studio.project, { zoom } = plane.studio.state;
    const unit = stack.voxel_size_nm ? Math.min(...stack.voxel_size_nm) : 1;
    const length = roundLength((BAR * plane.element.clientWidth * unit) / zoom);
    this.barLine.style.width = `${(length / unit) * zoom}px`;
    this.barText.textContent = stack.voxel_size_nm ? lengthInWords(length) : `${length} voxels`;
  }

  writeCaption() {
    const { plane } = this, axis = plane.axes.through;
    const slices = along(plane.studio.project.stack.shape, axis);
    const layer = plane.beside ? plane.studio.titleOf(plane.studio.state.beside) || "images" : plane.name;
    plane.caption.textContent = `${layer}  ${axis} ${plane.through} of ${slices - 1}`;
  }

  /** The outline of the brush around a place; nothing where there is none. @param {{across: number, down: number, radius: number} | null} brush */
  showRing(brush) {
    this.ring.hidden = brush === null;
    if (!brush) return;
    const { x, y } = this.plane.toScreen(brush.across, brush.down), scale = this.plane.scale;
    const [width, height] = [2 * brush.radius * scale.across, 2 * brush.radius * scale.down];
    Object.assign(this.ring.style, { width: `${width}px`, height: `${height}px` });
    this.ring.style.transform = `translate(${x - width / 2}px, ${y - height / 2}px)`;
  }

  /** @param {string} text */
  setNote(text) {
    this.note.hidden = text === "";
    this.note.textContent = text;
  }
}
