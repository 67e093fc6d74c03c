// Numbers of surfaces, as they are packed into a page (keramos.reports.surface.packing): base64 of deflated bytes.

/** @param {string} text */
async function inflate(text) {
  const raw = atob(text), packed = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) packed[i] = raw.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Whole numbers of 16 bits: their differences were kept, low bytes before high bytes. @param {string} text */
async function unpack(text) {
  const bytes = await inflate(text), count = bytes.length / 2, numbers = new Uint16Array(count);
  for (let i = 0, last = 0; i < count; i++) numbers[i] = last += bytes[i] | (bytes[count + i] << 8);
  return numbers;
}

/**
 * The numbers of one surface: places of the corners (x y z of each), normals (four of each corner), corners of triangles.
 * @param {{vertices: string, normals: string, triangles: string}} packed
 */
export async function unpackSurface(packed) {
  const [columns, normals, triangles] = await Promise.all([unpack(packed.vertices), inflate(packed.normals), unpack(packed.triangles)]);
  const count = columns.length / 3, places = new Int16Array(columns.length);
  for (let i = 0; i < places.length; i++) places[i] = columns[(i % 3) * count + Math.floor(i / 3)];
  return { places, normals: new Int8Array(normals.buffer), triangles };
}
