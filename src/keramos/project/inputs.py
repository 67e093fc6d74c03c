"""What the steps take: open volumes and labels, or paths to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from keramos.core import Box, LabelVolume, Volume, VoxelSize
from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.io import missing_numbers, open_labels, open_volume

Images = str | Path | Volume
Labels = str | Path | LabelVolume


@dataclass(frozen=True)
class Reading:
    """How the files of a step are to be read; what is None, the files or the contract's defaults say.

    `voxel_size` in nm and `box` (or its text `z0:z1,y0:y1,x0:x1`) hold for images and labels alike; `phases`
    (`void=0,solid=128-255`), `positive` and `ignore` for the labels.
    """

    voxel_size: VoxelSize | None = None
    box: Box | str | None = None
    phases: str | None = None
    positive: str | None = None
    ignore: int | None = None

    def volume(self, images: Images) -> Volume:
        """Open images, unless they are open already."""
        if isinstance(images, Volume):
            return images
        return open_volume(images, voxel_size=self.voxel_size, box=self.box)

    def labels(self, labels: Labels, reporter: Reporter) -> LabelVolume:
        """Open labels, unless they are open already; the reporter is told what was assumed."""
        if isinstance(labels, LabelVolume):
            return labels
        return open_labels(
            labels,
            phases=self.phases,
            positive=self.positive,
            ignore=self.ignore,
            voxel_size=self.voxel_size,
            box=self.box,
            note=reporter.note,
        )


def note_gaps(volume: Volume, reporter: Reporter) -> None:
    """Say so where the numbers in the names of slice files leave some out: they are read as if none were missing."""
    missing = missing_numbers(volume.source)
    if missing:
        shown = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        reporter.note(
            f"{volume.name}: the names of the slices leave out {len(missing)} number(s) ({shown}); they are taken as "
            "neighbours all the same"
        )


def paired(images: Images | Sequence[Images], labels: Labels | Sequence[Labels]) -> list[tuple[Images, Labels]]:
    """Images and labels in the order given; SettingsError unless there are as many of one as of the other."""
    left = [images] if isinstance(images, str | Path | Volume) else list(images)
    right = [labels] if isinstance(labels, str | Path | LabelVolume) else list(labels)
    if len(left) != len(right):
        raise SettingsError(
            f"expected one label file for each image, found {len(left)} images and {len(right)} label files; "
            "they pair up in the order given"
        )
    return list(zip(left, right, strict=True))


def versions() -> dict[str, str]:
    """Of what decides a result."""
    return {name: version(name) for name in ("keramos", "torch", "numpy", "scikit-image")}
