/** What the server tells of a proofreading, and how it stands in a sentence. */
/** @import {PlaceFacts} from "./place_card.js" */
import { plainWords } from "../words.js";
import { capital } from "./place_card.js";
import { writeSeconds } from "./progress.js";

/**
 * @typedef {object} Proofreading
 * @property {string | null} layer
 * @property {string} [other]
 * @property {string[]} [phases]
 * @property {PlaceFacts[]} places
 * @property {{sentence: string} | null} [searched]  the part that was looked through; null for all of it
 * @property {number} [left]
 * @property {number} [count]
 * @property {string | null} next
 * @property {{title: string, task: string, done: number, total: number, seconds_left: number | null} | null} task
 * @property {string} error
 * @property {import("./numbers.js").Numbers | null} [numbers]
 * @property {boolean} [numbers_are_new]
 * @property {string | null} [corrected]  path of the corrected segmentation, once it is saved
 * @property {Record<string, string>} kinds
 */

/** What is done, what went wrong, or how much is left to look at. @param {Proofreading} facts */
export function describe(facts) {
  if (facts.error) return plainWords(facts.error);
  if (facts.task) {
    const { task, seconds_left: left } = facts.task;
    return `${capital(task)} …${left === null ? "" : ` ${writeSeconds(left)} left`}`;
  }
  if (facts.layer === null) return "Choose a segmentation, and look for the places that change its numbers most.";
  const part = facts.searched ? ` ${facts.searched.sentence}` : "";
  if (facts.places.length === 0) return facts.searched ? `No place to look at there.${part}` : "No place to look at.";
  return `${facts.left} of ${facts.places.length} places are open; ${facts.count} decisions.${part}`;
}
