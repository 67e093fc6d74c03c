"""A checkpoint as one TorchScript file, which PyTorch in any language runs without Keramos."""

from __future__ import annotations

import io
import warnings

import torch

from keramos.networks.checkpoint import Checkpoint
from keramos.networks.grey_to_scores import GreyToScores


def torchscript_bytes(checkpoint: Checkpoint) -> bytes:
    """The file's content: raw grey values (N, planes, Y, X) float32 in, scores (N, classes, Y, X) out, for any N and
    for Y and X that are multiples of the stride. SettingsError for a checkpoint without a network.

    PyTorch calls TorchScript deprecated; bioimage.io has no successor to it yet.
    """
    module, file = GreyToScores(checkpoint), io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(module, (module.example,)), file)  # type: ignore[no-untyped-call]
    return file.getvalue()
