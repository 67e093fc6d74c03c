"""What each quantity tells a materials scientist who is not a stereologist, in a sentence."""

from __future__ import annotations

MEANINGS: dict[str, str] = {
    "phase fraction": "The share of the volume that is {phase}.",
    "specific surface area": "How much boundary of {phase} there is in each cubic micrometre of the material: the "
    "more, the finer the structure and the more room for reactions and for sintering.",
    "triple-phase boundary length": "The length of the lines where three phases meet, per volume: where gas, electrons "
    "and ions meet in an electrode.",
    "mean intercept length": "How far a straight line runs in {phase} on average before it leaves it: a size along "
    "each axis.",
    "mean local thickness": "The mean diameter of the largest ball that fits into {phase} around each of its points: "
    "how wide it typically is.",
    "neck diameter": "The largest ball that can travel through {phase} from one end to the other: its narrowest "
    "unavoidable passage.",
    "correlation length": "How far one must go along an axis until {phase} here says little about {phase} there.",
    "anisotropy": "The longest mean intercept length over the shortest: 1 where {phase} looks alike along all axes.",
    "largest component": "The share of all {phase} that hangs together in one piece.",
    "percolating fraction": "The share of {phase} in pieces that reach from one end of the volume to the other: what "
    "can carry gas, ions or load across.",
    "tortuosity factor": "How much crooked and narrow paths slow diffusion or conduction through {phase}, beyond what "
    "its fraction alone does: 1 for straight channels (D_eff = D · fraction / factor).",
    "tortuosity factor at double voxels": "The same with voxels merged two by two by two: the nearer to the factor "
    "above, the less it hangs on the voxel size.",
    "relative diffusivity": "Diffusivity (or conductivity) of the structure over that of pure {phase}.",
    "effective conductivity": "Conductivity of all phases together, in the unit of the conductivities that were given.",
    "representative volume": "How large a sample must be for its fraction of {phase} to be within ±1 percentage point "
    "of the material's, 95 times in 100.",
    "mean curvature": "Positive where {phase} bulges outwards (grains, struts), negative where it surrounds hollows.",
    "Euler number density": "Pieces plus closed cavities minus loops, per volume: strongly negative for a "
    "well-connected network.",
    "Euler number": "Pieces plus closed cavities minus loops, of the volume as it was cut out.",
    "Euler number (26)": "The same, where voxels that touch at edges and corners count as connected.",
    "components": "How many separate pieces there are; many are specks of a few voxels.",
}

HEADLINE = (
    "phase fraction",
    "specific surface area",
    "triple-phase boundary length",
    "mean intercept length",
    "mean local thickness",
    "neck diameter",
    "correlation length",
    "anisotropy",
    "largest component",
    "percolating fraction",
    "tortuosity factor",
    "relative diffusivity",
    "effective conductivity",
    "representative volume",
)
"""The quantities of the table at the top, in its order."""

COMPARED = (
    "phase fraction",
    "specific surface area",
    "triple-phase boundary length",
    "mean intercept length",
    "mean local thickness",
    "largest component",
    "tortuosity factor",
    "effective conductivity",
)
"""Those of samples side by side that are not folded away."""


def meaning(name: str, phase: str) -> str:
    """The sentence; empty for a quantity that nobody explained yet."""
    # A name may hold braces: it is put in by replacing, not by formatting.
    return MEANINGS.get(name, "").replace("{phase}", phase or "the phase")


def rank(name: str) -> int:
    """Place in the order of `MEANINGS`; unknown quantities come last."""
    return list(MEANINGS).index(name) if name in MEANINGS else len(MEANINGS)
