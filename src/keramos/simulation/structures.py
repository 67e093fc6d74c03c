"""Bodies by name, for any preset's microscope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from keramos.core.errors import SettingsError
from keramos.simulation.bodies.fibres import Fibres
from keramos.simulation.bodies.matter import Body
from keramos.simulation.bodies.polycrystal import Polycrystal
from keramos.simulation.bodies.random_field import RandomField
from keramos.simulation.bodies.spheres import Spheres

STRUCTURES: dict[str, Callable[[int], Body]] = {
    "polycrystal": Polycrystal,
    "random-field": RandomField,
    "spheres": Spheres,
    "fibres": Fibres,
    "platelets": lambda key: Fibres(key, long_nm=220.0, thick_nm=1600.0, per_um3=1.6, axis=(0.0, 1.0, 0.0)),
    "composite": lambda key: Polycrystal(
        key, smallest_grain_nm=330.0, kept=0.3, lost=0.06, names=("pore", "phase-1", "phase-2"), shares=(0.5, 0.5)
    ),
}
"""Each takes a key: another key, another body of the same material."""


def drawn_structure(name: str, rng: np.random.Generator) -> Body:
    """The structure called `name`; SettingsError, with the names there are, if none is."""
    if name not in STRUCTURES:
        raise SettingsError(f"expected a structure named {', '.join(STRUCTURES)}, found '{name}'")
    return STRUCTURES[name](int(rng.integers(2**53)))
