// The 3-D view of surfaces: triangles in parallel projection, so that the scale bar holds everywhere. WebGL 1, no library.
// For the report, whose page holds it with the files that it imports, and for the studio, which loads them.
import { EDGES, writeBar, writeLengths } from "./surface_labels.js";
import { makeProgram } from "./surface_shaders.js";
import { HOME, listenToTurning } from "./surface_turning.js";
import { unpackSurface } from "./surface_unpacking.js";

/**
 * @typedef {object} Surface
 * @property {string} name
 * @property {number[]} colour  red, green, blue from 0 to 1
 * @property {number[]} box  half of the edges along x, y, z, as parts of the longest
 * @property {number} extent  nm, or voxels, of a unit of the box's scale
 * @property {string[]} lengths  of the edges, in words
 * @property {number} count  of triangles
 * @property {string} vertices  packed, as are the others
 * @property {string} normals
 * @property {string} triangles
 */
/** @typedef {number[]} Vector */

/**
 * Shows surfaces in the parts of `root`: canvas, surface (the choice), x, y, z, bar-line and bar-text; view, still and
 * missing are shown or hidden by whether the browser has WebGL.
 * @param {HTMLElement} root
 * @param {SurfaceData} data
 * @typedef {object} SurfaceData
 * @property {Surface[]} surfaces
 * @property {boolean} physical  whether lengths are nm
 */
