/** The dialog in which phases are named, coloured and added. Their codes never change, since labels are drawn with them. */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";

/** Hues that colour-blind readers tell apart (Okabe and Ito 2008). */
const COLOURS = ["#2b2d42", "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#f0e442"];

/** @param {Studio} studio */
export function editPhases(studio) {
  const rows = make("div", { class: "phase-rows" });
  /** @param {string} name @param {string} colour */
  const addRow = (name, colour) => {
    const number = rows.children.length + 1;
    const field = make("input", { type: "text", value: name, maxLength: 60, required: true, "aria-label": `Name of phase ${number}` });
    rows.append(make("div", { class: "phase-row" },
      make("input", { type: "color", value: colour, "aria-label": `Colour of phase ${number}` }), field));
    return field;
  };
  for (const { name, colour } of studio.project.phases) addRow(name, colour);
  const problem = make("p", { class: "problem", role: "alert" });
  const save = async () => {
    const phases = [...rows.children].map((row) => {
      const [colour, name] = row.querySelectorAll("input");
      return { name: name.value.trim(), colour: colour.value };
    });
    try {
      await studio.api("/api/phases", { phases });
      dialog.close();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const dialog = make("dialog", { class: "small", "aria-label": "Phases" },
    make("h2", {}, "Phases"), make("p", { class: "faint" }, "In the order of their codes. Labels keep their phase when it gets another name or colour."),
    rows, problem,
    make("div", { class: "buttons" },
      make("button", { type: "button", onclick: () => addRow("", COLOURS[rows.children.length % COLOURS.length]).focus() }, "Add a phase"),
      make("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
      make("button", { type: "button", class: "primary", onclick: () => void save() }, "Save")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
