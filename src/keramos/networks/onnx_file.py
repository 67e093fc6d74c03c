"""A checkpoint as one ONNX file that any ONNX runtime runs without Keramos."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from keramos.core.optional import import_optional
from keramos.networks.architecture import build_network
from keramos.networks.card import ModelCard
from keramos.networks.checkpoint import Checkpoint
from keramos.networks.grey_to_scores import GreyToScores
from keramos.networks.onnx_model import ONNX_CARD_KEY
from keramos.version import __version__

ONNX_OPSET = 18
_IR_VERSION = 8
"""Operators and file format of ONNX 1.13: runtimes from then on know both."""

INPUT, OUTPUT = "grey", "scores"


def onnx_bytes(checkpoint: Checkpoint, card: ModelCard | None = None) -> bytes:
    """The file's content: raw grey values (N, inputs, Y, X) float32 in, scores (N, classes, Y, X) out, for any N and
    for Y and X that are multiples of the stride. The metadata are `model_facts`, and the whole card for Keramos: `card`
    where the checkpoint's was changed for other software.

    Raises:
        MissingPackageError: onnx or onnxscript is not installed.
        SettingsError: a checkpoint without a network.
    """
    onnx = import_optional("onnx", extra="export", purpose="write ONNX files")
    import_optional("onnxscript", extra="export", purpose="write ONNX files")
    module, facts = GreyToScores(checkpoint), model_facts(checkpoint)
    model = _export(module)
    _name_axes(model.graph.input[0], ["N", module.inputs, "Y", "X"])
    _name_axes(model.graph.output[0], ["N", len(facts["phases"]), "Y", "X"])
    _remove_export_notes(model)
    model.ir_version = _IR_VERSION
    model.producer_name, model.producer_version = "keramos", __version__
    model.doc_string = f"{facts['architecture']}: scores of {', '.join(facts['phases'])} from grey values"
    own = {ONNX_CARD_KEY: _own_facts(checkpoint, module, card or checkpoint.card)}
    onnx.helper.set_model_props(model, {key: _text(value) for key, value in {**facts, **own}.items()})
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def model_facts(checkpoint: Checkpoint) -> dict[str, Any]:
    """Facts that a user of the bare network must know, as JSON values. Lengths in nm, axes Z Y X, `halo` and `stride`
    in voxels; `planes` are the neighbouring slices that it reads, the middle one of which it decides, in slices whose
    numbers grow or fall with the order of cutting. The inputs are all planes of the first of the
    `channels`, then those of the next; the normalisation is that of the first."""
    card = checkpoint.card
    constants = card.normalisation
    with torch.device("meta"):  # its geometry is wanted, not its weights
        network = build_network(card.architecture, card.architecture_settings)
    return {
        "architecture": card.architecture,
        "phases": [row.name for row in card.phases],
        "positive": card.phases[card.positive].name,
        "voxel_size_nm": None if card.voxel_size_nm is None else list(card.voxel_size_nm),
        "planes": network.planes,
        "z_offsets_nm": list(card.z_offsets_nm),
        "cutting_order": card.cutting_order,
        "stride": list(network.stride),
        "halo": list(network.halo),
        "grey_dtype": card.training.grey_dtype,
        "grey_range": None if card.training.grey_range is None else list(card.training.grey_range),
        "normalisation": None if constants is None else {"mean": constants.mean, "std": constants.std},
        **({"channels": list(card.channel_names)} if card.further_channels else {}),
        "temperature": card.temperature,
        "licence": card.licence,
        "model_sha256": checkpoint.sha256,
    }


def _own_facts(checkpoint: Checkpoint, module: GreyToScores, card: ModelCard) -> dict[str, Any]:
    """Facts that `read_onnx_model` needs to segment as the checkpoint does."""
    constants = checkpoint.card.normalisation
    return {
        "card": card.model_dump(mode="json"),
        "stride": list(module.stride),
        "halo": list(module.halo),
        "bytes_per_pixel": module.network.bytes_per_pixel,
        "means": [] if constants is None else list(constants.means),
        "stds": [] if constants is None else list(constants.stds),
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _export(module: GreyToScores) -> Any:
    """The ONNX model (a protocol buffer) as PyTorch gives it."""
    with _silence_exporter():
        program = torch.onnx.export(
            module,
            (module.example,),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes={"grey": {0: "N", 2: "Y", 3: "X"}},
            opset_version=ONNX_OPSET,
            dynamo=True,
            verbose=False,
        )
    return program.model_proto  # type: ignore[union-attr]


@contextmanager
def _silence_exporter() -> Iterator[None]:
    """The exporter logs packages that are not installed and prints the library's own deprecations."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _name_axes(tensor: Any, axes: Sequence[str | int]) -> None:
    """Say each axis by its length, or by a name where it may have any."""
    for dim, axis in zip(tensor.type.tensor_type.shape.dim, axes, strict=True):
        if isinstance(axis, str):
            dim.dim_param = axis
        else:
            dim.dim_value = axis


def _remove_export_notes(model: Any) -> None:
    """Take out what the exporter notes about the source code, with paths of this machine, and guesses of shapes."""
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    for item in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
