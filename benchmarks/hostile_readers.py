"""Opening one file of a kind as commands do, and reading what it gives. Used by hostile_inputs.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from keramos.apps.cli.show.info import show_info
from keramos.blocks import Block
from keramos.core import Box, Volume
from keramos.core.errors import MissingFileError
from keramos.io import describe, open_labels, open_scores, open_volume, read_authors_dataset
from keramos.networks import load_checkpoint
from keramos.networks.keras_unet import read_keras_unet
from keramos.project.recipe.read import read_recipe
from keramos.project.recipe.steps import Places, build_steps
from keramos.segmenters import segmenter_of
from keramos.settings.others import InfoSettings


def open_and_read(kind: str, path: Path) -> None:
    """Open a file and read a corner of it; KeramosError where it is refused."""
    _READERS[kind](path)


def _corner(shape: tuple[int, int, int]) -> Box:
    """A part of a volume that is read in no time, however large the volume claims to be."""
    return Box.whole([min(n, most) for n, most in zip(shape, (6, 64, 64), strict=True)])


def _read_image(path: Path) -> None:
    show_info(InfoSettings(path=path), describe(path))
    volume = open_volume(path)
    volume.read(_corner(volume.shape))


def _read_labels(path: Path) -> None:
    if path.is_dir():
        show_info(InfoSettings(path=path), describe(path))
        try:
            scores = open_scores(path)
            scores.read(_corner(scores.shape))
        except MissingFileError:
            pass
    labels = open_labels(path) if path.is_dir() else open_labels(path, phases="void=0-99,solid=100-255")
    labels.read(_corner(labels.shape))


def _read_model(path: Path) -> None:
    checkpoint = load_checkpoint(path)
    show_info(InfoSettings(path=path), {"kind": "model", "card": checkpoint.card.model_dump(mode="json")})
    segmenter = segmenter_of(checkpoint)
    pixels = np.random.default_rng(0).integers(60, 170, (2, 32, 32), dtype=np.uint8)
    whole = Box.whole(pixels.shape)
    if max(segmenter.signature.halo) > 10_000 or segmenter.signature.bytes_per_pixel > 2**20:
        return  # refused for its memory when blocks are planned
    with torch.inference_mode():
        segmenter.fit_to(Volume.from_array(pixels)).scores(pixels, Block(0, whole, whole))


def _read_recipe(path: Path) -> None:
    build_steps(read_recipe(path), Places(path.parent, path.parent / "run"))


_READERS = {
    "image": _read_image,
    "labels": _read_labels,
    "model": _read_model,
    "unet": read_keras_unet,
    "dataset": read_authors_dataset,
    "recipe": _read_recipe,
}
