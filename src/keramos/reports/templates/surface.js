// The 3-D view of surfaces: triangles in parallel projection, so that the scale bar holds everywhere. WebGL 1, no library.
// One file for the report, which holds it, and for the studio, which loads it. No two opening braces may stand together
// here: the report's templates would take them for theirs.

/**
 * @typedef {object} Surface
 * @property {string} name
 * @property {number[]} colour  red, green, blue from 0 to 1
 * @property {number[]} box  half of the edges along x, y, z, as parts of the longest
 * @property {number} extent  nm, or voxels, of a unit of the box's scale
 * @property {string[]} lengths  of the edges, in words
 * @property {number} count  of triangles
 * @property {string} vertices  base64 of 16-bit numbers
 * @property {string} normals  base64 of 8-bit numbers
 * @property {string} triangles  base64 of 16-bit numbers
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

  const VERTEX = `
    attribute vec3 place; attribute vec4 normal;
    uniform mat3 turn; uniform vec3 scale;
    varying vec3 facing; varying vec3 inside; varying float opened;
    void main() {
      vec3 turned = turn * place;
      facing = normal.xyz; opened = normal.w; inside = place;
      gl_Position = vec4(turned.xy * scale.xy, turned.z * scale.z, 1.0);
    }`;
  const FRAGMENT = `
    precision mediump float;
    uniform mat3 face; uniform vec3 colour; uniform vec3 box; uniform float flat_colour;
    varying vec3 facing; varying vec3 inside; varying float opened;
    void main() {
      if (flat_colour > 0.5) { gl_FragColor = vec4(colour, 1.0) * 0.75; return; }
      vec3 n = normalize(facing);
      // Where the volume was cut, the surface is flat and paler.
      vec3 beyond = abs(inside) - box * 0.996;
      float cut = 0.0;
      if (beyond.x > 0.0 && abs(n.x) > 0.3) { n = vec3(sign(inside.x), 0.0, 0.0); cut = 1.0; }
      else if (beyond.y > 0.0 && abs(n.y) > 0.3) { n = vec3(0.0, sign(inside.y), 0.0); cut = 1.0; }
      else if (beyond.z > 0.0 && abs(n.z) > 0.3) { n = vec3(0.0, 0.0, sign(inside.z)); cut = 1.0; }
      n = normalize(face * n);
      float key = max(dot(n, normalize(vec3(-0.3, 0.6, 0.8))), 0.0);
      float fill = max(dot(n, normalize(vec3(0.8, 0.1, 0.4))), 0.0);
      float sky = 0.5 + 0.5 * n.y;
      float shade = mix(0.22 + 0.78 * opened, 1.0, cut);
      vec3 base = mix(colour, mix(colour, vec3(1.0), 0.35), cut);
      vec3 lit = base * mix(1.0, 1.06, cut) * ((0.30 + 0.16 * sky) * shade + (0.60 * key + 0.16 * fill) * (0.45 + 0.55 * shade));
      float shine = pow(max(dot(n, normalize(vec3(-0.16, 0.32, 0.95))), 0.0), 28.0) * 0.16 * shade * (1.0 - cut);
      gl_FragColor = vec4(lit + shine, 1.0);
    }`;

  /** @param {number} kind @param {string} source */
  function compiled(kind, source) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getShaderInfoLog(shader) ?? "no shader");
    }
    return shader;
  }

  const HOME = { yaw: -0.55, pitch: 0.42, zoom: 1 };
  const state = { ...HOME, surface: 0 };
  let at = { place: 0, normal: 0 }, waiting = false;
  /** @type {Record<string, WebGLUniformLocation | null>} */
  let uniform = {};
  /** @type {WebGLBuffer | null} */
  let lines = null;
  /** @type {Map<number, Record<"places" | "normals" | "triangles", WebGLBuffer | null>>} */
  const buffers = new Map();

  /** @param {string} text */
  function bytes(text) {
    const raw = atob(text), out = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  }

  /** @param {number} kind @param {BufferSource} values */
  function buffer(kind, values) {
    const made = gl.createBuffer();
    gl.bindBuffer(kind, made);
    gl.bufferData(kind, values, gl.STATIC_DRAW);
    return made;
  }

  /** @param {number} i */
  function surface(i) {
    let held = buffers.get(i);
    if (!held) {
      const item = data.surfaces[i];
      held = {
        places: buffer(gl.ARRAY_BUFFER, new Int16Array(bytes(item.vertices).buffer)),
        normals: buffer(gl.ARRAY_BUFFER, new Int8Array(bytes(item.normals).buffer)),
        triangles: buffer(gl.ELEMENT_ARRAY_BUFFER, new Uint16Array(bytes(item.triangles).buffer)),
      };
      buffers.set(i, held);
    }
    return held;
  }

  function setUp() {
    const program = /** @type {WebGLProgram} */ (gl.createProgram());
    gl.attachShader(program, compiled(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(program, compiled(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(program) ?? "no program");
    }
    gl.useProgram(program);
    at = { place: gl.getAttribLocation(program, "place"), normal: gl.getAttribLocation(program, "normal") };
    uniform = {};
    for (const name of ["turn", "face", "scale", "box", "colour", "flat_colour"]) {
      uniform[name] = gl.getUniformLocation(program, name);
    }
    buffers.clear();
    lines = gl.createBuffer();
    gl.enable(gl.DEPTH_TEST);
  }

  // Rows: right, up and towards the viewer. In the data x runs right, y down and z away from the viewer.
  function turn() {
    const [cy, sy, cp, sp] = [Math.cos(state.yaw), Math.sin(state.yaw), Math.cos(state.pitch), Math.sin(state.pitch)];
    return [[cy, 0, -sy], [sp * sy, -cp, sp * cy], [-cp * sy, -sp, -cp * cy]];
  }

  /** @type {Vector[]} */
  const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i & 1 ? 1 : -1, i & 2 ? 1 : -1, i & 4 ? 1 : -1]);
  /** @type {[Vector, Vector, number][]} */
  const EDGES = [];
  CORNERS.forEach((a, i) => CORNERS.forEach((b, j) => {
    const axes = [0, 1, 2].filter((k) => a[k] !== b[k]);
    if (i < j && axes.length === 1) EDGES.push([a, b, axes[0]]);
  }));

  /** @param {Vector[]} rows @param {Vector} v */
  const times = (rows, v) => rows.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);

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
    const held = surface(state.surface);
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
    words(item, rows, size);
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

  /** @param {Surface} item @param {Vector[]} rows @param {ReturnType<typeof scale>} size */
  function words(item, rows, size) {
    const middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
    ["x", "y", "z"].forEach((name, axis) => {
      // The edge farthest out is in front of nothing.
      /** @type {null | {far: number, place: number[]}} */
      let best = null;
      for (const [a, b, along] of EDGES) {
        if (along !== axis) continue;
        const [right, up] = times(rows, a.map((v, i) => (v + b[i]) / 2 * item.box[i]));
        const spot = [right * size.x * middle[0], -up * size.y * middle[1]];
        const far = Math.hypot(...spot) + 0.01 * spot[1];
        if (!best || far > best.far) best = { far, place: spot };
      }
      const label = part(name);
      label.textContent = `${name} ${item.lengths[axis]}`;
      if (!best) return;
      const place = best.place, farthest = best.far;
      /** @param {number} value @param {number} half */
      const limit = (value, half) => Math.max(-half, Math.min(half, value));
      const half = [label.offsetWidth / 2 + 2, label.offsetHeight / 2 + 2];
      // Beside the edge: pushed outwards by as much as the words are wide and high.
      const [across, down] = place.map((v) => Math.abs(v) / Math.max(1, farthest));
      const out = 1 + (6 + across * half[0] + down * half[1]) / Math.max(1, farthest);
      const x = middle[0] + limit(place[0] * out, middle[0] - half[0]);
      const y = middle[1] + limit(place[1] * out, middle[1] - half[1]);
      label.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
    });
    bar(item, size);
  }

  /** @param {Surface} item @param {ReturnType<typeof scale>} size */
  function bar(item, size) {
    const wide = item.extent / size.x;  // nm across the canvas
    const power = 10 ** Math.floor(Math.log10(0.25 * wide));
    const nm = [5, 2, 1].map((step) => step * power).find((step) => step <= 0.25 * wide) || power;
    part("bar-line").style.width = `${100 * nm / wide}%`;
    const text = nm >= 1e6 ? `${nm / 1e6} mm` : nm >= 1e3 ? `${nm / 1e3} µm` : `${+nm.toPrecision(2)} nm`;
    part("bar-text").textContent = data.physical ? text : `${+nm.toPrecision(2)} voxels`;
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

  /** @type {Map<number, number[]>} */
  const pointers = new Map();
  const apart = () => {
    const [a, b] = [...pointers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const far = pointers.size === 2 ? apart() : 0;
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (pointers.size === 2) change({ zoom: state.zoom * apart() / Math.max(1, far) });
    if (pointers.size > 1) return;
    const pace = Math.PI / Math.max(200, canvas.clientWidth);
    change({
      yaw: state.yaw + (event.clientX - before[0]) * pace, pitch: state.pitch + (event.clientY - before[1]) * pace,
    });
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    canvas.addEventListener(name, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener("wheel", (event) => {
    // Who only scrolls by keeps scrolling: the wheel zooms once the view was clicked.
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    change({ zoom: state.zoom * Math.exp(-Math.max(-100, Math.min(100, event.deltaY)) * 0.002) });
  }, { passive: false });
  canvas.addEventListener("dblclick", () => change(HOME));
  /** @type {Record<string, () => Partial<typeof state>>} */
  const keys = {
    ArrowLeft: () => ({ yaw: state.yaw - 0.12 }), ArrowRight: () => ({ yaw: state.yaw + 0.12 }),
    ArrowUp: () => ({ pitch: state.pitch - 0.12 }), ArrowDown: () => ({ pitch: state.pitch + 0.12 }),
    "+": () => ({ zoom: state.zoom * 1.2 }), "=": () => ({ zoom: state.zoom * 1.2 }),
    "-": () => ({ zoom: state.zoom / 1.2 }), 0: () => HOME, Home: () => HOME,
  };
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    change(keys[event.key]());
  });
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
    console.error(error);
    root.dataset.webgl = "failed";
    part("view").hidden = true;
    part("still").hidden = false;
    part("missing").hidden = false;
  }
}
