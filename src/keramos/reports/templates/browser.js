// The slice browser: an image, labels laid over it, a slider over z. Nothing is loaded: all pictures are in the page.
(() => {
  "use strict";
  const root = document.getElementById("slice-browser");
  const data = JSON.parse(document.getElementById("slice-browser-data").textContent);
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const canvas = part("canvas"), slider = part("z"), blend = part("blend"), choice = part("layer");
  const context = canvas.getContext("2d");
  const last = data.slices.length - 1;
  const state = { at: data.start, layer: data.layers.length ? 0 : -1, blend: 0.5 };
  const images = new Map();

  function sprite(uri) {
    let image = images.get(uri);
    if (!image) {
      image = new Image();
      image.onload = draw;
      image.src = uri;
      images.set(uri, image);
    }
    return image.complete && image.naturalWidth ? image : null;
  }

  function tile(sprites, alpha) {
    const image = sprite(sprites[Math.floor(state.at / data.perSprite)]);
    if (!image) return false;
    context.globalAlpha = alpha;
    const top = (state.at % data.perSprite) * data.tile;
    context.drawImage(image, 0, top, data.width, data.height, 0, 0, data.width, data.height);
    return true;
  }

  function draw() {
    const layer = data.layers[state.layer];
    const ready = !layer || sprite(layer.sprites[Math.floor(state.at / data.perSprite)]);
    // The last picture stays until the next is there: no flicker.
    if (!sprite(data.grey[Math.floor(state.at / data.perSprite)]) || !ready) return;
    tile(data.grey, 1);
    if (layer) tile(layer.sprites, state.blend);
    root.dataset.drawn = data.slices[state.at];
  }

  function legend() {
    const list = part("legend");
    list.replaceChildren();
    for (const [colour, meaning] of state.layer < 0 ? [] : data.layers[state.layer].legend) {
      const item = document.createElement("li"), swatch = document.createElement("i");
      swatch.style.background = colour;
      item.append(swatch, meaning);
      list.append(item);
    }
  }

  function show(change) {
    Object.assign(state, change);
    state.at = Math.max(0, Math.min(last, state.at));
    const where = data.where[state.at];
    slider.value = state.at;
    slider.setAttribute("aria-valuetext", where);
    blend.value = Math.round(100 * state.blend);
    blend.disabled = state.layer < 0;
    choice.value = state.layer;
    part("where").textContent = where;
    part("annotated").hidden = !data.annotated[state.at];
    root.dataset.z = data.slices[state.at];
    root.dataset.layer = state.layer;
    root.dataset.blend = blend.value;
    draw();
  }

  function choose(layer) {
    show({ layer });
    legend();
  }

  function fromAddress() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const number = (name) => (wanted.has(name) && isFinite(wanted.get(name)) ? Number(wanted.get(name)) : null);
    const z = number("z"), layer = number("layer"), share = number("blend");
    if (z !== null) {
      let near = 0;
      data.slices.forEach((slice, i) => { if (Math.abs(slice - z) < Math.abs(data.slices[near] - z)) near = i; });
      show({ at: near });
    }
    if (share !== null) show({ blend: Math.max(0, Math.min(100, share)) / 100 });
    if (layer !== null && Number.isInteger(layer) && layer >= -1 && layer < data.layers.length) choose(layer);
  }

  const keys = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -1e9, End: 1e9 };
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show({ at: state.at + keys[event.key] });
  });
  slider.addEventListener("input", () => show({ at: Number(slider.value) }));
  blend.addEventListener("input", () => show({ blend: Number(blend.value) / 100 }));
  choice.addEventListener("change", () => choose(Number(choice.value)));
  window.addEventListener("hashchange", fromAddress);

  canvas.width = data.width;
  canvas.height = data.height;
  const stage = part("stage");
  stage.style.aspectRatio = data.aspect;
  stage.style.maxWidth = `min(100%, ${(72 * data.aspect).toFixed(2)}vh)`;
  if (data.width < 400) canvas.style.imageRendering = "pixelated";
  if (data.bar) {
    part("bar-line").style.width = `${100 * data.bar.share}%`;
    part("bar-text").textContent = data.bar.text;
    part("bar").hidden = false;
  }
  [["image only", -1], ...data.layers.map((layer, i) => [layer.name, i])].forEach(([name, i]) => {
    choice.append(new Option(name, i));
  });
  slider.max = last;
  part("slide").hidden = last === 0;
  part("overlay").hidden = data.layers.length === 0;
  root.hidden = false;
  choose(state.layer);
  fromAddress();
  root.dataset.ready = "yes";
})();
