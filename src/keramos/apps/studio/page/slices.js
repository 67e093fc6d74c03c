/** The slider of slices under the planes, with marks: annotated slices below, findings above. */
/** @import {Studio} from "./studio.js" */
import { context2d, make } from "./dom.js";

const THUMB = 10;

/** @param {HTMLElement} element @param {Studio} studio */
export function mountSlices(element, studio) {
  const last = studio.project.stack.shape[0] - 1;
  const slider = make("input", {
    type: "range", min: "0", max: String(last), step: "1", "aria-label": "Slice", value: String(studio.state.position.z),
  });
  const marks = make("canvas", { class: "slice-marks", "aria-hidden": "true" });
  const number = make("input", { type: "number", min: "0", max: String(last), class: "slice-number", "aria-label": "Slice number" });
  element.append(make("label", { class: "slice-label" }, "Slice ", number), make("div", { class: "slice-track" }, marks, slider));

  const show = () => {
    slider.value = String(studio.state.position.z);
    if (document.activeElement !== number) number.value = slider.value;
    slider.setAttribute("aria-valuetext", `slice ${slider.value} of 0 to ${last}${describe(studio)}`);
    slider.title = describe(studio).slice(2);
  };
  slider.addEventListener("input", () => studio.step("z", Number(slider.value) - studio.state.position.z));
  number.addEventListener("change", () => studio.goTo({ z: Number(number.value) }));
  studio.on("position", show);
  const draw = () => drawMarks(marks, studio);
  for (const part of ["annotated", "project", "theme", "findings"]) studio.on(part, draw);
  new ResizeObserver(draw).observe(marks);
  show();
}

/** What is at the slice, for the ear. @param {Studio} studio */
function describe(studio) {
  const { z } = studio.state.position;
  const findings = studio.project.findings.filter((finding) => finding.slices?.includes(z));
  return [studio.state.annotated.has(z) ? "annotated" : "", ...findings.map((finding) => finding.message)]
    .filter((text) => text).map((text) => `, ${text}`).join("");
}

/** @param {HTMLCanvasElement} canvas @param {Studio} studio */
function drawMarks(canvas, studio) {
  const dots = window.devicePixelRatio || 1, { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0) return;
  [canvas.width, canvas.height] = [Math.round(width * dots), Math.round(height * dots)];
  const context = context2d(canvas), style = getComputedStyle(document.documentElement);
  context.scale(dots, dots);
  const last = Math.max(1, studio.project.stack.shape[0] - 1);
  /** @param {number} z */
  const at = (z) => THUMB / 2 + ((width - THUMB) * z) / last;
  const wide = Math.max(2, (width - THUMB) / last - 1);
  context.fillStyle = style.getPropertyValue("--accent");
  for (const z of studio.state.annotated) context.fillRect(at(z) - wide / 2, height - 4, wide, 4);
  for (const { slices = [], severity } of studio.project.findings) {
    context.fillStyle = style.getPropertyValue(severity === "note" ? "--faint" : "--warning");
    for (const z of slices) {
      context.beginPath();
      context.moveTo(at(z) - 4, 0);
      context.lineTo(at(z) + 4, 0);
      context.lineTo(at(z), 6);
      context.fill();
    }
  }
}

/** Goes to the next slice with a finding or a drawing. @param {Studio} studio @param {number} way @param {"annotated" | "findings"} what */
export function goToNext(studio, way, what) {
  const all = what === "annotated" ? [...studio.state.annotated] : studio.project.findings.flatMap((finding) => finding.slices ?? []);
  const { z } = studio.state.position;
  const beyond = all.filter((slice) => (slice - z) * way > 0).sort((a, b) => (a - b) * way);
  if (beyond.length > 0) studio.goTo({ z: beyond[0] });
  else studio.toast(`There is no ${way > 0 ? "further" : "earlier"} slice with ${what === "annotated" ? "labels" : "a finding"}.`);
}
