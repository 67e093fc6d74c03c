"""A second image of the same sections: by another detector of the same scan, or by a scan at a lower voltage.

The sections, their drift and their curtains are those of the first image, an Everhart-Thornley detector's at 5 kV.
What differs is how far into a void the image sees, contrast, sharpness and noise. That the depth of what shines
through depends on the voltage is what Sardhara et al. 2024 (Nanomanufacturing and Metrology 7, 4) segment by; Osenberg
et al. 2023 (Journal of Power Sources 570, 233030) do by the difference of in-lens and chamber detector. Neither gives
a depth in nm: the factors on `attenuation_nm` are assumed, and so is what two images gain on phantoms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from keramos.simulation.base_level import BaseLevel
from keramos.simulation.imaging import Imaging

_STREAM = 2**17
_LOW, _USUAL = 2.0, 5.0
"""Voltages in kV."""
_OWN_KEYS = {"noise": "seed", "scan_lines": "key", "brightness_drift": "key"}
"""Defects of each image alone, and the field of their random key."""


def _at_low_voltage(imaging: Imaging, rng: np.random.Generator) -> dict[str, Any]:
    """2 kV beside 5 kV, by the same detector.

    The range of electrons grows as E^1.67 (Kanaya and Okayama 1972), so the tail of the probe and the bright rims are
    narrower; the probe itself is wider, by chromatic aberration. The gun's brightness is proportional to E, the yield
    of secondary electrons about to E^-0.8 (Reimer 1998, Scanning Electron Microscopy, sections 2.3 and 4.2): together
    1.2 times the variance. Less charge stays in the specimen where more electrons leave it.
    """
    share = _LOW / _USUAL
    given, reach = imaging.defects, share**1.67
    shine, edge, tail = given["shine_through"], given["edge_brightening"], given["interaction_volume"]
    return {
        "shine_through": replace(shine, attenuation_nm=shine.attenuation_nm * rng.uniform(0.35, 0.55)),
        "edge_brightening": replace(edge, width_nm=edge.width_nm * rng.uniform(0.4, 0.6)),
        "interaction_volume": replace(tail, sigma_nm=tail.sigma_nm * reach),
        "probe": given["probe"].scale(rng.uniform(1.2, 1.6)),
        "noise": given["noise"].scale(share ** (0.8 - 1)),
        "charging": given["charging"].scale(rng.uniform(0.3, 0.6)),
    }


def _in_lens(imaging: Imaging, rng: np.random.Generator) -> dict[str, Any]:
    """A detector in the lens, of the same scan.

    The field of the lens draws electrons out of holes, where a detector at the side is shadowed: deep floors are seen,
    and walls and relief make less contrast (Reimer 1998, sections 5.2 and 6.1). It collects electrons that the probe
    itself releases rather than backscattered ones on their way out: a weaker tail, more channelling; and slow ones,
    which charges deflect.
    """
    given = imaging.defects
    shine, solid = given["shine_through"], imaging.base_level.solid_grey[0]
    return {
        "shine_through": replace(
            shine,
            floor_grey=solid * rng.uniform(0.95, 1.1) * min(1.0, shine.floor_grey / solid),
            attenuation_nm=shine.attenuation_nm * rng.uniform(1.6, 2.4),
            openness_exponent=shine.openness_exponent * 0.5,
            relief=shine.relief * 0.5,
        ),
        "edge_brightening": given["edge_brightening"].scale(rng.uniform(0.5, 0.8)),
        "interaction_volume": given["interaction_volume"].scale(rng.uniform(0.3, 0.5)),
        "channelling": given["channelling"].scale(rng.uniform(1.5, 2.5)),
        "noise": given["noise"].scale(rng.uniform(0.8, 1.2)),
        "charging": given["charging"].scale(rng.uniform(1.5, 2.5)),
    }


SECOND_IMAGES: Mapping[str, Callable[[Imaging, np.random.Generator], dict[str, Any]]] = {
    "low-voltage": _at_low_voltage,
    "in-lens": _in_lens,
}
"""The defects of a second image in which it differs from the first, by its name."""


def draw_second_image(name: str, imaging: Imaging, seed: np.random.SeedSequence) -> Imaging:
    """The imaging of a second image of the same sections, one of `SECOND_IMAGES`."""
    own = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, _STREAM))
    rng = np.random.default_rng(own)
    keys = {name: replace(imaging.defects[name], **{field: _draw_key(rng)}) for name, field in _OWN_KEYS.items()}
    alike = imaging.with_defects(**keys)
    shared = {name: alike.defects[name].scale(rng.uniform(0.6, 1.0)) for name in ("curtains", "shading")}
    second = alike.with_defects(**shared, **SECOND_IMAGES[name](alike, rng))
    return replace(second, base_level=_draw_level(imaging.base_level, rng))


def _draw_key(rng: np.random.Generator) -> int:
    return int(rng.integers(2**53))


def _draw_level(level: BaseLevel, rng: np.random.Generator) -> BaseLevel:
    """The first image's levels with another contrast between solids, and another level of the dark."""
    solids, contrast = np.asarray(level.solid_grey), rng.uniform(0.7, 1.2)
    middle = solids.mean()
    return replace(
        level,
        solid_grey=tuple(float(grey) for grey in middle + contrast * (solids - middle)),
        void_grey=float(rng.uniform(4, 14)),
    )
