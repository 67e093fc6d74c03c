/** What a run has measured: the first numbers in its row of the list, all of them in a table, beside those of another run. */
/** @import {Job} from "../types.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";

/**
 * @typedef {object} QuantityRow
 * @property {string} id
 * @property {string} name
 * @property {string} phase  empty: of all phases
 * @property {string} axis  empty: of all directions
 * @property {number} value
 * @property {string} unit  "1": none
 * @property {"number" | "fraction" | "count"} [display]  a fraction is read in per cent; earlier versions wrote none
 * @property {string} method
 * @property {[number, number] | null} interval  how representative the volume is
 * @property {number} level
 * @property {string} domain
 * @property {[number, number] | null} [segmentation]  where the value would lie without errors of the segmentation
 */

const FIRST = ["phase-fraction", "specific-surface-area", "largest-component", "percolating-fraction"];
/** @type {Record<string, string>} */
const UNITS = { "1": "", "1/um": "1/µm", "1/um2": "1/µm²", "1/um3": "1/µm³", um3: "µm³", um: "µm" };

/** The quantities that a run has written; an error says why there are none. @param {Job} job @returns {Promise<QuantityRow[]>} */
async function readQuantities(job) {
  const folder = (job.result?.outputs.out ?? "quantities").split(/[\\/]/).at(-1) ?? "quantities";
  const answer = await fetch(`/results/${job.folder}/${encodeURIComponent(folder)}/quantities.json`);
  if (!answer.ok) throw new Error("the numbers of this run are not there any more; run it again");
  return (await answer.json()).quantities;
}

/** The rows of one quantity of one phase: a single one, or one for each direction. @typedef {QuantityRow[]} Group */

/** @param {QuantityRow[]} rows @returns {Map<string, Group>} */
function groupRows(rows) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const row of rows) groups.set(`${row.phase}/${row.id}`, [...(groups.get(`${row.phase}/${row.id}`) ?? []), row]);
  return groups;
}

/** @param {QuantityRow[]} rows */
const listPhases = (rows) => [...new Set(rows.map(({ phase }) => phase))].sort((a, b) => Number(a === "") - Number(b === ""));

/** The first numbers of a run, and a button for all of them. @param {Job} job @param {Studio} studio */
export function makeQuantities(job, studio) {
  const place = make("div", {}), all = make("button", { type: "button", onclick: () => void showAll(job, studio) }, "All numbers…");
  readQuantities(job).then((rows) => {
    const groups = [...groupRows(rows.filter(({ id, phase }) => FIRST.includes(id) && phase)).values()];
    place.replaceChildren(...listPhases(groups.map(([row]) => row)).map((phase) => make("table", { class: "quantities" },
      make("caption", {}, phase),
      make("tbody", {}, ...groups.filter(([row]) => row.phase === phase).map((group) => make("tr", { title: describeGroup(group) },
        make("th", { scope: "row" }, group[0].name), make("td", {}, ...writeGroup(group))))))));
  }, (error) => {
    place.replaceChildren(make("p", { class: "problem" }, error.message));
    all.disabled = true;
  });
  return make("div", { class: "numbers" }, place, make("div", { class: "buttons" }, all));
}

/** @param {Group} group */
function describeGroup([{ method, domain, interval, level }]) {
  const sure = interval ? `; ${Math.round(100 * level)} % interval of how representative the volume is` : "";
  return `${method}; ${domain}${sure}`;
}

/** A value with its unit, its intervals in lines of their own; of several directions each. @param {Group} group @returns {(Node | string)[]} */
function writeGroup(group) {
  const values = group.map((row) => `${row.axis ? `${row.axis}\u00a0` : ""}${writeNumber(row, row.value)}`).join(", ");
  return [`${values}${writeUnit(group[0])}`, ...group.flatMap(writeInterval)];
}

/** A part of a whole. @param {QuantityRow} row */
const isShare = ({ display, unit }) => display === "fraction" && unit === "1";

/** @param {QuantityRow} row @param {number} value */
function writeNumber(row, value) {
  const number = isShare(row) ? 100 * value : value;
  if (number === 0) return "0";
  if (Number.isInteger(number) && Math.abs(number) >= 1000) return number.toLocaleString("en");
  const text = String(+number.toPrecision(4)).replace("-", "−");
  return isShare(row) && text === "100" && number < 100 ? ">\u00a099.99" : text;
}

/** @param {QuantityRow} row */
function writeUnit(row) {
  const written = isShare(row) ? "%" : UNITS[row.unit] ?? row.unit;
  return written && `\u00a0${written}`;
}

