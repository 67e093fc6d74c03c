"""Calibration of the simulated microscope to an annotated slice: levels, noise, shading, streaks, rims and voids.

Each round makes a small phantom, measures the same figures on it as on the slice, and corrects the parameter behind
each figure by their ratio. What one slice does not show (drift over slices, thickness error) stays as drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from keramos.core import VoxelSize
from keramos.core.errors import LabelError
from keramos.simulation.imaging import Imaging
from keramos.simulation.make import collect_slabs
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.stack import PhantomStack

_DEEP_PIXELS = 4  # distance from a border to deep solid
_FEWEST = 500  # smallest number of pixels of deep solid and of void
_STEP = (0.4, 2.5)  # smallest and largest change of a parameter in one round


@dataclass(frozen=True, slots=True)
class Look:
    """Image statistics of one annotated slice.

    Attributes:
        solid_grey: median grey value deep in the solid.
        noise_variance: variance of white noise there in grey levels squared, from neighbours along y.
        fall_per_um: relative decrease of the solid's grey value per micrometre downwards.
        streaks: standard deviation of the columns' means, as a fraction of the grey value, corrected for noise.
        rim: mean grey value of the solid's outermost two pixels over that of the deep solid.
        void_dark, void_bright: quartiles of the voids' grey values over that of the solid.
    """

    solid_grey: float
    noise_variance: float
    fall_per_um: float
    streaks: float
    rim: float
    void_dark: float
    void_bright: float


def measure_look(grey: NDArray[np.uint8], solid: NDArray[np.bool_], voxel_size: VoxelSize) -> Look:
    """Image statistics of a slice (Y X) whose solid is the mask `solid`.

    Raises:
        LabelError: fewer than 500 pixels of void, or of solid away from borders.
    """
    distance = np.asarray(distance_transform_edt(solid))
    deep = distance > _DEEP_PIXELS
    if min(deep.sum(), (~solid).sum()) < _FEWEST:
        raise LabelError(
            f"expected at least {_FEWEST} pixels of void and of solid away from borders, found {(~solid).sum()} and "
            f"{deep.sum()}; annotate a larger slice"
        )
    values = grey.astype(np.float64)
    level, fall = _fit_shading(values, deep, voxel_size)
    flat = values / level[:, None]
    variance = float(np.mean(((values[1:] - values[:-1]) ** 2 / 2)[deep[1:] & deep[:-1]]))
    middle = float(np.median(values[deep]))
    return Look(
        solid_grey=middle,
        noise_variance=variance,
        fall_per_um=fall,
        streaks=_measure_streaks(flat, deep, variance / middle**2),
        rim=float(flat[(distance > 0) & (distance <= 2)].mean()),
        void_dark=float(np.percentile(flat[~solid], 25)),
        void_bright=float(np.percentile(flat[~solid], 75)),
    )


def calibrate(settings: PhantomSettings, look: Look, *, rounds: int = 3) -> PhantomStack:
    """The phantom of these settings, its microscope calibrated so that small phantoms have the statistics `look`."""
    microscope = PhantomStack(settings).microscope
    rows, columns = (max(192, min(256, length)) for length in settings.shape[1:])
    sample = PhantomStack(replace(settings, shape=(2, rows, columns), hand_labels=(1,)))
    for _ in range(rounds):
        phantom = collect_slabs(sample.with_microscope(microscope))
        seen = measure_look(phantom.images.read()[1], phantom.hand.read()[1] > 0, settings.voxels)
        microscope = _correct(microscope, seen, look)
    return PhantomStack(settings, microscope=microscope)


def _correct(microscope: Imaging, seen: Look, wanted: Look) -> Imaging:
    """The microscope with each parameter corrected by the ratio of the wanted and the observed statistics."""
    brighter = _ratio(wanted.solid_grey, seen.solid_grey)
    level, defects = microscope.base_level, microscope.defects
    shine, deposit, shading = (defects[name] for name in ("shine_through", "redeposition", "shading"))
    tuned = microscope.with_defects(
        # Near floors show the brightness of floors, distant floors the attenuation length.
        shine_through=replace(
            shine,
            floor_grey=brighter * shine.floor_grey * _ratio(wanted.void_bright, seen.void_bright),
            attenuation_nm=shine.attenuation_nm * _ratio(wanted.void_dark, seen.void_dark),
        ),
        redeposition=replace(deposit, grey=brighter * deposit.grey),
        shading=replace(shading, fall_per_um=shading.fall_per_um + wanted.fall_per_um - seen.fall_per_um),
    ).scale(
        edge_brightening=brighter * _ratio(wanted.rim - 0.8, seen.rim - 0.8),
        curtains=_ratio(wanted.streaks, seen.streaks),
        noise=_ratio(wanted.noise_variance, seen.noise_variance),
    )
    grey = tuple(brighter * grey for grey in level.solid_grey)
    return replace(tuned, base_level=replace(level, solid_grey=grey, impurity_grey=brighter * level.impurity_grey))


def _ratio(wanted: float, seen: float) -> float:
    low, high = _STEP
    return float(np.clip(max(wanted, 1e-3) / max(seen, 1e-3), low, high))


def _fit_shading(
    values: NDArray[np.float64], deep: NDArray[np.bool_], voxel_size: VoxelSize
) -> tuple[NDArray[np.float64], float]:
    """Level of the solid in each row from an exponential fit, and its relative decrease per micrometre."""
    rows = np.flatnonzero(deep.sum(axis=1) > 8)
    levels = np.array([np.median(values[y, deep[y]]) for y in rows])
    y_um = (np.arange(len(values)) - (len(values) - 1) / 2) * voxel_size.y_nm * 1e-3
    if len(rows) > 8:
        slope, middle = np.polyfit(y_um[rows], np.log(np.maximum(levels, 1)), 1)
    else:
        slope, middle = 0.0, np.log(np.median(values[deep]))
    return np.exp(middle + slope * y_um), float(-slope)


def _measure_streaks(flat: NDArray[np.float64], deep: NDArray[np.bool_], relative_variance: float) -> float:
    """Standard deviation of the columns' means, corrected for noise."""
    away = np.where(deep, flat - gaussian_filter(np.where(deep, flat, 1.0), 8), 0)
    count = deep.sum(axis=0)
    columns = count > 30
    if columns.sum() < 20:
        return 0.0
    means = away.sum(axis=0)[columns] / count[columns]
    return float(np.sqrt(max(means.var() - relative_variance * np.mean(1 / count[columns]), 1e-6)))
