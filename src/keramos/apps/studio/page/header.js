/** The line at the top: project, what is saved, work in the background, layout, theme, help. */
/** @import {Job} from "./types.js" */
/** @import {State} from "./state.js" */
/** @import {Studio} from "./studio.js" */
import { byId, make, makeIcon } from "./dom.js";
import { nameWork } from "./panels/progress.js";
import { LAYOUTS } from "./stage.js";

const THEMES = /** @type {const} */ (["auto", "light", "dark"]);
const SUN = "M10 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8M10 1v2M10 17v2M1 10h2M17 10h2M3.6 3.6 5 5M15 15l1.4 1.4M3.6 16.4 5 15M15 5l1.4-1.4";

/** @param {HTMLElement} element @param {Studio} studio */
export function mountHeader(element, studio) {
  const { project } = studio;
  const saved = make("span", { class: "saved", role: "status" });
  const jobs = make("span", { class: "job", role: "status" });
  element.append(
    make("h1", {}, project.name),
    make("span", { class: "faint stack-facts" }, describeStack(studio)),
    saved, ...makeHistoryButtons(studio), make("span", { class: "spring" }), jobs, makeLayoutChoice(studio), makeThemeButton(studio),
    make("button", { type: "button", class: "quiet", title: "Keys (?)", "aria-label": "keys", onclick: () => studio.keys.showHelp() }, "?"),
  );
  byId("help-close").addEventListener("click", () => /** @type {HTMLDialogElement} */ (byId("help")).close());
  const letters = /** @type {HTMLInputElement} */ (byId("letters"));
  letters.addEventListener("change", () => { studio.keys.lettersOn = letters.checked; });
  const write = () => writeSaved(saved, studio);
  for (const part of ["unsaved", "connected", "unwritable", "shutOut", "writer"]) studio.on(part, write);
  studio.on("jobs", () => writeJobs(jobs, studio));
  write();
}

/** @param {Studio} studio */
function describeStack({ project: { stack } }) {
  const [z, y, x] = stack.shape, size = stack.voxel_size_nm;
  const edges = size ? `${[size[2], size[1], size[0]].map((edge) => Number(edge.toPrecision(3))).join(" × ")} nm` : "voxel size not known";
  return `${x} × ${y} × ${z} voxels, ${edges}`;
}

const UNDO = "M4 8h8a4.5 4.5 0 0 1 0 9H8M4 8l3.5-3.5M4 8l3.5 3.5";
const REDO = "M16 8H8a4.5 4.5 0 0 0 0 9h4M16 8l-3.5-3.5M16 8l-3.5 3.5";

/** @param {Studio} studio */
function makeHistoryButtons(studio) {
  const undo = make("button", { type: "button", class: "quiet", title: "Undo (Ctrl+Z)", "aria-label": "undo", onclick: () => studio.drawing.goBack("undo") }, makeIcon(UNDO));
  const redo = make("button", { type: "button", class: "quiet", title: "Redo (Ctrl+Shift+Z)", "aria-label": "redo", onclick: () => studio.drawing.goBack("redo") }, makeIcon(REDO));
  const show = () => {
    undo.disabled = studio.state.history.undo === 0;
    redo.disabled = studio.state.history.redo === 0;
  };
  studio.on("history", show);
  show();
  return [undo, redo];
}

/** @param {Studio} studio */
function makeLayoutChoice(studio) {
  const choice = make("select", { "aria-label": "Layout", title: "Layout (Y)" },
    ...Object.entries(LAYOUTS).map(([value, title]) => make("option", { value }, title)));
  choice.addEventListener("change", () => studio.set({ layout: /** @type {State["layout"]} */ (choice.value) }));
  const show = () => { choice.value = studio.state.layout; };
  studio.on("layout", show);
  show();
  return choice;
}

/** @param {Studio} studio */
function makeThemeButton(studio) {
  const root = document.documentElement;
  root.dataset.theme = studio.state.theme;
  const button = make("button", { type: "button", class: "quiet" }, makeIcon(SUN));
  const name = () => {
    button.title = `Theme: ${root.dataset.theme}`;
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.findIndex((theme) => theme === root.dataset.theme) + 1) % THEMES.length];
    root.dataset.theme = next;
    studio.set({ theme: next });
    name();
  });
  name();
  return button;
}

/** Whether strokes are saved, and what to know if they are not. @param {HTMLElement} element @param {Studio} studio */
function writeSaved(element, studio) {
  const { unsaved, connected, unwritable, shutOut, writer } = studio.state, banner = byId("banner");
  element.dataset.state = !connected || unwritable ? "lost" : unsaved > 0 ? "saving" : "saved";
  element.textContent = !connected ? "not connected" : unwritable ? `${unsaved} not saved` : unsaved > 0 ? `saving ${unsaved}` : "saved";
  const kept = unsaved === 1 ? "One change is kept and sent" : `${unsaved} changes are kept and sent`;
  const again = unsaved > 0 ? `${kept} when it does again.` : "The page tries again by itself.";
  const lost = shutOut
    ? `The studio was started anew. Open its new address in another tab, then this one goes on${unsaved > 0 ? `; “Draw here” in it then saves what it has kept (changes: ${unsaved})` : ""}.`
    : `The studio's server does not answer. ${again}`;
  banner.hidden = ((connected && !unwritable) || document.documentElement.dataset.ready !== "yes") && writer.mine;
  const unsent = unsaved > 0 ? ` Not saved yet (changes made here: ${unsaved}): “Draw here” saves them.` : "";
  banner.replaceChildren(!connected ? lost : unwritable && writer.mine ? explainUnwritable(unwritable, unsaved) : (writer.message || "Another window draws; this one looks on.") + unsent);
  if (connected && !writer.mine) {
    banner.append(make("button", { type: "button", onclick: () => studio.socket.send({ type: "take-writing" }) }, "Draw here"));
  }
}

/** @param {string} why @param {number} unsaved */
function explainUnwritable(why, unsaved) {
  const kept = unsaved === 1 ? "What you drew is kept in this window" : `Your last ${unsaved} changes are kept in this window`;
  return `Nothing can be saved: ${why}. ${kept} and saved as soon as it can be: do not close it.`;
}

/** @param {HTMLElement} element @param {Studio} studio */
function writeJobs(element, studio) {
  const running = [...studio.state.jobs.values()].filter((job) => job.state === "running");
  element.replaceChildren(...running.slice(0, 1).map(describeJob));
  if (running.length > 1) element.append(` and ${running.length - 1} more`);
}

/** @param {Job} job */
function describeJob(job) {
  const line = make("span", {}, `${nameWork(job.title, job.task)} `);
  if (job.total) line.append(make("progress", { max: job.total, value: job.done ?? 0, "aria-label": job.title }));
  if (job.seconds_left) line.append(` ${inWords(job.seconds_left)} left`);
  return line;
}

/** @param {number} seconds */
const inWords = (seconds) => (seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`);
