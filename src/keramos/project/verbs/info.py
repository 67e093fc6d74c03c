"""What a file is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keramos.io import describe
from keramos.networks import load_checkpoint

MODEL_SUFFIXES = (".keramos", ".safetensors")


def info(path: str | Path) -> dict[str, Any]:
    """What a file is: a model's card; or shape, voxel size, phases and provenance of images and labels; JSON values.

    Raises:
        MissingFileError, FormatError: nothing there, or nothing that Keramos reads.
    """
    if Path(path).suffix in MODEL_SUFFIXES:
        checkpoint = load_checkpoint(path)
        size = sum(tensor.numel() for tensor in checkpoint.weights.values())
        facts = {"path": str(path), "kind": "model", "sha256": checkpoint.sha256, "values": size}
        return {**facts, "card": checkpoint.card.model_dump(mode="json")}
    return describe(path)