export function showSurface(root, data) {
  /** @param {string} name */
  const part = (name) => /** @type {HTMLElement} */ (root.querySelector(`[data-part="${name}"]`));
  const canvas = /** @type {HTMLCanvasElement} */ (part("canvas")), choice = /** @type {HTMLSelectElement} */ (part("surface"));
  const context = canvas.getContext("webgl", { antialias: true, alpha: true, premultipliedAlpha: true });
  if (!context) {
    root.dataset.webgl = "none";
    part("missing").hidden = false;
    return;
  }
  const gl = context;

  const state = { ...HOME, surface: 0 };
  let at = { place: 0, normal: 0 }, waiting = false;
  /** @type {Record<string, WebGLUniformLocation | null>} */
  let uniform = {};
  /** @type {WebGLBuffer | null} */
  let lines = null;
  /** @type {Map<number, Record<"places" | "normals" | "triangles", WebGLBuffer | null>>} */
  const buffers = new Map();
  const loading = new Set();

  /** @param {number} kind @param {BufferSource} values */
  function buffer(kind, values) {
    const made = gl.createBuffer();
    gl.bindBuffer(kind, made);
    gl.bufferData(kind, values, gl.STATIC_DRAW);
    return made;
  }

  /** @param {number} i */
  async function load(i) {
    if (loading.has(i)) return;
    loading.add(i);
    try {
      const { places, normals, triangles } = await unpackSurface(data.surfaces[i]);
      buffers.set(i, {
        places: buffer(gl.ARRAY_BUFFER, places),
        normals: buffer(gl.ARRAY_BUFFER, normals),
        triangles: buffer(gl.ELEMENT_ARRAY_BUFFER, triangles),
      });
      draw();
    } catch (error) {
      giveUp(error);
    }
  }

  function setUp() {
    const program = makeProgram(gl);
    gl.useProgram(program);
    at = { place: gl.getAttribLocation(program, "place"), normal: gl.getAttribLocation(program, "normal") };
    uniform = {};
    for (const name of ["turn", "face", "scale", "box", "colour", "flat_colour"]) {
      uniform[name] = gl.getUniformLocation(program, name);
    }
    buffers.clear();
    loading.clear();
    lines = gl.createBuffer();
    gl.enable(gl.DEPTH_TEST);
  }

  // Rows: right, up and towards the viewer. In the data x runs right, y down and z away from the viewer.
  function turn() {
    const [cy, sy, cp, sp] = [Math.cos(state.yaw), Math.sin(state.yaw), Math.cos(state.pitch), Math.sin(state.pitch)];
    return [[cy, 0, -sy], [sp * sy, -cp, sp * cy], [-cp * sy, -sp, -cp * cy]];
  }

  function scale() {
    // Half of the box's diagonal fits the smaller side of the canvas at zoom 1, whatever the turn.
    const box = data.surfaces[state.surface].box;
    const reach = Math.hypot(...box) * 1.12;
    const aspect = canvas.clientWidth / Math.max(1, canvas.clientHeight);
    const unit = state.zoom / reach;
    return { x: unit * Math.min(1, 1 / aspect), y: unit * Math.min(1, aspect), z: -0.4 / Math.max(1, reach), reach };
  }

  function draw() {
    waiting = false;
    if (gl.isContextLost()) return;
    const held = buffers.get(state.surface);
    if (!held) {
      void load(state.surface);
      return;
    }
    const item = data.surfaces[state.surface], rows = turn(), size = scale();
    const dots = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((n) => Math.max(1, Math.round(n * dots)));
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const columns = [0, 1, 2].flatMap((c) => rows.map((row) => row[c]));
    // The two shaders keep numbers in different precision: each has its own copy.
    gl.uniformMatrix3fv(uniform.turn, false, new Float32Array(columns));
    gl.uniformMatrix3fv(uniform.face, false, new Float32Array(columns));
    gl.uniform3f(uniform.scale, size.x, size.y, size.z);
    gl.uniform3fv(uniform.box, item.box);
    outline(item);
    gl.uniform1f(uniform.flat_colour, 0);
    gl.uniform3fv(uniform.colour, item.colour);
    gl.bindBuffer(gl.ARRAY_BUFFER, held.places);
    gl.enableVertexAttribArray(at.place);
    gl.vertexAttribPointer(at.place, 3, gl.SHORT, true, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, held.normals);
    gl.enableVertexAttribArray(at.normal);
    gl.vertexAttribPointer(at.normal, 4, gl.BYTE, true, 0, 0);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, held.triangles);
    gl.drawElements(gl.TRIANGLES, 3 * item.count, gl.UNSIGNED_SHORT, 0);
    writeLengths(part, item, rows, size);
    writeBar(part, data.physical, item, size);
    Object.assign(root.dataset, { yaw: state.yaw.toFixed(3), pitch: state.pitch.toFixed(3), zoom: state.zoom.toFixed(3) });
    root.dataset.drawn = String(state.surface);
    root.dataset.triangles = String(item.count);
    root.dataset.error = String(gl.getError());
  }

  /** @param {Surface} item */
  function outline(item) {
    const ends = EDGES.flatMap(([a, b]) => [...a, ...b].map((v, i) => v * item.box[i % 3]));
    gl.bindBuffer(gl.ARRAY_BUFFER, lines);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(ends), gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(at.place);
    gl.vertexAttribPointer(at.place, 3, gl.FLOAT, false, 0, 0);
    gl.disableVertexAttribArray(at.normal);
    gl.vertexAttrib4f(at.normal, 0, 0, 1, 1);
    gl.uniform1f(uniform.flat_colour, 1);
    gl.uniform3fv(uniform.colour, ink());
    gl.drawArrays(gl.LINES, 0, 2 * EDGES.length);
  }

  function ink() {
    const numbers = getComputedStyle(canvas).color.match(/[\d.]+/g) ?? [128, 128, 128];
    return [...numbers].slice(0, 3).map((v) => Number(v) / 255);
  }

  function redraw() {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(draw);
    }
  }

  /** @param {Partial<typeof state>} values */
  function change(values) {
    Object.assign(state, values);
    state.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, state.pitch));
    state.zoom = Math.max(0.5, Math.min(12, state.zoom));
    redraw();
  }

  listenToTurning(canvas, state, change);
  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  canvas.addEventListener("webglcontextrestored", () => { setUp(); redraw(); });
  choice.addEventListener("change", () => change({ surface: Number(choice.value) }));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  data.surfaces.forEach((item, i) => choice.append(new Option(item.name, String(i))));
  part("view").hidden = false;
  part("still").hidden = true;
  try {
    setUp();
    draw();
    // At once: a frame later the old picture would be seen stretched.
    new ResizeObserver(draw).observe(canvas);
    root.dataset.webgl = "ok";
  } catch (error) {
    giveUp(error);
  }

  /** @param {unknown} error */
  function giveUp(error) {
    console.error(error);
    root.dataset.webgl = "failed";
    part("view").hidden = true;
    part("still").hidden = false;
    part("missing").hidden = false;
  }
}
