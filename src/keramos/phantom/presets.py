"""Materials and microscopes that a phantom can look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from keramos.errors import SettingsError
from keramos.phantom import imaging, polycrystal
from keramos.volume import View


@dataclass(frozen=True)
class Preset:
    """How to draw a body and its imaging, and the solid fraction it has unless asked otherwise."""

    description: str
    draw_body: Callable[[np.random.Generator], polycrystal.Polycrystal]
    draw_imaging: Callable[[np.random.SeedSequence, float], imaging.Imaging]
    solid_fraction: float
    view: View


_BA122 = Preset(
    description="porous iron-based superconductor (Ba122) as in Hirabayashi et al. 2024: 77 % solid, 5 kV, "
    "beam 38 degrees from the section's normal",
    draw_body=polycrystal.draw,
    draw_imaging=imaging.draw,
    solid_fraction=0.77,
    view=View(tilt_deg=38.0, cutting_order="increasing", frame="section"),
)
_PRESETS = {"ba122": _BA122}

PRESETS: dict[str, str] = {name: preset.description for name, preset in _PRESETS.items()}
"""Names and one-line descriptions of the presets."""


def preset_named(name: str) -> Preset:
    """The preset called `name`; SettingsError, with the names there are, if none is."""
    if name not in _PRESETS:
        raise SettingsError(f"expected a phantom preset named {' or '.join(sorted(_PRESETS))}, found '{name}'")
    return _PRESETS[name]
