/** Mouse, pen, touch and wheel on a plane: slices, zoom and pan here; everything else is the tool's. */
/** @import {Plane} from "./plane.js" */
import { nearestVoxel } from "./geometry.js";

const WHEEL_STEP = 50;

/** @param {Plane} plane */
export function listenToPointer(plane) {
  const { element, studio } = plane;
  /** @type {Map<number, {x: number, y: number}>} */
  const held = new Map();
  /** @type {"pan" | "draw" | "cross" | null} */
  let doing = null;
  let turned = 0;

  /** @param {{clientX: number, clientY: number}} event */
  function local(event) {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {PointerEvent} event @returns {"pan" | "draw" | "cross" | null} */
  function intention(event) {
    if (event.button === 1 || studio.keys.isHeld("Space") || held.size > 0) return "pan";
    if (![0, 2, 5].includes(event.button)) return null;
    if (plane.name !== "xy" || plane.beside || event.shiftKey || studio.state.tool === "move") return "cross";
    return "draw";
  }

  /** @param {PointerEvent} event */
  function setCross(event) {
    const { x, y } = local(event), place = plane.toVoxel(x, y);
    const position = { ...studio.state.position, [plane.axes.across]: place.across, [plane.axes.down]: place.down };
    studio.set({ position: nearestVoxel(position, studio.project.stack) });
  }

  /** @param {PointerEvent} event */
  function start(event) {
    const next = intention(event);
    if (next === null) return;
    event.preventDefault();
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    held.set(event.pointerId, local(event));
    if (doing === "draw" && next === "pan") studio.drawing.cancel();
    doing = next;
    element.classList.toggle("panning", doing === "pan");
    if (doing === "draw") studio.drawing.start(plane, event);
    if (doing === "cross") setCross(event);
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const before = held.get(event.pointerId), now = local(event);
    plane.studio.pointAt(plane, plane.toVoxel(now.x, now.y));
    if (!before) return;
    if (doing === "draw") studio.drawing.move(event);
    if (doing === "cross") setCross(event);
    if (doing === "pan") panAndPinch(event.pointerId, before, now);
    held.set(event.pointerId, now);
  }

  /** @param {number} id @param {{x: number, y: number}} before @param {{x: number, y: number}} now */
  function panAndPinch(id, before, now) {
    const other = [...held].find(([pointer]) => pointer !== id)?.[1];
    const share = other ? 0.5 : 1;
    studio.pan(plane, (now.x - before.x) * share, (now.y - before.y) * share);
    if (!other) return;
    const [far, near] = [before, now].map((point) => Math.hypot(point.x - other.x, point.y - other.y));
    studio.zoomAt(plane, near / Math.max(1, far), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  }

  /** @param {PointerEvent} event */
  function end(event) {
    if (!held.delete(event.pointerId)) return;
    if (doing === "draw") event.type === "pointercancel" ? studio.drawing.cancel() : studio.drawing.end();
    if (held.size > 0) return;
    doing = null;
    element.classList.remove("panning");
  }

  /** @param {WheelEvent} event */
  function wheel(event) {
    event.preventDefault();
    const size = event.deltaMode === 1 ? event.deltaY * 32 : event.deltaY || event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      return studio.zoomAt(plane, Math.exp(-Math.max(-100, Math.min(100, size)) * 0.003), local(event));
    }
    turned = Math.sign(size) === Math.sign(turned) ? turned + size : size;
    if (Math.abs(size) >= WHEEL_STEP) turned = size;
    if (Math.abs(turned) < WHEEL_STEP) return;
    const steps = Math.sign(turned);
    turned = 0;
    if (event.altKey || event.shiftKey) studio.drawing.ring.changeSize(-steps);
    else studio.step(plane.axes.through, steps);
  }

  element.addEventListener("pointerdown", start);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerrawupdate", (event) => {
    if (doing === "draw" && held.has(/** @type {PointerEvent} */ (event).pointerId)) studio.drawing.move(/** @type {PointerEvent} */ (event));
  });
  for (const type of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) element.addEventListener(type, end);
  element.addEventListener("pointerleave", () => studio.pointAt(plane, null));
  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("dblclick", () => studio.drawing.doubleClick());
  element.addEventListener("contextmenu", (event) => event.preventDefault());
}
