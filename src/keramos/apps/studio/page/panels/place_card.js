/** A place to look at: what is there, what a decision changes, and the list of all places. */
/** @import {Box} from "../places.js" */
import { make } from "../dom.js";

/**
 * @typedef {object} PlaceFacts
 * @property {string} id
 * @property {string} kind
 * @property {Box} box
 * @property {[number, number, number]} centre  Z Y X
 * @property {string} phase
 * @property {string} to
 * @property {number} voxels
 * @property {string} effect
 * @property {string} why
 * @property {string | null} choice
 * @typedef {"accept" | "flip" | "redraw" | "ignore"} Choice
 * @typedef {{decide: (choice: Choice) => void, next: () => void, back: () => void}} Actions
 */

/** @type {Record<string, string>} */
const SIGNS = { accept: "✓", flip: "⇄", redraw: "✎", ignore: "–" };

/** What is shown of the place in view. @param {PlaceFacts} place @param {Record<string, string>} kinds @param {string[]} phases @param {Actions} actions */
export function fillCard(place, kinds, phases, { decide, next, back }) {
  const others = phases.filter((name) => name !== place.phase);
  const to = make("select", { "aria-label": "Phase to flip to" }, ...others.map((name) => make("option", { value: name }, name)));
  to.value = place.to;
  /** @param {string} text @param {string} key @param {() => void} run */
  const button = (text, key, run) => make("button", { type: "button", onclick: run }, `${text} `, make("kbd", {}, key));
  return [
    make("h2", {}, `${kinds[place.kind] ?? place.kind}: ${place.voxels.toLocaleString("en")} voxels of ${place.phase}`),
    make("div", { class: "buttons" },
      button("Accept", "A", () => decide("accept")), button(others.length > 1 ? "Flip" : `Flip to ${place.to}`, "F", () => decide("flip")),
      button("Redraw", "R", () => decide("redraw")), button("Ignore", "I", () => decide("ignore")), button("Next", "N", next), button("Back", "B", back)),
    make("p", {}, `${capital(place.effect)}.`), make("p", { class: "faint" }, `${capital(place.why)}.`),
    ...(others.length > 1 ? [make("label", { class: "row" }, make("span", {}, "Flip to"), to)] : []),
  ];
}

/** The places as a list, with their decisions. @param {PlaceFacts[]} places @param {string | null} current @param {(id: string) => void} goTo */
export function listPlaces(places, current, goTo) {
  return places.map((place) => {
    const [z, y, x] = place.centre;
    return make("li", {}, make("button", {
      type: "button", class: "place", "aria-current": place.id === current ? "true" : "false", onclick: () => goTo(place.id),
      title: `${capital(place.effect)}. At z ${z}, y ${y}, x ${x}.`,
    }, make("span", { class: "place-sign", "aria-label": place.choice ?? "open" }, SIGNS[place.choice ?? ""] ?? ""),
    make("span", {}, place.effect.replace(/^flipping it to \S+ /, ""))));
  });
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
