"""VGG-16 weights in files of other software, such as those trained on ImageNet, for a backbone to start from."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from keramos.core.errors import FormatError, MissingFileError

_CONVOLUTIONS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)  # places of VGG-16's in torchvision's `features`


def fill_vgg16(backbone: nn.Module, path: Path) -> None:
    """Fill a VGG-16 backbone, in place, with the 13 convolutions of a VGG-16 state dict (torchvision's names).

    The three input channels are summed: a grey pixel stands for three equal ones. The file is a safetensors file, or a
    PyTorch state dict, which is read with `weights_only=True`: nothing in it is run.

    Raises:
        MissingFileError, FormatError: no such file, or other weights.
    """
    weights = _read_weights(path)
    layers = [layer for layer in backbone.modules() if isinstance(layer, nn.Conv2d)]
    for number, layer in zip(_CONVOLUTIONS, layers, strict=True):
        kernel, bias = (_pick(weights, f"features.{number}.{part}", path) for part in ("weight", "bias"))
        kernel = kernel.sum(dim=1, keepdim=True) if number == 0 and kernel.shape[1] == 3 else kernel
        if kernel.shape != layer.weight.shape or layer.bias is None or bias.shape != layer.bias.shape:
            raise FormatError(
                f"expected VGG-16 weights of shape {tuple(layer.weight.shape)} in {path}, found {tuple(kernel.shape)} "
                f"for features.{number}; they fit an FCN of width 64 only"
            )
        layer.weight.data.copy_(kernel)
        layer.bias.data.copy_(bias)


def _read_weights(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise MissingFileError(f"expected a file of VGG-16 weights, found nothing at {path}; check the path")
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise FormatError(
            f"expected VGG-16 weights (a safetensors file or a PyTorch state dict) in {path}, found something else "
            f"({str(error).splitlines()[0][:120]})"
        ) from None
    if not isinstance(loaded, dict):
        raise FormatError(f"expected a state dict of VGG-16 in {path}, found {type(loaded).__name__}")
    return loaded


def _pick(weights: dict[str, Tensor], name: str, path: Path) -> Tensor:
    if name not in weights:
        raise FormatError(f"expected VGG-16 weights with torchvision's names in {path}, found no {name}")
    return weights[name]
