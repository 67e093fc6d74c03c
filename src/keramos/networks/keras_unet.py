"""The authors' trained U-Net: a Keras model in an HDF5 file, read as numbers and JSON. Nothing in it is run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keramos.core.errors import FormatError, MissingFileError
from keramos.core.memory_bound import memory_bound
from keramos.networks.architecture import outline_network
from keramos.networks.architectures.unet import UNet

_BATCHNORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
_WEIGHTLESS = ("InputLayer", "ReLU", "Activation", "MaxPooling2D", "Concatenate", "TFOpLambda")
_SETTINGS: dict[str, dict[str, Any]] = {
    "Conv2D": {"padding": "same", "strides": [1, 1], "dilation_rate": [1, 1], "activation": "linear"},
    "Conv2DTranspose": {"padding": "same", "strides": [2, 2], "activation": "linear"},
    "BatchNormalization": {"epsilon": 0.001},
    "MaxPooling2D": {"pool_size": [2, 2], "strides": [2, 2]},
    "ReLU": {"max_value": None, "threshold": 0.0},
}
_MOST_COMPRESSED = 1032  # bytes of one, by deflate
_ROOM_BYTES = 2**28
_FUNCTIONS = ("relu", "sigmoid", "math.sigmoid", "nn.sigmoid")


@dataclass(frozen=True, eq=False)
class KerasUNet:
    """A U-Net of Keramos' kind with the file's weights."""

    settings: dict[str, Any]
    weights: dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class _Layer:
    kind: str
    name: str
    tensors: dict[str, NDArray[np.float32]]


def read_keras_unet(path: str | Path) -> KerasUNet:
    """The U-Net in a file that Keras (TensorFlow 2.4 and others up to 2.15) saved with `model.save("unet.h5")`.

    The layers are checked one by one against those of `UNet`: kinds, order and shapes.

    Raises:
        MissingFileError: there is no such file.
        FormatError: not such a file, truncated, or another architecture.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"expected a Keras model (unet.h5), found nothing at {path}; check the path")
    try:
        # HDF5 takes as much memory for a text as the file says that it is long.
        with memory_bound(4 * path.stat().st_size + _ROOM_BYTES), h5py.File(path, "r") as file:
            layers = list(_layers(file))
    except Exception as error:  # anything may be wrong in the file
        says_what = isinstance(error, OSError | RuntimeError | ValueError) and not isinstance(error, RecursionError)
        detail = f": {' '.join(str(error).split())[:120]}" if says_what else ""
        raise FormatError(
            f"expected a Keras model (unet.h5 as the authors released it) in {path}, found a truncated or other "
            f"file{detail}; download it again"
        ) from None
    return _as_unet(layers, path)


def _layers(file: h5py.File) -> Iterator[_Layer]:
    """The layers with weights, in the model's order. Only names, JSON text and arrays of numbers are read."""
    config = json.loads(_text(file.attrs["model_config"]))
    groups, transposed = file["model_weights"], set[str]()
    for entry in config["config"]["layers"]:
        kind, name = str(entry["class_name"]), str(entry["config"]["name"])
        _check(kind, entry, transposed)
        transposed |= {name} if kind == "Conv2DTranspose" else set()
        if kind in _WEIGHTLESS:
            continue
        group = groups[name]
        names = [_text(raw) for raw in group.attrs["weight_names"]]
        yield _Layer(kind, name, {n.split("/")[-1].split(":")[0]: _read_numbers(group[n]) for n in names})


def _read_numbers(data: h5py.Dataset) -> NDArray[np.float32]:
    """The numbers of a data set; ValueError where the file holds fewer bytes than they take, which HDF5 fills up."""
    ratio = 1 if data.compression is None else _MOST_COMPRESSED
    if data.dtype.kind != "f" or data.id.get_storage_size() * ratio < data.size * data.dtype.itemsize:
        raise ValueError(f"{data.size} numbers of {data.name} of which not all are in the file")
    return np.asarray(data, np.float32)


def _check(kind: str, entry: dict[str, Any], transposed: set[str]) -> None:
    """ValueError for a layer that computes anything else than those of the paper's U-Net."""
    config = entry["config"]
    if kind not in (*_WEIGHTLESS, *_SETTINGS):
        raise ValueError(f"a layer of kind {kind}")
    for setting, wanted in _SETTINGS.get(kind, {}).items():
        if config.get(setting, wanted) != wanted:
            raise ValueError(f"{config['name']} with {setting} {config[setting]}")
    if kind in ("Activation", "TFOpLambda") and config.get("activation", config.get("function")) not in _FUNCTIONS:
        raise ValueError(f"{config['name']}, which is neither ReLU nor sigmoid")
    if kind == "Concatenate" and str(entry["inbound_nodes"][0][0][0]) not in transposed:
        raise ValueError(f"{config['name']}, which joins the encoder's features before the decoder's")


def _text(raw: Any) -> str:
    return raw.decode("utf-8") if isinstance(raw, bytes) else str(raw)


def _as_unet(layers: list[_Layer], path: Path) -> KerasUNet:
    kernels = [layer for layer in layers if layer.kind == "Conv2D"]
    if not kernels or "kernel" not in kernels[0].tensors:
        raise _another(path, "no convolutions")
    settings = {"classes": 2, "width": int(kernels[0].tensors["kernel"].shape[-1])}
    network = cast(UNet, outline_network("unet", settings))  # the file's weights take the place of its own
    weights, order = network.state_dict(), list(_places(network))
    if len(layers) != len(order):
        raise _another(path, f"{len(layers)} layers with weights instead of {len(order)}")
    for layer, (kind, place) in zip(layers, order, strict=True):
        _fill(weights, layer, kind, place, path)
    counters = {name: torch.zeros_like(tensor, device="cpu") for name, tensor in weights.items() if tensor.is_meta}
    return KerasUNet(settings, weights | counters)


def _places(network: UNet) -> Iterator[tuple[str, str]]:
    """Kind and place of each layer with weights, in Keras' order: a level's convolution, then its BatchNorm."""
    for level in range(len(network.down)):
        yield "Conv2D", f"down.{level}.0"
        yield "BatchNormalization", f"down.{level}.2"
    yield "Conv2D", "bridge.0"
    yield "BatchNormalization", "bridge.2"
    for level in range(len(network.up)):
        yield "Conv2DTranspose", f"up.{level}.up"
        yield "Conv2D", f"up.{level}.conv"
    yield "Conv2D", "head"


def _fill(weights: dict[str, Tensor], layer: _Layer, kind: str, place: str, path: Path) -> None:
    wanted = {name: f"{place}.{ours}" for name, ours in _BATCHNORM.items()}
    wanted = wanted if kind == "BatchNormalization" else {"kernel": f"{place}.weight"}
    if layer.kind != kind or layer.tensors.keys() != wanted.keys():
        raise _another(path, f"{layer.kind} {layer.name} with {', '.join(layer.tensors)} where {kind} should be")
    for name, ours in wanted.items():
        values = torch.from_numpy(layer.tensors[name])
        # Keras keeps kernels as (row, column, in, out), transposed ones as (row, column, out, in).
        values = values.permute(3, 2, 0, 1).contiguous() if name == "kernel" else values
        if values.shape != weights[ours].shape:
            raise _another(path, f"{layer.name} of shape {tuple(layer.tensors[name].shape)}")
        weights[ours] = values


def _another(path: Path, found: str) -> FormatError:
    return FormatError(
        f"expected the paper's U-Net (4x4 convolutions without bias, BatchNorm in the encoder) in {path}, found {found}"
    )
