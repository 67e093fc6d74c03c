"""Options of `keramos quantify`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from keramos.core import LabelVolume, Volume
from keramos.core.errors import OptionError
from keramos.core.options import Settings, option
from keramos.settings.conversions import to_amounts, to_faces, to_names
from keramos.settings.kinds import input_path, output_path, replace_option, slice_numbers
from keramos.settings.reading import ReadOptions
from keramos.settings.resources import MemoryOptions, WorkerOptions


@dataclass(frozen=True, kw_only=True)
class MeasurementOptions(WorkerOptions, MemoryOptions, Settings):
    """Phases and methods of measuring a volume."""

    phase: tuple[str, ...] = option(
        (),
        help="Measure only these phases; default: all.",
        convert=to_names,
        given=tuple[str, ...],
        metavar="NAME [NAME ...]",
    )
    connectivity: Literal[6, 18, 26] = option(6, help="Neighbours through which voxels are connected.")
    transport: bool = option(True, help="Solve for tortuosity factors along each axis.")
    conductivity: Mapping[str, float] = option(
        factory=lambda: MappingProxyType({}),
        help="Conductivities of several phases that conduct at once: solve for all of them together.",
        convert=to_amounts,
        given=tuple[str, ...],
        metavar="NAME=VALUE [...]",
    )
    electrodes: Mapping[str, str] = option(
        factory=lambda: MappingProxyType({}),
        help="Faces that phases must reach for a triple-phase boundary to count as active: z0 is where z starts, z1 "
        "where it ends, z both; default: both ends of some axis.",
        convert=to_faces,
        given=tuple[str, ...],
        metavar="NAME=FACE [...]",
    )
    thickness: bool = option(
        False,
        help="Also measure sizes: local thickness, simulated intrusion, necks and constrictivity; slower.",
    )
    paths: bool = option(
        False,
        help="Also measure shortest paths: geodesic tortuosity and, with --thickness, the diffusivity that geometry "
        "predicts; slower.",
    )
    permeability: bool = option(
        False, help="Solve for the permeability along each axis (Stokes flow); much slower than transport."
    )
    fabric: bool = option(
        False, help="Also measure where surfaces look: the directions of fibres and platelets; slower."
    )
    heterogeneity: bool = option(
        False,
        help="Also measure how phase fraction, surface and chords differ between windows of the volume: trends along "
        "each axis with p-values, and the volume that a wanted precision takes.",
    )
    rev_precision: float = option(
        0.05,
        help="With --heterogeneity: relative precision that the volume should be large enough for.",
        low=1e-4,
        high=1.0,
        metavar="SHARE",
    )
    sensitivity: bool = option(
        False,
        help="Also measure the middle of the volume (at most 96^3 voxels) with one voxel more and one less of each "
        "phase: what an error of the outline does to each number.",
    )
    objects: str = option(
        "", help="Separate the objects of this phase (particles, pores) and measure them one by one.", metavar="NAME"
    )
    neck_depth: float | None = option(
        None,
        help="With --objects: by how much the radius of the smaller of two bodies must exceed that of the neck between "
        "them; default: the longest edge of a voxel.",
        unit="nm",
        low=0.0,
        metavar="NM",
    )
    domain: int = option(
        256,
        help="Edge of the cubes used for transport, thickness and paths.",
        unit="voxels",
        low=8,
        high=65_536,
        metavar="EDGE",
    )
    subvolumes: int | None = option(
        None,
        help="Subvolumes of that size along each axis, spread over the volume, where so many fit a quarter of their "
        "edge apart: transport, sizes and paths are their means, with intervals; default: 2 for sizes and paths, 1 "
        "(the middle) for transport.",
        low=1,
        high=16,
        metavar="N",
    )
    tolerance: float = option(1e-5, help="Relative accuracy of tortuosity factors.", internal=True)
    realizations: int = option(
        20, help="With --truth: segmentations sampled from the scores.", low=2, high=10_000, metavar="N"
    )
    seed: int = option(0, help="Random seed of the realizations.", low=0, high=2**63 - 1)
    threads: int = option(
        2,
        help="Threads that measure blocks, and objects. Several workers, or those of --scheduler, share the blocks "
        "instead, and the subvolumes; objects, a single subvolume, --truth and --sensitivity stay with this process.",
        group="Resources",
        affects_result=False,
        low=1,
        high=1024,
        metavar="N",
    )

    @property
    def domain_voxels(self) -> int:
        """The most voxels that transport, thickness and paths are measured on."""
        return self.domain**3


@dataclass(frozen=True, kw_only=True)
class QuantifySettings(MeasurementOptions, ReadOptions):
    """Measure the microstructure: fractions, surface, connectivity, sizes, transport; in nm, with intervals.

    With --truth some quantities get a second interval, which includes the error of the segmentation.
    """

    labels: str | Path | LabelVolume = input_path(
        help="Labels of any software, or a segmentation.", metavar="LABELS", argument=True, wired=True
    )
    out: Path | None = output_path(
        "quantities",
        None,
        help="Write quantities.json, quantities.csv and curves.csv into this folder; with --heterogeneity also "
        "windows.csv, with --sensitivity sensitivity.csv.",
        group="Output",
        metavar="DIR",
        wired=True,
    )
    instances: str | Path | Volume | None = input_path(
        None,
        help="With --objects: take the objects from this volume of their numbers (0 for none), instead of separating "
        "them.",
    )
    table: Path | None = output_path(
        "table",
        None,
        help="With --objects: write one row for each object into this file (.csv or .parquet).",
        group="Output",
        metavar="FILE",
    )
    object_ids: Path | None = output_path(
        "objects",
        None,
        help="With --objects: write the numbers of the objects as a volume (OME-Zarr).",
        group="Output",
        metavar="FILE",
    )
    network: Path | None = output_path(
        "network",
        None,
        help="With --objects: write the objects as the pores of a network, and their contacts as its throats, for "
        "OpenPNM (.csv or .json).",
        group="Output",
        metavar="FILE",
    )
    fresh: bool = replace_option()
    truth: str | Path | LabelVolume | None = input_path(
        None, help="True labels of slices not trained on, to estimate the error of the segmentation; needs its scores."
    )
    slices: tuple[int, ...] | None = slice_numbers(
        None, help="Slices of --truth to use, or where its single slice lies.", group="Files"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("table", "object_ids", "network", "neck_depth", "instances"):
            if getattr(self, name) is not None and not self.objects:
                raise OptionError(name, "expected only with the phase whose objects are measured (--objects)")
        for name in ("object_ids", "neck_depth"):
            if self.instances is not None and getattr(self, name) is not None:
                raise OptionError(
                    name, "expected only where objects are separated, not with their numbers (--instances)"
                )
        if self.slices is not None and self.truth is None:
            raise OptionError("slices", "expected only with a truth, whose slices they are")
