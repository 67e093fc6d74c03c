"""Shares of a phase that are connected from end to end of an axis, to a face, to none, or that the volume cuts."""

from __future__ import annotations

from keramos.core import Triple
from keramos.measurements.counting.component_table import Components
from keramos.measurements.printed import GEODICT, MATBOX, PORESPY
from keramos.measurements.results import AXES, Measured
from keramos.measurements.sources import WILSON
from keramos.measurements.spec import QuantitySpec

_OF_BOX = "exact; of the largest annotated box where the annotated voxels are no box"

PERCOLATING = QuantitySpec(
    id="percolating-fraction",
    name="percolating fraction",
    unit="1",
    length_power=0,
    meaning="The share of {phase} in pieces that reach from one end of the volume to the other: what can carry gas, "
    "ions or load across.",
    method="share of the phase in components that reach both ends of an axis",
    caveat=_OF_BOX,
    rank=100,
    display="fraction",
)
ISOLATED = QuantitySpec(
    id="isolated-fraction",
    name="isolated fraction",
    unit="1",
    length_power=0,
    meaning="The share of {phase} in pieces that lie wholly inside the volume: closed pores, loose grains.",
    method="share of the phase in components that reach no face of the volume",
    caveat=_OF_BOX,
    sources=(WILSON,),
    rank=101,
    display="fraction",
    printed=(
        PORESPY.prints("metrics.porosity_by_type: closed over total", benchmark="printed"),
        MATBOX.prints("Connectivity: isolated"),
        GEODICT.prints("PoroDict, Open and Closed Porosity: closed", page="porodict_openandclosedporosity.html"),
    ),
)
UNKNOWN = QuantitySpec(
    id="unknown-fraction",
    name="fraction of unknown connection",
    unit="1",
    length_power=0,
    meaning="The share of {phase} in pieces that the volume cuts and that do not reach across it: they may percolate "
    "outside.",
    method="share of the phase in components that reach a face, but not both ends of an axis; with the percolating and "
    "the isolated fraction it sums to 1",
    caveat="the smaller the volume, the larger",
    sources=(WILSON,),
    rank=102,
    headline=False,
    display="fraction",
    printed=(MATBOX.prints("Connectivity: unknown; the largest cluster apart"),),
)
FROM_FIRST, FROM_LAST = (
    QuantitySpec(
        id=f"accessible-from-{end}-face",
        name=f"accessible from the {end} face",
        unit="1",
        length_power=0,
        meaning=f"The share of {{phase}} in pieces that reach the face where an axis {word}.",
        method=f"share of the phase in components that reach the face where an axis {word}",
        caveat=_OF_BOX,
        rank=rank,
        headline=False,
        display="fraction",
    )
    for end, word, rank in (("first", "starts", 103), ("last", "ends", 104))
)


def list_accessibility(
    components: Components, code: int, phase: str, domain: str, how: str, shape: Triple
) -> list[Measured]:
    """The rows of a phase that is in a volume of this shape, along every axis but those of a single voxel, where all
    reaches both ends; `how` says what counts as connected."""
    of_phase = components.code == code
    voxels, touches = components.voxels[of_phase], components.touches[of_phase]
    isolated = int(voxels[touches == 0].sum()) / int(voxels.sum())
    rows = [ISOLATED.row(isolated, phase, method=f"{ISOLATED.method}, {how}", domain=domain)]
    for axis, name in enumerate(AXES):
        if shape[axis] == 1:
            continue
        first, last, both = (bits << 2 * axis for bits in (1, 2, 3))
        shares = [int(voxels[touches & bits == bits].sum()) / int(voxels.sum()) for bits in (both, first, last)]
        unknown = int(voxels[(touches > 0) & (touches & both != both)].sum()) / int(voxels.sum())
        through = f"share of the phase in components that reach both ends of {name}, {how}"
        rows.append(PERCOLATING.row(shares[0], phase, name, method=through, domain=domain))
        rows.append(UNKNOWN.row(unknown, phase, name, domain=domain))
        for spec, share in ((FROM_FIRST, shares[1]), (FROM_LAST, shares[2])):
            rows.append(spec.row(share, phase, name, method=f"{spec.method}, {how}", domain=domain))
    return rows
