"""Scores of a prepared raw phantom.

`shift_px`: rms over kept usable slices and both axes of (shift - true offset), less its mean. Where the entrant says
that its frame is `sheared`, the true offset is less the walk of the section in a field of view that stands still.
`shift_detrended_px`: the same, less what images cannot tell: a steady drift (a constant times the number of the
section) and an inclination of the material (a constant times its true position), by least squares.
`trend_px`: the slope of the best straight line along z, Y X, in pixels a nominal slice: shear left in, or put in.
`z_error`: rms of the positions' errors, less their mean, as a share of the nominal thickness; `z_step_error`: rms of
the errors of the distances of neighbours.
`kept_bad`, `dropped_good`: slices without an image of their own that were kept, and others that were not.
`bar`: whether the rows of the information bar are right; `voxel_size`: whether y and x are, within 1 %; `tilt`: within
1°; `frame`, if it is left as the field of view was.
`iou`: of the solid by Otsu's threshold on the whole volume, against the labels at the places that its voxels show; what
images cannot tell is allowed for, so that it does not depend on the frame.
`unevenness`: spread over median of the grey values in the solid, averaged over 8 x 8 pixels 3 pixels or more away from
anything else; the spread is the range of the middle half over 1.349, so that a blank slice does not decide it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial.polynomial import polyfit
from numpy.typing import NDArray
from raw_entry import Entry
from scipy.ndimage import uniform_filter
from skimage.filters import threshold_otsu

_BLOCK, _AWAY = 8, 3
_QUARTILES = 1.349  # distance of the quartiles of a normal distribution, in standard deviations


def score(entry: Entry, truth: dict[str, Any], labels: NDArray[np.uint8]) -> dict[str, Any]:
    """All scores of an entry; None where the entrant does not say."""
    rows = {row["file"]: row for row in truth["slices"]}
    good = [name for name, row in rows.items() if not row["blank"] and row["repeats"] is None]
    known = np.array([name in good for name in entry.files])
    kept = [rows[name] for name in entry.files if name in good]
    pitch = truth["voxel_size_nm"][0]
    true_z = np.array([row["z_nm"] for row in kept])
    away = np.asarray(entry.shifts_px)[known] - np.array([row["offset_px"] for row in kept])
    line = polyfit(true_z / pitch, away, 1)
    numbers = np.array([row["number"] for row in kept], dtype=np.float64)
    untold = np.linalg.lstsq(_untold(true_z / pitch, numbers), away, rcond=None)[0]
    detrended = away - _untold(true_z / pitch, numbers) @ untold
    walk = truth["rows_per_section"] if entry.frame == "sheared" else 0.0
    in_frame = away + np.outer(true_z / pitch, [walk, 0.0])
    scores: dict[str, Any] = {
        "shift_px": rms(in_frame - in_frame.mean(axis=0)),
        "shift_detrended_px": rms(detrended),
        "trend_px": [float(line[1, 0] + walk), float(line[1, 1])],
        "kept_bad": int((~known).sum()),
        "dropped_good": len(good) - len(kept),
        "bar": None if entry.bar_rows is None else entry.bar_rows == truth["information_bar_rows"],
        "voxel_size": _agrees(entry.voxel_size_nm[1:], truth["voxel_size_nm"][1:]),
        "tilt": None if entry.tilt_deg is None else abs(entry.tilt_deg - truth["tilt_deg"]) <= 1,
        "frame": None if entry.frame is None else entry.frame == truth["frame"],
        "z_error": None,
        "z_step_error": None,
        "iou": None,
        "unevenness": None,
    }
    if entry.positions_nm is None:
        return scores
    errors = (np.asarray(entry.positions_nm)[known] - true_z) / pitch
    scores |= {"z_error": rms(errors - errors.mean()), "z_step_error": rms(np.diff(errors))}
    if entry.volume is not None and entry.volume_z_nm is not None:
        z = entry.volume_z_nm / pitch - errors.mean()
        moved = _untold(z, np.interp(z, true_z / pitch, numbers)) @ untold
        shown = _take_labels(entry, z, moved, truth, labels)
        scores |= _score_volume(entry.volume, shown)
    return scores


def rms(values: NDArray[np.float64]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(values**2)))


def _untold(z: NDArray[np.float64], numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The courses along z (slices, 3) that images of a material of any inclination cannot tell from drift."""
    return np.stack([np.ones_like(z), z, numbers], axis=1)


def _agrees(said: tuple[float | None, ...], true: list[float]) -> bool | None:
    if None in said:
        return None
    return all(abs(float(a or 0) / b - 1) <= 0.01 for a, b in zip(said, true, strict=True))


def _take_labels(
    entry: Entry,
    z: NDArray[np.float64],
    away: NDArray[np.float64],
    truth: dict[str, Any],
    labels: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """The labels (as the volume) at the nearest voxels of the truth; 255 outside of it."""
    if entry.volume is None:
        raise ValueError("expected a volume")
    _, rows, columns = entry.volume.shape
    shown = np.full(entry.volume.shape, 255, np.uint8)
    for k, (place, (dy, dx)) in enumerate(zip(np.rint(z).astype(int), away, strict=True)):
        if not 0 <= place < len(labels):
            continue
        y, x = (
            np.rint(np.arange(count) + corner - off - origin).astype(int)
            for count, corner, off, origin in zip(
                (rows, columns), entry.corner_px, (dy, dx), truth["labels"]["origin_px"], strict=True
            )
        )
        inside = np.ix_((y >= 0) & (y < labels.shape[1]), (x >= 0) & (x < labels.shape[2]))
        picked = labels[place][np.ix_(np.clip(y, 0, labels.shape[1] - 1), np.clip(x, 0, labels.shape[2] - 1))]
        shown[k][inside] = picked[inside]
    return shown


def _score_volume(volume: NDArray[Any], shown: NDArray[np.uint8]) -> dict[str, float]:
    inside = shown != 255
    solid, called = (shown > 0) & inside, (volume > threshold_otsu(volume[inside])) & inside
    width = 2 * _AWAY + 1
    deep = np.stack([uniform_filter((part == 1).astype(np.float32), width) > 1 - 0.5 / width**2 for part in shown])
    grey, count = (_sum_blocks(part) for part in (np.where(deep, volume, 0).astype(np.float64), deep.astype(float)))
    full = count == _BLOCK**2
    low, middle, high = np.percentile(grey[full], [25, 50, 75])
    return {
        "iou": float((solid & called).sum() / (solid | called).sum()),
        "unevenness": float((high - low) / _QUARTILES / middle),
    }


def _sum_blocks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    depth, rows, columns = values.shape
    cut = values[:, : rows - rows % _BLOCK, : columns - columns % _BLOCK]
    summed: NDArray[np.float64] = cut.reshape(depth, rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK).sum(axis=(2, 4))
    return summed
