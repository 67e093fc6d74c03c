// Turning the 3-D view of surfaces by mouse, fingers, wheel and keys.

export const HOME = { yaw: -0.55, pitch: 0.42, zoom: 1 };

/**
 * Calls `change` with what the view is to be turned to from what `state` says now.
 * @param {HTMLCanvasElement} canvas @param {typeof HOME} state @param {(values: Partial<typeof HOME>) => void} change
 */
export function listenToTurning(canvas, state, change) {
  /** @type {Map<number, number[]>} */
  const pointers = new Map();
  const apart = () => {
    const [a, b] = [...pointers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const far = pointers.size === 2 ? apart() : 0;
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (pointers.size === 2) change({ zoom: state.zoom * apart() / Math.max(1, far) });
    if (pointers.size > 1) return;
    const pace = Math.PI / Math.max(200, canvas.clientWidth);
    change({
      yaw: state.yaw + (event.clientX - before[0]) * pace, pitch: state.pitch + (event.clientY - before[1]) * pace,
    });
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    canvas.addEventListener(name, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener("wheel", (event) => {
    // Who only scrolls by keeps scrolling: the wheel zooms once the view was clicked.
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    change({ zoom: state.zoom * Math.exp(-Math.max(-100, Math.min(100, event.deltaY)) * 0.002) });
  }, { passive: false });
  canvas.addEventListener("dblclick", () => change(HOME));
  /** @type {Record<string, () => Partial<typeof HOME>>} */
  const keys = {
    ArrowLeft: () => ({ yaw: state.yaw - 0.12 }), ArrowRight: () => ({ yaw: state.yaw + 0.12 }),
    ArrowUp: () => ({ pitch: state.pitch - 0.12 }), ArrowDown: () => ({ pitch: state.pitch + 0.12 }),
    "+": () => ({ zoom: state.zoom * 1.2 }), "=": () => ({ zoom: state.zoom * 1.2 }),
    "-": () => ({ zoom: state.zoom / 1.2 }), 0: () => HOME, Home: () => HOME,
  };
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    change(keys[event.key]());
  });
}
