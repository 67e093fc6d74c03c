"""Inputs of the verbs: open volumes and labels, or paths to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from keramos.acquisition import Acquisition
from keramos.core import LabelVolume, Triple, Volume, triple
from keramos.core.errors import OptionError, SettingsError
from keramos.core.progress import Reporter, report_findings
from keramos.io import describe, doubts_of_given, open_acquired, open_channels, open_labels, split_channels
from keramos.io.images import region_of
from keramos.settings.reading import ReadImageOptions, ReadOptions

Images = str | Path | Volume
Labels = str | Path | LabelVolume


def read_images(images: Images, options: ReadImageOptions, reporter: Reporter, *, channels: bool = False) -> Volume:
    """A volume of grey values, as `load_images` gives it; the reporter hears the doubts about the file. FindingError
    where one is fatal. Several images of each slice are read only where `channels` are asked for."""
    volume = load_channels(images, options) if channels else load_images(images, options)
    report_findings(volume.findings, reporter)
    return volume


def load_images(images: Images, options: ReadImageOptions) -> Volume:
    """A volume of grey values: a file is opened; a volume that is open gets the voxel size and is cropped."""
    return load_acquired(images, options)[0]


def load_channels(images: Images, options: ReadImageOptions) -> Volume:
    """A volume as `load_images` gives it, with further images of the same slices where there are some."""
    if isinstance(images, Volume):
        return _apply(images, options)
    size, box, detector = options.voxel_size, options.box, options.detector
    return open_channels(_refuse_array(images), voxel_size=size, box=box, detector=detector)


def load_acquired(images: Images, options: ReadImageOptions) -> tuple[Volume, Acquisition]:
    """A volume as `load_images` gives it, and what its files say of the microscope; that is nothing for an open one."""
    _refuse_several(images)
    if isinstance(images, Volume):
        return _apply(images, options), Acquisition()
    size, box, detector = options.voxel_size, options.box, options.detector
    return open_acquired(_refuse_array(images), voxel_size=size, box=box, detector=detector)


def _refuse_several(images: Images) -> None:
    """SettingsError for images of several detectors where those of one are expected."""
    several = len(images.channels) if isinstance(images, Volume) else len(split_channels(images))
    if several > 1:
        raise SettingsError(
            f"expected the images of one detector, found {several} in {name_of(images)}; give one of them "
            "(training and segmenting take several)"
        )


def read_labels(labels: Labels, options: ReadOptions, reporter: Reporter) -> LabelVolume:
    """Labels: a file is opened, the reporter hears what was assumed and the doubts about it; open labels get the voxel
    size and are cropped.

    Raises:
        FindingError: a doubt is fatal.
        SettingsError: phases for labels that are open, whose codes are phases already.
    """
    if isinstance(labels, LabelVolume):
        _refuse_phases(labels, options)
        opened = _apply(labels, options)
    else:
        opened = _open(labels, options, reporter)
    report_findings(opened.findings, reporter)
    return opened


def _open(labels: str | Path, options: ReadOptions, reporter: Reporter) -> LabelVolume:
    return open_labels(
        _refuse_array(labels),
        phases=options.phases,
        positive=options.positive,
        ignore=options.ignore,
        voxel_size=options.voxel_size,
        box=options.box,
        note=reporter.note,
    )


def shape_of(labels: Labels) -> Triple:
    """Their shape (z, y, x), of the whole file."""
    return labels.shape if isinstance(labels, LabelVolume) else triple(describe(_refuse_array(labels))["shape"])


def name_of(labels: Labels | Images) -> str:
    """Their name or path, for messages."""
    return labels.name if isinstance(labels, Volume | LabelVolume) else str(labels)


V = TypeVar("V", Volume, LabelVolume)


def _apply(volume: V, options: ReadImageOptions) -> V:
    sized = volume
    if options.voxel_size is not None:
        findings = doubts_of_given(volume, options.voxel_size)
        sized = replace(volume, voxel_size=options.voxel_size, findings=findings)
    region = region_of(options.box, sized.box)
    return sized if region is None else sized.crop(region)


def _refuse_phases(labels: LabelVolume, options: ReadOptions) -> None:
    for name in ("phases", "positive", "ignore"):
        if getattr(options, name) is not None:
            raise OptionError(name, f"expected only for files, found {labels.name}, whose codes are phases already")


def _refuse_array(given: str | Path) -> str | Path:
    if isinstance(given, str | Path):
        return given
    raise SettingsError(
        f"expected a path or an open volume, found {type(given).__name__}; an array becomes one by "
        "keramos.Volume.from_array(array, voxel_size) or keramos.LabelVolume.from_array(array, phases, voxel_size)"
    )


def pair_up(images: Images | Sequence[Images], labels: Labels | Sequence[Labels]) -> list[tuple[Images, Labels]]:
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
    """Versions of the packages that affect results."""
    return {name: _look_up(name) for name in ("keramos", "torch", "numpy", "scikit-image")}


_look_up = cache(version)
