/** Starts the page: reads the project, makes the studio, mounts its parts. */
/** @import {Job, Project, ToolFacts} from "./types.js" */
import { request } from "./connection.js";
import { byId } from "./dom.js";
import { defaultOptions, listTools } from "./draw/index.js";
import { returnFocus } from "./focus.js";
import { mountHeader } from "./header.js";
import { mountPanels } from "./panels.js";
import { addKeys } from "./shortcuts.js";
import { mountSlices } from "./slices.js";
import { mountStage } from "./stage.js";
import { mountStatus } from "./status.js";
import { firstState, rememberView } from "./view.js";
import { Studio } from "./studio.js";
import { mountTools } from "./tools.js";

async function start() {
  /** @type {Project} */
  const project = await request("/api/project");
  /** @type {ToolFacts[]} */
  const offered = await request("/api/tools").catch(() => []);
  document.title = `${project.name} – Keramos studio`;
  const studio = new Studio(firstState(project));
  studio.set({ tools: listTools(offered), options: defaultOptions(offered), tool: offered.some(({ name }) => name === "brush") ? "brush" : "move" });
  mountHeader(byId("header"), studio);
  mountTools(byId("tools"), studio);
  mountPanels(byId("side"), studio);
  mountSlices(byId("slices"), studio);
  mountStatus(byId("status"), studio);
  mountStage(byId("stage"), studio);
  addKeys(studio);
  returnFocus(studio);
  if (!project.view?.zoom) studio.fit();
  rememberView(studio);
  studio.socket.open();
  void loadJobs(studio);
  window.addEventListener("beforeunload", (event) => {
    if (studio.state.unsaved > 0) event.preventDefault();
  });
  Object.assign(window, { studio });
  document.documentElement.dataset.ready = "yes";
}

/** The jobs that the server knows of; later ones come over the socket. @param {Studio} studio */
async function loadJobs(studio) {
  const answer = await studio.api("/api/jobs").catch(() => ({}));
  /** @type {Job[]} */
  const jobs = Array.isArray(answer) ? answer : answer.jobs ?? [];
  studio.set({ jobs: new Map(jobs.map((job) => [job.id, job])) });
}

start().catch((error) => {
  console.error(error);
  const banner = byId("banner");
  banner.hidden = false;
  banner.textContent = `The studio could not start: ${error instanceof Error ? error.message : error}`;
});
