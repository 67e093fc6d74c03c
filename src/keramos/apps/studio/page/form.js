/** Fields for options that the server declares: a form is made of what it says, and gives values of the right kind. */
/** @import {OptionFacts} from "./types.js" */
import { make } from "./dom.js";
import { plainWords } from "./words.js";

/**
 * A labelled field for an option.
 * @param {OptionFacts} option @param {unknown} value @param {(value: unknown) => void} changed
 */
export function makeField(option, value, changed) {
  const title = option.name.replaceAll("_", " "), help = plainWords(option.help);
  if (option.kind === "true or false") {
    const box = make("input", { type: "checkbox", checked: Boolean(value), onchange: () => changed(box.checked) });
    return make("label", { class: "check field", title: help }, box, make("span", {}, help.replace(/\.$/, "")));
  }
  const field = option.kind === "choice" ? makeChoice(option, value, changed) : makeEntry(option, value, changed);
  field.setAttribute("aria-label", title);
  return make("label", { class: "row", title: help }, make("span", {}, `${title}${option.unit ? ` (${option.unit})` : ""}`), field);
}

/** @param {OptionFacts} option @param {unknown} value @param {(value: unknown) => void} changed */
function makeChoice({ choices }, value, changed) {
  const choice = make("select", { onchange: () => changed(choice.value) }, ...choices.map((each) => make("option", { value: each }, each)));
  choice.value = String(value);
  return choice;
}

/** @param {OptionFacts} option @param {unknown} value @param {(value: unknown) => void} changed */
function makeEntry(option, value, changed) {
  const numeric = option.kind !== "text";
  const entry = make("input", {
    type: numeric ? "number" : "text", value: value === null || value === undefined ? "" : String(value),
    step: option.kind === "whole number" ? "1" : "any", min: option.low === null ? "" : String(option.low), max: option.high === null ? "" : String(option.high),
  });
  entry.addEventListener("change", () => {
    if (!entry.checkValidity()) return void entry.reportValidity();
    if (entry.value === "") return changed(option.default);
    changed(numeric ? Number(entry.value) : entry.value);
  });
  return entry;
}

/** Fills a choice anew where its options have changed. @param {HTMLSelectElement} choice @param {{name: string, title: string}[]} options @param {string} preferred */
export function fillChoice(choice, options, preferred) {
  const names = options.map(({ name }) => name).join("\n");
  if (choice.dataset.names === names) return;
  const before = choice.value || preferred;
  choice.dataset.names = names;
  choice.replaceChildren(...options.map(({ name, title }) => make("option", { value: name }, title)));
  if (options.some(({ name }) => name === before)) choice.value = before;
}
