/** The dialog in which phases are named, coloured and added. Their codes never change, since labels are drawn with them. */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";

/** Hues that colour-blind readers tell apart (Okabe and Ito 2008). */
const COLOURS = ["#2b2d42", "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#f0e442"];
const FEWEST_PHASES = 2, MOST_PHASES = 32;

/**
 * @typedef {{row: HTMLElement, name: HTMLInputElement, colour: HTMLInputElement, main: HTMLInputElement}} Fields
 * @typedef {Fields & {code: number | null}} PhaseRow  `code` is null where the phase is not yet saved
 */

/** @param {Studio} studio @param {{adds?: boolean}} [how]  `adds`: with a row for a further phase, ready to be named */
export function editPhases(studio, { adds = false } = {}) {
  const { phases, positive } = studio.project, table = make("div", { class: "phase-rows" });
  /** @type {PhaseRow[]} */
  const rows = [];
  const addRow = (name = "", colour = nextColour(rows), /** @type {number | null} */ code = null) => {
    const row = { ...makeRow(rows.length, name, colour), code };
    rows.push(row);
    if (rows.length > FEWEST_PHASES) row.row.append(makeRemover(row, rows));
    table.append(row.row);
    add.disabled = rows.length >= MOST_PHASES;
    return row;
  };
  const add = make("button", { type: "button", onclick: () => addRow().name.focus() }, "+ Add a phase");
  for (const { code, name, colour } of phases) addRow(name, colour, code);
  rows[positive].main.checked = true;
  const problem = make("p", { class: "problem", role: "alert" });
  const save = async () => {
    const given = rows.map(({ name, colour, code }) => ({ code, name: name.value.trim(), colour: colour.value }));
    try {
      await studio.api("/api/phases", { phases: given, positive: given[rows.findIndex(({ main }) => main.checked)]?.name });
      dialog.close();
      const added = given.filter(({ code }) => code === null).map(({ name }) => name);
      welcomePhase(studio, given.length - added.length, added);
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const form = make("form", { method: "dialog", class: "stacked", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void save(); } },
    make("div", { class: "phase-row faint" }, make("span", {}, ""), make("span", {}, "Colour"), make("span", {}, "Name"), make("span", {}, "Of interest")),
    table, make("div", { class: "buttons" }, add), problem,
    make("p", { class: "faint" }, "A further phase can be removed while nothing is drawn with it. Labels keep their phase when it gets another name or colour. Scores and the report speak of the phase of interest first."),
    make("div", { class: "buttons" }, make("button", { type: "submit", class: "primary" }, "Save"),
      make("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
  const dialog = make("dialog", { class: "small", "aria-label": "Phases" }, make("h2", {}, "Phases of the sample"), form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  if (adds) addRow().name.focus();
}

/** @param {number} number @param {string} name @param {string} colour @returns {Fields} */
function makeRow(number, name, colour) {
  const title = `phase ${number + 1}`;
  const fields = {
    colour: make("input", { type: "color", value: colour, "aria-label": `Colour of ${title}` }),
    name: make("input", { type: "text", value: name, maxLength: 60, required: true, placeholder: "such as pore, YSZ, nickel", "aria-label": `Name of ${title}` }),
    main: make("input", { type: "radio", name: "phase-of-interest", "aria-label": `${title} is the phase of interest` }),
  };
  const row = make("div", { class: "phase-row" }, make("kbd", {}, number < 9 ? String(number + 1) : ""), fields.colour, fields.name, fields.main);
  return { row, ...fields };
}

/** Takes a phase away; one with labels is refused when the phases are saved. @param {PhaseRow} row @param {PhaseRow[]} rows */
function makeRemover(row, rows) {
  return make("button", {
    type: "button", class: "quiet", title: row.code === null ? "Do not add this phase" : "Remove this phase",
    "aria-label": row.code === null ? "do not add this phase" : "remove this phase", onclick: () => {
      const place = rows.indexOf(row);
      rows.splice(place, 1);
      row.row.remove();
      if (row.main.checked) rows[rows.length - 1].main.checked = true;
      rows.forEach(({ row: each }, i) => { each.firstElementChild?.replaceChildren(i < 9 ? String(i + 1) : ""); });
      rows[rows.length - 1].name.focus();
    },
  }, "×");
}

/** @param {PhaseRow[]} rows */
function nextColour(rows) {
  const used = rows.map(({ colour }) => colour.value.toLowerCase());
  return COLOURS.find((colour) => !used.includes(colour)) ?? COLOURS[rows.length % COLOURS.length];
}

/** Takes a phase that was added into the hand, and says what comes next. @param {Studio} studio @param {number} first @param {string[]} names */
function welcomePhase(studio, first, names) {
  if (names.length === 0) return;
  studio.set({ phase: first });
  const keys = names.map((name, i) => (first + i < 9 ? `${name} has the key ${first + i + 1}` : name)).join(", ");
  studio.toast(`${keys}. It is proposed once some of it is drawn and learnt.`);
}
