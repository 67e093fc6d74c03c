"""Good files of every kind that Keramos reads, and ways to spoil them. Used by hostile_inputs.py."""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import struct
import zlib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import h5py
import mrcfile
import numcodecs
import numpy as np
import tifffile
import torch
import zarr
from PIL import Image
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

from keramos.core import VOID_SOLID, Box, VoxelSize
from keramos.io import create_labels, create_scores, save_volume
from keramos.io.images import open_volume
from keramos.networks import ModelCard, Normalisation, Training, build_network, phase_rows, save_checkpoint
from keramos.networks.keras_unet import _places

SIZE = VoxelSize(20, 5, 5)
RECIPE = """
out = "run"
device = "cpu"
[stack]
images = "stack.tif"
voxel_size = [20, 5, 5]
box = "0:3,0:20,0:20"
[train]
labels = "labels.tif"
model = "compact"
budget = 3
slices = [1, 2]
seed = 4
[segment]
threshold = 0.5
memory = "2GiB"
scores = true
[evaluate]
truth = "truth.tif"
leave_out = ["1-2"]
[quantify]
transport = false
[[export]]
to = ["tiff", "vti"]
[report]
leave_out = [3]
"""


def grey() -> np.ndarray:
    rng = np.random.default_rng(3)
    return (60 + 90 * (rng.random((6, 32, 40)) < 0.6) + rng.integers(0, 20, (6, 32, 40))).astype(np.uint8)


def build_seeds(folder: Path) -> dict[str, Path]:
    """Good files by kind; the kind's first word says how it is opened."""
    stack = grey()
    made: dict[str, Path] = {}

    def place(kind: str, name: str) -> Path:
        made[kind] = folder / kind.replace(" ", "-") / name
        made[kind].parent.mkdir(parents=True, exist_ok=True)
        return made[kind]

    tifffile.imwrite(place("image tiff", "a.tif"), stack)
    tifffile.imwrite(place("image tiff zlib", "a.tif"), stack, compression="zlib", tile=(16, 16))
    tifffile.imwrite(place("image tiff lzw", "a.tif"), stack.astype("u2"), compression="lzw", rowsperstrip=8)
    tifffile.imwrite(place("image tiff big", "a.tif"), stack, bigtiff=True, compression="zstd")
    metadata = {"axes": "ZYX", "PhysicalSizeZ": 0.02, "PhysicalSizeY": 0.005, "PhysicalSizeX": 0.005}
    tifffile.imwrite(place("image tiff ome", "a.ome.tif"), stack, ome=True, metadata=metadata)
    tifffile.imwrite(place("image tiff imagej", "a.tif"), stack, imagej=True, metadata={"spacing": 20, "unit": "nm"})
    Image.fromarray(stack[0]).save(place("image png", "a.png"))
    Image.fromarray(stack[0].astype("u2")).save(place("image png 16", "a.png"))
    Image.fromarray(stack[0]).convert("P").save(place("labels png palette", "a.png"))
    Image.fromarray(stack[0]).save(place("image bmp", "a.bmp"))
    with mrcfile.new(place("image mrc", "a.mrc")) as mrc:
        mrc.set_data(stack.astype("i2"))
        mrc.voxel_size = (50, 50, 200)
    np.save(place("image npy", "a.npy"), stack)
    np.save(place("labels npy", "a.npy"), np.asfortranarray((stack > 100).astype("u1")))
    save_volume(place("image keramos", "a.ome.zarr"), open_volume(made["image tiff imagej"]))
    _labels(place("labels keramos", "a.ome.zarr"), stack)
    _zarr(place("image zarr2", "a.zarr"), stack, 2, compressors=numcodecs.Blosc())
    _zarr(place("image zarr2 gzip", "a.zarr"), stack, 2, compressors=numcodecs.GZip())
    _zarr(place("image zarr3", "a.zarr"), stack, 3, compressors=BloscCodec())
    _zarr(place("image zarr3 zstd", "a.zarr"), stack, 3, compressors=ZstdCodec())
    _zarr(place("image zarr3 shards", "a.zarr"), stack, 3, compressors=GzipCodec(), shards=(6, 32, 40))
    _model(place("model compact", "m.keramos"), "compact")
    _model(place("model otsu", "m.keramos"), "otsu")
    _model(place("model sauvola", "m.keramos"), "sauvola")
    _keras(place("unet h5", "unet.h5"))
    with gzip.open(place("dataset gz", "train_dataset.npy.gz"), "wb") as file:
        np.save(file, np.stack([stack / 255, stack > 100]).astype("f4")[..., None])
    place("recipe toml", "recipe.toml").write_text(RECIPE)
    return made


