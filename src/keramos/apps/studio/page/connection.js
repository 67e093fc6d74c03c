/** The line to the server: requests, tiles, and a socket whose messages are kept until the server has saved them. */
/** @import {TileAddress} from "./types.js" */

/** The key by which the server knows this window's requests; none before the socket is open. */
let key = "";

/**
 * The server's answer as JSON; what it refuses is an error with its sentence.
 * @param {string} path @param {unknown} [body]  sent by POST if there is one @param {string} [method]
 * @returns {Promise<any>}
 */
export async function request(path, body, method) {
  const headers = { "Content-Type": "application/json", "X-Page": key };
  const options = body === undefined ? { headers } : { body: JSON.stringify(body), headers };
  const answer = await fetch(path, { method: method ?? (body === undefined ? "GET" : "POST"), ...options });
  const facts = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(facts.error ?? `the server answered ${answer.status} to ${path}`);
  return facts;
}

/**
 * A tile of a plane. The page keeps tiles itself: the browser is not to keep them, too.
 * @param {TileAddress} address
 */
export async function fetchTile({ layer, plane, level, index, row, column }) {
  const path = `/tiles/${encodeURIComponent(layer)}/${plane}/${level}/${index}/${row}/${column}`;
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? `no tile (${answer.status})`);
  const [height, width] = (answer.headers.get("X-Shape") ?? "0,0").split(",").map(Number);
  const bytes = await answer.arrayBuffer();
  const codes = answer.headers.get("X-Type") === "uint16" ? new Uint16Array(bytes) : new Uint8Array(bytes);
  if (codes.length !== width * height) throw new Error(`a tile of ${codes.length} instead of ${width * height} voxels came`);
  return { codes, width, height };
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
/** How soon it is tried again to save what could not be written. */
const SAVE_AGAIN_MS = 2000;

/** @typedef {{type: string, id: number, [name: string]: unknown}} Kept */

export class Connection {
  /**
   * @param {(message: any) => void} receive
   * @param {(change: {connected?: boolean, unsaved?: number, shutOut?: boolean, unwritable?: string}) => void} tell
   */
  constructor(receive, tell) {
    this.receive = receive;
    this.tell = tell;
    /** @type {Map<number, Kept>} what the server has not yet saved, in order */
    this.kept = new Map();
    // Two pages never give the same number to two things: the server takes a number it knows for one sent twice.
    this.next = Date.now() * 1000 + Math.floor(Math.random() * 1000);
    this.wait = FIRST_WAIT_MS;
    /** Whether the server has said, since the line is open, that this window draws. */
    this.mayWrite = false;
    /** Whether the server could not write what it was sent last: the rest waits then. */
    this.isHeld = false;
    /** @type {WebSocket | null} */
    this.socket = null;
  }

  open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket`);
    this.socket = socket;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      this.wait = FIRST_WAIT_MS;
      this.tell({ connected: true, shutOut: false });
    });
    socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      this.mayWrite = false;
      this.tell({ connected: false });
      if (!opened) void this.askWhy();
      setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(LONGEST_WAIT_MS, 2 * this.wait);
    });
  }

  /** Finds out whether the server is there and does not know this window: it was started anew. */
  async askWhy() {
    const answer = await fetch("/api/project", { cache: "no-store" }).catch(() => null);
    this.tell({ shutOut: answer?.status === 403 });
  }

  /** @param {any} message */
  take(message) {
    if (message.type === "writer") {
      key = message.page;
      this.setWriting(message.mine);
    }
    if (message.type === "refused" && message.again && this.kept.has(message.id)) return this.hold(message.message);
    const isOwn = (message.type === "saved" || message.type === "refused") && this.kept.delete(message.id);
    if (isOwn) this.tell({ unsaved: this.kept.size });
    this.receive(message);
    if (isOwn && this.isHeld) this.letGo();
  }

  /**
   * Sends what must not be lost: kept, and sent again after a break, until the server has answered. Gives its number.
   * @param {{type: string, [name: string]: unknown}} message
   */
  sendKept(message) {
    const id = this.next++;
    this.kept.set(id, { ...message, id });
    this.tell({ unsaved: this.kept.size });
    if (this.mayWrite && !this.isHeld) this.send({ ...message, id });
    return id;
  }

  /** Keeps everything, since the server cannot write, and tries the first of it again and again. @param {string} why */
  hold(why) {
    this.tell({ unwritable: why });
    if (this.isHeld && this.again !== undefined) return;
    this.isHeld = true;
    this.again = setTimeout(() => {
      this.again = undefined;
      const [first] = this.kept.values();
      if (first && this.mayWrite) this.send(first);
      else if (this.kept.size > 0) this.hold(why);
    }, SAVE_AGAIN_MS);
  }

  /** Sends the rest once the first that could not be written is saved. */
  letGo() {
    clearTimeout(this.again);
    this.again = undefined;
    this.isHeld = false;
    this.tell({ unwritable: "" });
    for (const message of this.kept.values()) this.send(message);
  }

  /** Sends what was kept as soon as this window is the one that may draw. @param {boolean} mine */
  setWriting(mine) {
    if (mine && !this.mayWrite && !this.isHeld) for (const message of this.kept.values()) this.send(message);
    this.mayWrite = mine;
  }

  /** Sends what may be lost. @param {object} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
