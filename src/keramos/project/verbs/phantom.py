"""Make a phantom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from keramos.core import VoxelSize, triple
from keramos.core.progress import Reporter
from keramos.project.inputs import Labels, Reading
from keramos.project.phantoms import measured_body, write_phantom
from keramos.simulation import PhantomSettings, PhantomStack

DEFAULT_SHAPE = (96, 384, 384)


def phantom(
    out: str | Path,
    *,
    shape: Sequence[int] | None = None,
    voxel_size: VoxelSize | None = None,
    preset: str = "ba122",
    severity: float = 0.5,
    seed: int = 0,
    solid_fraction: float | None = None,
    structure: str | None = None,
    geometry: Labels | None = None,
    cutting_order: Literal["increasing", "decreasing"] = "increasing",
    hand_labelled: Sequence[int] = (),
    defects: Sequence[str] = (),
    fresh: bool = False,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Write images, truth, truth-as-imaged and regions (`out`/*.ome.zarr), and phantom.json; give the parameters in it.

    `structure` puts another body before the preset's microscope; `geometry` a measured one: labels (read with
    `reading`, void first) whose shape and voxel size hold unless a smaller shape is asked for. `hand_labelled` slices
    (z) get a simulated hand label in hand-labels.ome.zarr. `defects` of other packages are added. A killed run is
    resumed; `fresh` replaces an existing phantom.

    Raises:
        SettingsError, ShapeError: parameters out of range, or that do not go together.
        ResumeError, StorageError: another phantom, or something else, stands there; the disk refuses.
    """
    reader, reporter = reading or Reading(), reporter or Reporter()
    body = None if geometry is None else measured_body(reader.labels(geometry, reporter), voxel_size, structure)
    size = shape or (DEFAULT_SHAPE if body is None else body.labels.shape)
    voxels = voxel_size if body is None else body.voxel_size
    settings = PhantomSettings(
        triple(size),
        voxels,
        preset,
        severity,
        seed,
        solid_fraction,
        structure,
        cutting_order,
        tuple(hand_labelled),
        tuple(defects),
    )
    stack = PhantomStack(settings, body)
    write_phantom(stack, Path(out), fresh=fresh, reporter=reporter)
    return stack.parameters