def _labels(path: Path, stack: np.ndarray) -> None:
    box = Box.whole(stack.shape)
    labels = create_labels(path, stack.shape, phases=VOID_SOLID, voxel_size=SIZE)
    labels.write(box, (stack > 100).astype("u1"))
    labels.finish()
    scores = create_scores(path, stack.shape, 2, voxel_size=SIZE, phases=VOID_SOLID)
    scores.write(box, np.stack([255 - stack, stack]))
    scores.finish()


def _zarr(path: Path, stack: np.ndarray, version: int, **codecs: Any) -> None:
    axes = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
    scale = [{"type": "scale", "scale": [20.0, 5.0, 5.0]}]
    image = {"axes": axes, "version": "0.4", "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    attributes = {"multiscales": [image]}
    attributes = attributes if version == 2 else {"ome": {"version": "0.5", **attributes}}
    group = zarr.create_group(path, zarr_format=version, attributes=attributes)
    group.create_array("0", shape=stack.shape, dtype=stack.dtype, chunks=(3, 16, 20), **codecs)[:] = stack


def _model(path: Path, architecture: str) -> None:
    torch.manual_seed(0)
    settings: dict[str, Any] = {"otsu": {"codes_by_grey": [0, 1], "scope": "slice"}, "sauvola": {"window": 25}}.get(
        architecture, {"classes": 2, "planes": 1, "width": 4, "levels": 3}
    )
    weights = build_network("compact", settings).state_dict() if architecture == "compact" else {}
    training = Training(
        images=("a.tif",), annotated_slices=((1,),), annotated_voxels=99, data_sha256="0", seed=1, steps=3, seconds=1.0,
        device="cpu", settings={"seed": 1}, grey_dtype="uint8", grey_range=(60.0, 170.0), curve=({"step": 1.0},),
    )  # fmt: skip
    card = ModelCard(
        architecture=architecture, architecture_settings=settings, phases=phase_rows(VOID_SOLID), positive=1,
        normalisation=Normalisation(mean=110, std=45), voxel_size_nm=SIZE.zyx, training=training,
        scores={"training_iou": 0.9}, versions={"keramos": "0"}, notes="a seed",
    )  # fmt: skip
    save_checkpoint(path, card, weights)


def _keras(path: Path) -> None:
    """A U-Net of width 2 as Keras saves it."""
    torch.manual_seed(0)
    network = build_network("unet", {"classes": 2, "width": 2})
    weights, layers = network.state_dict(), []
    names = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    with h5py.File(path, "w") as file:
        groups = file.create_group("model_weights")
        for number, (kind, at) in enumerate(_places(network)):
            name = f"layer_{number}"
            layers.append({"class_name": kind, "config": {"name": name}})
            group = groups.create_group(name)
            parts = names if kind == "BatchNormalization" else {"kernel": "weight"}
            group.attrs["weight_names"] = [f"{name}/{part}:0".encode() for part in parts]
            for part, ours in parts.items():
                tensor = weights[f"{at}.{ours}"]
                group[f"{name}/{part}:0"] = (tensor.permute(2, 3, 1, 0) if part == "kernel" else tensor).numpy()
        file.attrs["model_config"] = json.dumps({"config": {"layers": layers}})


EXTREMES = (0, 1, 255, -1, 2**15, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, 100_000, 7)
WORDS = (
    None,
    True,
    "",
    "x" * 3000,
    "\x1b[2J\x1b]0;own\x07",
    "../../x",
    [],
    {},
    [[]],
    -1,
    0,
    0.5,
    1e30,
    10**20,
    float("nan"),
)
WORDS += (float("inf"), -5, 2**40, [1] * 50, {"a": {"a": {"a": 1}}}, "<script>alert(1)</script>", "\u202egnp")


def spoil(seed: Path, into: Path, draw: random.Random) -> Path:
    """A spoilt copy of a good file or store in a folder."""
    target = into / seed.name
    if not seed.is_dir():
        target.write_bytes(_spoil_file(seed.name, seed.read_bytes(), draw))
        return target
    shutil.copytree(seed, target)
    files = sorted(path for path in target.rglob("*") if path.is_file())
    texts = [file for file in files if _is_text(file.name)]
    chosen = draw.choice(texts if draw.random() < 0.5 else files)
    chosen.write_bytes(_spoil_file(chosen.name, chosen.read_bytes(), draw))
    return target


def _is_text(name: str) -> bool:
    return name.endswith(".json") or name in (".zattrs", ".zarray", ".zgroup")


def _spoil_file(name: str, data: bytes, draw: random.Random) -> bytes:
    if _is_text(name) and draw.random() < 0.8:
        return _spoil_json(data, draw)
    if name.endswith(".keramos") and draw.random() < 0.85:
        return _spoil_card(data, draw)
    if name.endswith(".toml") and draw.random() < 0.8:
        return _spoil_toml(data.decode(), draw)
    if name.endswith(".gz") and draw.random() < 0.6:
        return gzip.compress(_spoil_bytes(gzip.decompress(data), draw), 1)
    if name.endswith(".png") and draw.random() < 0.7:
        return _spoil_png(data, draw)
    return _spoil_bytes(data, draw)


def _spoil_bytes(data: bytes, draw: random.Random) -> bytes:
    """One to four small faults, most of them in the header."""
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        head = max(1, min(len(changed), draw.choice((16, 64, 256, 1024, 10**9))))
        at = draw.randrange(head)
        if draw.random() < 0.3:  # the directory of a TIFF and the like stand at the end, too
            at = max(0, len(changed) - 1 - at)
        changed = draw.choice(_FAULTS)(changed, at, draw)
        if not changed:
            break
    return bytes(changed)


def _flip(data: bytearray, at: int, draw: random.Random) -> bytearray:
    data[at] ^= 1 << draw.randrange(8)
    return data


def _noise(data: bytearray, at: int, draw: random.Random) -> bytearray:
    stop = min(len(data), at + draw.choice((1, 2, 4, 16)))
    data[at:stop] = draw.randbytes(stop - at)
    return data


def _extreme(data: bytearray, at: int, draw: random.Random) -> bytearray:
    width, order = draw.choice((1, 2, 4, 4, 8)), draw.choice("<>")
    number = draw.choice(EXTREMES) % 256**width
    data[at : at + width] = number.to_bytes(width, "little" if order == "<" else "big")
    return data


def _digits(data: bytearray, _at: int, draw: random.Random) -> bytearray:
    """Another number where one is written in digits."""
    found = list(re.finditer(rb"[0-9]+", bytes(data[:4096])))
    if not found:
        return data
    match = draw.choice(found)
    new = draw.choice((b"0", b"-1", b"99999999999", b"1" * 40, b"1e999", b"nan", b"(" * 50, b"\xb2"))
    return data[: match.start()] + new + data[match.end() :]


def _cut(data: bytearray, at: int, draw: random.Random) -> bytearray:
    return data[: draw.choice((at, draw.randrange(len(data)), 0 if draw.random() < 0.1 else at))]


def _insert(data: bytearray, at: int, draw: random.Random) -> bytearray:
    return data[:at] + draw.randbytes(draw.choice((1, 4, 64))) + data[at:]


def _delete(data: bytearray, at: int, draw: random.Random) -> bytearray:
    return data[:at] + data[at + draw.choice((1, 4, 64)) :]


def _repeat(data: bytearray, at: int, draw: random.Random) -> bytearray:
    part = data[at : at + draw.choice((4, 12, 200))]
    return data[:at] + part * draw.choice((2, 20)) + data[at:]


_FAULTS: tuple[Callable[[bytearray, int, random.Random], bytearray], ...]
_FAULTS = (_flip, _flip, _noise, _noise, _extreme, _extreme, _extreme, _digits, _cut, _insert, _delete, _repeat)


def _spoil_png(data: bytes, draw: random.Random) -> bytes:
    """A PNG whose chunks have the checksums that belong to their faults."""
    chunks, at = [], 8
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    spoilt = draw.choice([number for number, (_, body) in enumerate(chunks) if body])
    body = chunks[spoilt][1]
    if chunks[spoilt][0] == b"IDAT" and draw.random() < 0.6:
        body = zlib.compress(_spoil_bytes(zlib.decompress(body), draw))
    else:
        body = _spoil_bytes(body, draw)
    chunks[spoilt] = (chunks[spoilt][0], body)
    parts = [struct.pack(">I", len(b)) + kind + b + struct.pack(">I", zlib.crc32(kind + b)) for kind, b in chunks]
    return data[:8] + b"".join(parts)


def _spoil_json(data: bytes, draw: random.Random) -> bytes:
    if draw.random() < 0.06:
        return _nest(json.dumps(json.loads(data)), draw).encode()
    return json.dumps(spoil_value(json.loads(data), draw)).encode()


def spoil_value(value: Any, draw: random.Random) -> Any:
    """The same JSON value with one to three of its parts changed, lost or renamed."""
    for _ in range(draw.choice((1, 1, 2, 3))):
        places: list[tuple[Any, Any]] = []
        _collect(value, places)
        if not places:
            return draw.choice(WORDS)
        holder, key = draw.choice(places)
        way = draw.random()
        if way < 0.15:
            del holder[key]
        elif way < 0.25 and isinstance(holder, dict):
            holder[str(draw.choice(WORDS))[:40]] = holder.pop(key)
        elif way < 0.45 and isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
            holder[key] = holder[key] * draw.choice((-1, 0, 1e6, 1e-9, 2, 10**9))
        else:
            holder[key] = deepcopy(draw.choice(WORDS))
    return value


def _collect(value: Any, places: list[tuple[Any, Any]]) -> None:
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            places.append((value, key))
            _collect(value[key], places)


def _nest(text: str, draw: random.Random) -> str:
    """A value nested a hundred thousand times in place of a number or a text."""
    found = list(re.finditer(r'(?<=: )("[^"]*"|[0-9.]+)', text)) or [re.match("", text)]
    match, depth = draw.choice(found), draw.choice((500, 100_000))
    opening, closing = draw.choice((("[", "]"), ('{"a":', "}")))
    return text[: match.start()] + opening * depth + "1" + closing * depth + text[match.end() :]


def _spoil_card(data: bytes, draw: random.Random) -> bytes:
    """A safetensors file with faults in its header, in the card inside it, or in its weights."""
    (length,) = struct.unpack_from("<Q", data)
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    way = draw.random()
    if way < 0.7:
        card = json.loads(header["__metadata__"]["keramos"])
        text = _nest(json.dumps(card), draw) if way < 0.04 else json.dumps(spoil_value(card, draw))
        header["__metadata__"]["keramos"] = text
    elif way < 0.8:
        header = spoil_value(header, draw)
    elif body:
        weights = np.frombuffer(body[: len(body) // 4 * 4], np.float32).copy()
        weights[draw.randrange(len(weights))] = draw.choice((np.nan, np.inf, 1e38, -1e38, 0))
        body = weights.tobytes() + body[len(body) // 4 * 4 :]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


_TOML_VALUES = ("true", '""', "-1", "0", "1e400", "nan", "inf", "10" * 15, "[" * 5, "[]", "{}", '"\\u001b[2J"', "1.5")
_TOML_VALUES += ("1979-05-27", "[" * 100_000 + "]" * 100_000, '["a", 3]', '"' + "y" * 2000 + '"')


def _spoil_toml(text: str, draw: random.Random) -> bytes:
    lines = text.splitlines()
    for _ in range(draw.choice((1, 2, 3))):
        at, way = draw.randrange(len(lines)), draw.random()
        if way < 0.7:
            lines[at] = f"{lines[at].split('=')[0]}= {draw.choice(_TOML_VALUES)}"
        elif way < 0.9:
            lines[at] += draw.choice(("x", "\n[new]", "=", "\n\x00"))
        else:
            lines[at] = ""
    return "\n".join(lines).encode("utf-8", "surrogateescape")
