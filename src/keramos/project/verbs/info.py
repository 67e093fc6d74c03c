"""Say what a file is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keramos.core.progress import Reporter
from keramos.io import describe
from keramos.networks import load_checkpoint
from keramos.project.verb import verb
from keramos.settings.others import InfoSettings

MODEL_SUFFIXES = (".keramos", ".safetensors")


@verb(InfoSettings)
def info(settings: InfoSettings, reporter: Reporter) -> dict[str, Any]:  # noqa: ARG001
    """Say what a file is, as JSON values: a model's card; or shape, voxel size, phases and provenance of a stack.

    Raises:
        MissingFileError, FormatError: nothing there, or nothing that Keramos reads.
    """
    path = settings.path
    if Path(path).suffix in MODEL_SUFFIXES:
        checkpoint = load_checkpoint(path)
        size = sum(tensor.numel() for tensor in checkpoint.weights.values())
        facts = {"path": str(path), "kind": "model", "sha256": checkpoint.sha256, "values": size}
        return {**facts, "card": checkpoint.card.model_dump(mode="json")}
    return describe(path)
