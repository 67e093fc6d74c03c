// The shaders of the 3-D view of surfaces.

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

/** @param {WebGLRenderingContext} gl @param {number} kind @param {string} source */
function compile(gl, kind, source) {
  const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(gl.getShaderInfoLog(shader) ?? "no shader");
  }
  return shader;
}

/** The program that draws surfaces. @param {WebGLRenderingContext} gl */
export function makeProgram(gl) {
  const program = /** @type {WebGLProgram} */ (gl.createProgram());
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, VERTEX));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, FRAGMENT));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(gl.getProgramInfoLog(program) ?? "no program");
  }
  return program;
}