/** @param {QuantityRow} row @returns {HTMLElement[]} */
function writeInterval(row) {
  const { axis, interval, segmentation } = row, of = axis && `${axis}: `;
  const lines = [interval && `${of}${writeNumber(row, interval[0])} to ${writeNumber(row, interval[1])}`,
    segmentation && `${of}${writeNumber(row, segmentation[0])} to ${writeNumber(row, segmentation[1])} with the segmentation's errors`];
  return lines.flatMap((line) => (line ? [make("small", { class: "faint" }, line)] : []));
}

/** The runs that have measured something, the latest first. @param {Studio} studio @returns {Job[]} */
const measuredRuns = (studio) => [...studio.state.jobs.values()]
  .filter(({ verb, state }) => verb === "quantify" && state === "done").sort((a, b) => Number(b.id) - Number(a.id));

/** What a run has measured. @param {Job} job */
const labelsOf = (job) => String(job.options?.labels ?? "");

/** The run before corrections, for one of a corrected segmentation. @param {Job} job @param {Job[]} runs */
function findBefore(job, runs) {
  if (!labelsOf(job).endsWith("corrected.ome.zarr")) return undefined;
  return runs.find((other) => other.id !== job.id && labelsOf(other) !== labelsOf(job));
}

/** A window with all numbers of a run, beside those of another one. @param {Job} job @param {Studio} studio */
async function showAll(job, studio) {
  const runs = measuredRuns(studio), place = make("div", { class: "numbers" });
  const other = make("select", { "aria-label": "Run to compare with" }, make("option", { value: "" }, "no other run"),
    ...runs.filter(({ id }) => id !== job.id).map((run) => make("option", { value: String(run.id) }, titleRun(run))));
  other.value = String(findBefore(job, runs)?.id ?? "");
  const show = async () => {
    try {
      const beside = runs.find(({ id }) => String(id) === other.value);
      const pair = [job, ...(beside ? [beside] : [])].sort((a, b) => Number(a.id) - Number(b.id));
      place.replaceChildren(...makeTables(pair, await Promise.all(pair.map(readQuantities))));
    } catch (error) {
      place.replaceChildren(make("p", { class: "problem" }, error instanceof Error ? error.message : String(error)));
    }
  };
  other.addEventListener("change", () => void show());
  const dialog = make("dialog", { "aria-label": "Numbers" },
    make("div", { class: "title-row" }, make("h2", {}, `Numbers of ${titleRun(job)}`),
      make("button", { type: "button", class: "quiet", "aria-label": "close", onclick: () => dialog.close() }, "×")),
    make("label", { class: "row" }, make("span", {}, "Beside"), other), place,
    make("p", { class: "faint" }, "Below a value: its 95 % interval, which says how representative the volume is of its material. Point at a row to read how it was measured."));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  await show();
}

/** @param {Job} job */
const titleRun = (job) => `run ${job.id}, ${labelsOf(job).split(/[\\/]/).at(-1)}`;

/** A table for each phase; of two runs what changed, too. @param {Job[]} runs @param {QuantityRow[][]} all */
function makeTables(runs, all) {
  const groups = all.map(groupRows), two = runs.length > 1;
  return listPhases(all.flat()).map((phase) => make("table", { class: "quantities wide" },
    make("caption", {}, phase || "all phases"),
    ...(two ? [make("thead", {}, make("tr", {}, make("th", { scope: "col" }, ""), ...runs.map((run) => make("th", { scope: "col" }, titleRun(run))),
      make("th", { scope: "col" }, "change")))] : []),
    make("tbody", {}, ...[...new Set(groups.flatMap((each) => [...each.keys()]))].filter((key) => key.startsWith(`${phase}/`)).map((key) => {
      const both = groups.map((each) => each.get(key) ?? []), [known] = both.filter((group) => group.length > 0);
      return make("tr", { title: describeGroup(known) }, make("th", { scope: "row" }, known[0].name),
        ...both.map((group) => make("td", {}, ...(group.length > 0 ? writeGroup(group) : ["–"]))), ...(two ? [make("td", {}, writeChanges(both))] : []));
    }))));
}

/** @param {Group[]} both */
function writeChanges([before, after]) {
  const changes = after.flatMap((row) => {
    const earlier = before.find(({ axis }) => axis === row.axis);
    return earlier ? [{ row, change: row.value - earlier.value }] : [];
  });
  if (changes.length > 0 && changes.every(({ change }) => change === 0)) return "unchanged";
  const texts = changes.map(({ row, change }) => `${row.axis && `${row.axis}\u00a0`}${change > 0 ? "+" : ""}${writeNumber(row, +change.toPrecision(2))}`);
  const unit = after[0] && (isShare(after[0]) ? "\u00a0percentage\u00a0points" : writeUnit(after[0]));
  return texts.length > 0 ? `${texts.join(", ")}${unit}` : "";
}
