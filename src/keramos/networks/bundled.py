"""Weights that come with Keramos, trained on phantoms only (`pretraining/porous_solid.py`).

A bundled model is a family: the network that reads neighbouring slices, and one for single images. It has learnt
structures at several scales, so that it takes voxels of a whole range as they are; others are resampled to the nearest
that it takes (`benchmarks/voxel_sizes.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from keramos.core import VoxelSize
from keramos.networks.checkpoint import Checkpoint, load_checkpoint
from keramos.settings.bundled import POROUS_SOLID

_FOLDER = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class Bundled:
    """Files of one bundled model: for stacks, and for images without neighbours."""

    name: str
    description: str
    stack: Path
    slice: Path

    def file(self, depth: int) -> Path:
        """The file for images of so many slices."""
        return self.stack if depth > 1 else self.slice


BUNDLED: dict[str, Bundled] = {
    POROUS_SOLID: Bundled(
        POROUS_SOLID,
        "void and solid, trained on phantoms",
        _FOLDER / f"{POROUS_SOLID}.keramos",
        _FOLDER / f"{POROUS_SOLID}-slice.keramos",
    )
}
"""By name."""


_SERVES = (0.7, 1.25)
"""How many times as long as in the model's card an edge of a voxel may be. Structures of half to twice the usual size
in pixels were learnt; on phantoms of finer and coarser voxels these two grids have the best IoU over five materials."""


def load_bundled(name: str, depth: int, voxel_size: VoxelSize | None = None) -> Checkpoint | None:
    """The bundled model called `name` for images of `depth` slices, made for the voxel size nearest to `voxel_size`
    that it serves; None if there is none of that name.

    Example:
        >>> load_bundled("porous-solid", 9, VoxelSize(25, 25, 25)).card.voxel_size
        VoxelSize(z_nm=25.0, y_nm=25.0, x_nm=25.0)
        >>> load_bundled("porous-solid", 9, VoxelSize(5, 5, 5)).card.voxel_size.x_nm
        14.56
    """
    if name not in BUNDLED or Path(name).exists():
        return None
    checkpoint = load_checkpoint(BUNDLED[name].file(depth))
    return checkpoint if voxel_size is None else _fit_to_voxels(checkpoint, voxel_size)


def _fit_to_voxels(checkpoint: Checkpoint, voxel_size: VoxelSize) -> Checkpoint:
    """The model for the nearest voxel size that it serves; a network of one slice takes slices of any thickness."""
    card = checkpoint.card
    if card.voxel_size is None:
        return checkpoint
    low, high = _SERVES
    edges = [
        min(max(own, round(low * usual, 3)), round(high * usual, 3))
        for own, usual in zip(voxel_size.zyx, card.voxel_size.zyx, strict=True)
    ]
    if len(card.z_offsets_nm) == 1:
        edges[0] = voxel_size.z_nm
    offsets = tuple(offset * edges[0] / card.voxel_size.z_nm for offset in card.z_offsets_nm)
    new = {"voxel_size_nm": tuple(edges), "z_offsets_nm": offsets}
    return replace(checkpoint, card=card.model_copy(update=new))
