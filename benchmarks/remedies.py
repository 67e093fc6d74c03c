"""Remedies against the clean images: what is left of a defect that was put in, and what is done to images without it.

curtains: phantoms of three materials, severity 0.5, with and without them -> root mean square over solid of what they
    changed, before and after; before the images are rounded to 8 bits
scan_lines: the same for the gains of rows, as usual and four times as strong; and what charging changes, for which
    there is no remedy
shading: brightness x 0.5 to 1.3 along x -> IoU of Otsu's threshold, even, shaded and restored
brightness: one slice 15 % darker, a jump of 12 %, a slow drift of 4 %, and a porosity that changes along z -> what is
    left of the gains
layers: real micrographs of layered coatings and of alloys, the same in all slices -> the gain that was divided out
speed: seconds of one core for a slice of 1024 x 1024

Beside them NUScope-TOMO (pip install nuscope-tomo PyWavelets), with its defaults, and wavelet-FFT filtering (Muench
2009) with the best of twelve settings for each stack, chosen by the clean images, which no user has.

    KERAMOS_DATA=... python benchmarks/remedies.py [--parts curtains ...] [--seeds 0 1 2] [--shape 24 400 400]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pywt
from measured import RESULTS, data_folder, write_results
from numpy.typing import NDArray
from skimage.filters import threshold_otsu
from skimage.io import imread

from keramos.preparation import REMEDIES, RawStack
from keramos.simulation import imaging
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.stack import PhantomStack

Grey = NDArray[np.float32]
PRESETS = ("ba122", "sofc", "battery")
SETTINGS = tuple(product((3, 4, 5), (1.0, 2.0, 4.0, 8.0)))
"""Levels, and widths of the notch."""


def make(
    preset: str,
    seed: int,
    shape: Sequence[int],
    without: Sequence[str] = (),
    severity: float = 0.5,
    **stronger: float,
) -> tuple[Grey, NDArray[np.uint8], NDArray[np.uint8]]:
    """Images before rounding, the phases that they show, and those of the truth, without the defects named, and with
    others so many times as strong."""
    settings = PhantomSettings(tuple(shape), preset=preset, seed=seed, severity=severity)
    microscope = PhantomStack(settings).microscope.scale(**dict.fromkeys(without, 0.0), **stronger)
    rounded, imaging.digitise = imaging.digitise, lambda grey: grey
    try:
        slabs = list(PhantomStack(settings, microscope=microscope).slabs())
    finally:
        imaging.digitise = rounded
    grey, shown, truth = (np.concatenate([getattr(one, part) for one in slabs]) for part in ("grey", "shown", "truth"))
    return np.asarray(grey, np.float32), shown, truth


def restore(name: str, grey: Grey, largest: float | None = None) -> Grey:
    remedy = REMEDIES.find(name)
    observer = remedy.observe(RawStack(grey.shape, largest=largest))
    for z, one in enumerate(grey):
        observer.add(z, one)
    return remedy.apply(grey.copy(), observer.finish(), 0)


def wavelet_fft(one: Grey, level: int, sigma: float) -> Grey:
    """A slice without stripes along y (Muench, Trtik, Marone and Stampanoni 2009, Optics Express 17, 8567)."""
    coefficients = pywt.wavedec2(one, "db6", level=level, mode="symmetric")
    for at, (horizontal, vertical, diagonal) in enumerate(coefficients[1:], 1):
        spectrum = np.fft.rfft(vertical, axis=0)
        spectrum *= 1 - np.exp(-(np.arange(len(spectrum))[:, None] ** 2) / (2 * sigma**2))
        coefficients[at] = (horizontal, np.fft.irfft(spectrum, len(vertical), axis=0), diagonal)
    rows, columns = one.shape
    return np.asarray(pywt.waverec2(coefficients, "db6", mode="symmetric")[:rows, :columns], np.float32)


def peer() -> Any:
    """NUScope-TOMO's corrections; None where it is not installed."""
    try:
        from nuscope_tomo.preprocess import correct
    except ImportError:
        return None
    return correct


