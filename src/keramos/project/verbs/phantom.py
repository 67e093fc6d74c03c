"""Make a phantom."""

from __future__ import annotations

from math import prod
from pathlib import Path
from shutil import disk_usage
from typing import Any

from keramos.core import Triple
from keramos.core.errors import OptionError, StorageError
from keramos.core.options import list_options
from keramos.core.progress import Reporter
from keramos.project.inputs import read_labels
from keramos.project.phantoms import body_of_labels, write_phantom
from keramos.project.raw_phantoms import write_raw_phantom
from keramos.project.verb import verb
from keramos.settings.phantom import PhantomSettings, RawOptions
from keramos.settings.reading import ReadOptions
from keramos.simulation import PhantomSettings as StackSettings
from keramos.simulation import PhantomStack
from keramos.simulation.raw import RawSettings, RawStack

DEFAULT_SHAPE = (96, 384, 384)


@verb(PhantomSettings)
def phantom(settings: PhantomSettings, reporter: Reporter) -> dict[str, Any]:
    """Write images, truth, truth-as-imaged and regions (`out`/*.ome.zarr), and phantom.json; give the parameters in it.

    `structure` puts another body before the preset's microscope; `geometry` a measured one: labels (void first) whose
    shape and voxel size hold unless a smaller shape is asked for. Slices of `hand_labels` (z) get a simulated hand
    label in hand-labels.ome.zarr; `also` images the same sections a second time, in images-NAME.ome.zarr. A run that
    was killed resumes when it is called again.

    With `raw` it writes the raw slices of that maker's microscope to `out`, and the truth of all of it to the folder
    `out`-truth beside it.

    Raises:
        SettingsError, ShapeError: parameters out of range, or that do not go together.
        ResumeError, StorageError: another phantom, or something else, is in `out`; the disk refuses.
    """
    body, voxel_size, shape = None, settings.voxel_size, settings.shape or DEFAULT_SHAPE
    if settings.geometry is not None:
        labels = read_labels(settings.geometry, ReadOptions.of(settings), reporter)
        body = body_of_labels(labels, voxel_size, settings.structure)
        voxel_size, shape = body.voxel_size, settings.shape or body.labels.shape
    if settings.raw is not None:
        if settings.also is not None:
            raise OptionError("also", "raw slices are those of one detector; leave out --raw, or this")
        raw = RawStack(RawSettings.of(settings, voxel_size=voxel_size, shape=shape), body)
        _refuse_more_than_the_disk(shape, settings.out)
        write_raw_phantom(raw, settings.out, fresh=settings.fresh, reporter=reporter)
        return raw.parameters
    _refuse_raw_options(settings)
    stack = PhantomStack(StackSettings.of(settings, voxel_size=voxel_size, shape=shape), body)
    _refuse_more_than_the_disk(stack.settings.shape, settings.out)
    write_phantom(stack, settings.out, fresh=settings.fresh, reporter=reporter)
    return stack.parameters


def _refuse_raw_options(settings: PhantomSettings) -> None:
    """OptionError if an option of raw slices is given without a maker."""
    given = [row.name for row in list_options(RawOptions) if getattr(settings, row.field) != row.default]
    if given:
        raise OptionError(given[0], "only raw slices have it; say whose microscope writes them (--raw), or omit it")


def _refuse_more_than_the_disk(shape: Triple, out: Path) -> None:
    """StorageError if the images alone, which hardly compress, are larger than what is free."""
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.is_dir())
    needed, free = prod(shape), disk_usage(place).free
    if needed > free:
        raise StorageError(
            f"a phantom of {' x '.join(map(str, shape))} voxels needs {needed / 2**30:,.0f} GiB or more, and "
            f"{free / 2**30:,.0f} GiB are free in {place}; ask for a smaller one"
        )
