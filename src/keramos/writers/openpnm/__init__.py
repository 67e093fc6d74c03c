"""A phase as a pore network: its objects as pores, their contacts as throats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core import LabelVolume
from keramos.core.options import Settings, option
from keramos.core.progress import Reporter
from keramos.writers.openpnm.network_file import write_network
from keramos.writers.writer import Writer, begins_with

__all__ = ["OPENPNM", "OpenPNMSettings", "write_network"]


@dataclass(frozen=True, kw_only=True)
class OpenPNMSettings(Settings):
    """Options of a pore network."""

    phase: str | None = option(
        None, help="The phase whose objects are the pores; default: the first one, usually the void.", metavar="NAME"
    )
    neck_depth: float | None = option(
        None,
        help="By how much the radius of the smaller of two pores must exceed that of the neck between them; default: "
        "the longest edge of a voxel.",
        unit="nm",
        low=0.0,
        metavar="NM",
    )


def _write(labels: LabelVolume, path: Path, settings: OpenPNMSettings, reporter: Reporter) -> None:
    from keramos.measurements import measure_network

    phase = settings.phase or labels.phases.names[0]
    write_network(path, *measure_network(labels, phase, neck_depth=settings.neck_depth, reporter=reporter))


OPENPNM = Writer(
    "openpnm",
    "the objects of a phase as pores and their contacts as throats, in m, as openpnm.io.network_from_csv reads them "
    "(.csv), or the dictionary that network_from_porespy takes (.json)",
    "labels",
    _write,
    settings=OpenPNMSettings,
    suffixes=(".csv", ".json"),
    is_own=begins_with(b"pore.coords[0],", b'{"pore.coords"'),
    example="keramos export segmentation.ome.zarr --to openpnm --phase void --neck-depth 60 --out pores.csv",
)