def rms(difference: Grey, where: NDArray[np.bool_]) -> float:
    return float(np.sqrt(np.mean(difference[where].astype(np.float64) ** 2)))


def each(grey: Grey, change: Callable[[Grey], Grey]) -> Grey:
    return np.stack([change(one) for one in grey])


def curtains(seeds: Sequence[int], shape: Sequence[int]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for preset, seed in product(PRESETS, seeds):
        spoilt, shown, _ = make(preset, seed, shape)
        clean, _, _ = make(preset, seed, shape, ("curtains",))
        solid = shown > 0
        made = rms(spoilt - clean, solid)
        ways: dict[str, Callable[[Grey], Grey]] = {"keramos": lambda grey: restore("curtains", grey)}
        tried = {setting: each(spoilt, lambda one, s=setting: wavelet_fft(one, *s)) for setting in SETTINGS}
        best = min(tried, key=lambda setting: rms(tried[setting] - clean, solid))
        ways["wavelet-FFT, best of 12 settings"] = lambda grey, s=best: each(grey, lambda one: wavelet_fft(one, *s))
        correct = peer()
        if correct is not None:
            ways["nuscope-tomo"] = lambda grey, way=correct.destripe_slice: each(grey, way)
        row: dict[str, Any] = {"made by curtains": made}
        for name, way in ways.items():
            row[name] = {
                "left": rms(way(spoilt) - clean, solid) / made,
                "clean changed": rms(way(clean) - clean, solid),
            }
        rows[f"{preset}, seed {seed}"] = row
        print(preset, seed, json.dumps(row), flush=True)
    return rows


def scan_lines(seeds: Sequence[int], shape: Sequence[int]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for preset, seed in product(PRESETS, seeds):
        usual, shown, _ = make(preset, seed, shape)
        uncharged, _, _ = make(preset, seed, shape, ("charging",))
        clean, _, _ = make(preset, seed, shape, ("scan_lines",))
        strong, _, _ = make(preset, seed, shape, scan_lines=4.0)
        everywhere = shown >= 0
        row: dict[str, Any] = {"clean changed": rms(restore("scan_lines", clean) - clean, everywhere)}
        for name, spoilt in (("usual", usual), ("four times", strong)):
            made = rms(spoilt - clean, everywhere)
            left = rms(restore("scan_lines", spoilt) - clean, everywhere) / made
            row[name] = {"made by scan lines": made, "left": left}
        row["made by charging"] = rms(usual - uncharged, everywhere)
        rows[f"{preset}, seed {seed}"] = row
        print(preset, seed, json.dumps(row), flush=True)
    return rows


def otsu_iou(grey: Grey, truth: NDArray[np.uint8]) -> float:
    found, solid = grey > threshold_otsu(grey), truth > 0
    return float(np.sum(found & solid) / np.sum(found | solid))


def to_bytes(grey: Grey) -> Grey:
    return np.clip(np.rint(grey), 0, 255).astype(np.float32)


def shading(seeds: Sequence[int], shape: Sequence[int]) -> dict[str, Any]:
    """Of the paper's material, which has two phases, so that one threshold tells them apart."""
    rows = {}
    for preset, seed in product(PRESETS[:1], seeds):
        even, _, truth = make(preset, seed, shape, ("shading", "curtains"))
        shaded = to_bytes(even * np.linspace(0.5, 1.3, shape[2], dtype=np.float32))
        row = {"even": otsu_iou(to_bytes(even), truth), "shaded": otsu_iou(shaded, truth)}
        row["keramos"] = otsu_iou(restore("shading", shaded, 255.0), truth)
        row["even, keramos"] = otsu_iou(restore("shading", to_bytes(even), 255.0), truth)
        if (correct := peer()) is not None:
            row["nuscope-tomo"] = otsu_iou(shaded / peer_field(correct, shaded), truth)
            row["even, nuscope-tomo"] = otsu_iou(to_bytes(even) / peer_field(correct, to_bytes(even)), truth)
        rows[f"{preset}, seed {seed}"] = row
        print(preset, seed, json.dumps(row), flush=True)
    return rows


def peer_field(correct: Any, grey: Grey) -> Grey:
    """NUScope-TOMO's estimate of the shading: the median over the slices, smoothed (its `estimate_shading`)."""
    from nuscope_tomo.core.volume import Volume

    return np.asarray(correct.estimate_shading(Volume(grey, (20.0, 20.0, 20.0))), np.float32)


def brightness(seeds: Sequence[int], shape: Sequence[int]) -> dict[str, Any]:
    rows = {}
    for preset, seed in product(PRESETS, seeds):
        even, _, _ = make(preset, seed, (48, *shape[1:]), ("brightness_drift",))
        true = 1 + 0.04 * np.sin(np.arange(len(even)) / 10)
        true[20] *= 0.85
        true[40:] *= 1.12
        spoilt = to_bytes(even * true[:, None, None].astype(np.float32))
        row = {"before": float(np.std(np.log(true)))}
        changes = {"keramos": restore("brightness_drift", spoilt, 255.0) / np.maximum(spoilt, 1)}
        if (correct := peer()) is not None:
            from nuscope_tomo.core.volume import Volume

            volume = correct.normalize_slices(Volume(spoilt, (20.0, 20.0, 20.0)))
            changes["nuscope-tomo"] = np.asarray(volume.data) / np.maximum(spoilt, 1)
        for name, change in changes.items():
            bright = spoilt > np.percentile(spoilt, 60, axis=(1, 2))[:, None, None]
            factor = np.array([np.median(one[where]) for one, where in zip(change, bright, strict=True)])
            row[name] = float(np.std(np.log(factor * true)))
        rows[f"{preset}, seed {seed}"] = row
        print(preset, seed, json.dumps(row), flush=True)
    return rows


def layers(_: Sequence[int], __: Sequence[int]) -> dict[str, Any]:
    """Lowest and highest gain divided out of twelve slices that show one real micrograph, each with its own noise."""
    rows = {}
    rng = np.random.default_rng(0)
    for path in sorted(data_folder("nasa").glob("*/train/*")):
        one = imread(path)
        one = (one if one.ndim == 2 else one[..., 0]).astype(np.float32)
        observer = REMEDIES.find("shading").observe(RawStack((12, *one.shape), largest=255.0))
        for z in range(12):
            observer.add(z, to_bytes(one + rng.normal(0, 5, one.shape).astype(np.float32)))
        gain = observer.finish().gain(one.shape)
        rows[path.stem] = [float(gain.min()), float(gain.max())]
        print(path.stem, rows[path.stem], flush=True)
    return rows


def speed(_: Sequence[int], __: Sequence[int]) -> dict[str, Any]:
    grey, _, _ = make("ba122", 0, (16, 256, 256))
    large = np.tile(grey, (1, 4, 4))
    rows = {}
    for name in ("brightness_drift", "scan_lines", "curtains", "shading"):
        remedy = REMEDIES.find(name)
        observer = remedy.observe(RawStack(large.shape))
        start = time.process_time()
        for z, one in enumerate(large):
            observer.add(z, one)
        parameters = observer.finish()
        middle = time.process_time()
        remedy.apply(large.copy(), parameters, 0)
        rows[name] = {"observe_ms": 1e3 * (middle - start) / 16, "apply_ms": 1e3 * (time.process_time() - middle) / 16}
    print(json.dumps(rows), flush=True)
    return rows


PARTS = {
    "curtains": curtains,
    "scan_lines": scan_lines,
    "shading": shading,
    "brightness": brightness,
    "layers": layers,
    "speed": speed,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--shape", type=int, nargs=3, default=[24, 400, 400])
    options = parser.parse_args()
    path = RESULTS / "remedies.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for part in options.parts:
        rows = PARTS[part](options.seeds, options.shape)
        results[part] = {"shape": options.shape, "seeds": options.seeds, "rows": rows}
        write_results("remedies", results)


if __name__ == "__main__":
    main()
