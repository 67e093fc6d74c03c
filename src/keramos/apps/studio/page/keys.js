/** One table of keys: what each does, in which words "?" shows it, and the listener that runs it. */
import { byId, make } from "./dom.js";

/**
 * @typedef {object} Key
 * @property {string} keys  as typed: "Ctrl+Shift+Z", "PageDown", "?"; several with a blank between
 * @property {string} group
 * @property {string} does
 * @property {(event: KeyboardEvent) => void} run
 * @property {() => void} [release]  for keys that are held
 */

/** Keys whose name on the event is not what one reads on them. */
/** @type {Record<string, string>} */
const NAMES = { " ": "Space", ArrowLeft: "Left", ArrowRight: "Right", ArrowUp: "Up", ArrowDown: "Down", Escape: "Esc" };

/** @param {KeyboardEvent} event */
function combination(event) {
  const name = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const letter = /^[A-Z]$/.test(name);
  const shift = event.shiftKey && (letter || name.length > 1);
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${name}`;
}

/** Whether the key belongs to a field in which one types. @param {KeyboardEvent} event */
function isTyping(event) {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const field = target.closest("input, select, textarea, [contenteditable]");
  if (field instanceof HTMLInputElement && ["checkbox", "radio", "range", "button"].includes(field.type)) {
    return ["Left", "Right", "Up", "Down", "Space", "Home", "End", "PageUp", "PageDown"].includes(combination(event).replace("Shift+", ""));
  }
  return field !== null || (target.closest("button, summary, [role=tab]") !== null && ["Space", "Enter"].includes(combination(event)));
}

/** The keys of an entry as the table shows them: the four arrows in one. @param {string} keys */
const inShort = (keys) => (/^(.*)Left \1Right \1Up \1Down$/.test(keys) ? [keys.replace(/Left .*/, "arrows")] : keys.split(" "));

export class Keys {
  constructor() {
    /** @type {Key[]} */
    this.table = [];
    /** @type {Map<string, Key>} */
    this.byCombination = new Map();
    /** @type {Map<string, Key | null>} keys down now, by the name of the key without modifiers */
    this.held = new Map();
    this.lettersOn = true;
    window.addEventListener("keydown", (event) => this.press(event));
    window.addEventListener("keyup", (event) => this.letGo(event));
    window.addEventListener("blur", () => [...this.held.keys()].forEach((name) => this.release(name)));
  }

  /** Adds keys to the table; the later of two entries for one key holds. @param {...Key} keys */
  add(...keys) {
    for (const key of keys) {
      this.table = this.table.filter((other) => other.keys !== key.keys);
      this.table.push(key);
      for (const name of key.keys.split(" ")) this.byCombination.set(name, key);
    }
  }

  /** @param {string} name */
  isHeld(name) {
    return this.held.has(name);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.defaultPrevented || isTyping(event) || document.querySelector("dialog[open]")) return;
    const name = combination(event), key = this.byCombination.get(name);
    if (!this.lettersOn && event.key.length === 1 && event.key !== "?" && !event.ctrlKey && !event.metaKey) return;
    if (name === "Space") this.held.set(name, key ?? null);
    if (name === "Space" || key) event.preventDefault();
    if (!key || (key.release && this.held.has(name))) return;
    if (key.release) this.held.set(name, key);
    key.run(event);
  }

  /** @param {KeyboardEvent} event */
  letGo(event) {
    const name = combination(event).split("+").at(-1) ?? "";
    for (const held of [...this.held.keys()]) if (held.split("+").at(-1) === name) this.release(held);
  }

  /** @param {string} name */
  release(name) {
    this.held.get(name)?.release?.();
    this.held.delete(name);
  }

  /** Shows the table. */
  showHelp() {
    const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
    const groups = new Map(this.table.map((key) => [key.group, /** @type {Key[]} */ ([])]));
    for (const key of this.table) groups.get(key.group)?.push(key);
    byId("help-table").replaceChildren(...[...groups].map(([title, keys]) => make("section", {},
      make("h3", {}, title),
      make("dl", {}, ...keys.flatMap((key) => [
        make("dt", {}, ...inShort(key.keys).map((name) => make("kbd", {}, name))), make("dd", {}, key.does),
      ])),
    )));
    dialog.showModal();
  }
}
