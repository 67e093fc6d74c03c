"""The pictures of docs/phantom.md and docs/raw-phantoms.md: each effect (without it, with it), structures, hard places,
raw slices.

python docs/phantom_figures.py docs/phantom
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from keramos.core import VOID_SOLID, VoxelSize
from keramos.scoring import draw_error_overlay
from keramos.simulation import REGIONS, STRUCTURES, Phantom, PhantomSettings, PhantomStack, collect_slabs
from keramos.simulation.imaging import Imaging
from keramos.simulation.raw import RawSettings, RawStack, make_raw_phantom

matplotlib.use("Agg")

SHAPE = (3, 220, 300)
SEED = 8
STRONG = 3.0  # what hardly shows in life is drawn three times as strong, and the caption says so

Change = Callable[[Imaging], Imaging]


def made(change: Change | None = None, **settings: Any) -> Phantom:
    """The same small phantom, with another microscope if asked for."""
    chosen = PhantomSettings(SHAPE, seed=SEED, hand_labels=(1,), **settings)
    drawn = PhantomStack(chosen).microscope
    return collect_slabs(PhantomStack(chosen, microscope=change(drawn) if change else drawn))


def only(name: str, factor: float = 1.0) -> Change:
    """A clean microscope with one defect of realistic strength, times a factor."""
    life = PhantomStack(PhantomSettings(SHAPE, seed=SEED)).microscope

    def change(clean: Imaging) -> Imaging:
        return clean.with_defects(**{name: life.defects[name].scale(factor)})

    return change


def without(*names: str) -> Change:
    return lambda imaging: imaging.scale(**dict.fromkeys(names, 0.0))


def panels(rows: list[list[tuple[str, NDArray[Any]]]], path: Path) -> None:
    """Slices beside each other under their names, true to shape."""
    columns = max(map(len, rows))
    figure = Figure(figsize=(3.1 * columns, 3.05 * len(rows)), layout="constrained", facecolor="white")
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for row, line in zip(grid, rows, strict=True):
        for axes, (title, picture) in zip(row, line, strict=False):
            axes.imshow(picture, cmap="gray", vmin=0, vmax=200 if picture.ndim == 2 else None, aspect=26.4 / 20.8)
            axes.set_title(title, fontsize=9, loc="left")
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=110)
    # A palette of 128 is all that grey pictures need; the files stay small.
    Image.open(buffer).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def effects(out: Path) -> None:
    quiet = without("edge_brightening", "interaction_volume", "channelling")
    clean = made(quiet, severity=0.0).images.read()[1]
    rows = [("levels of the phases alone", clean)]
    names = {
        "channelling": ("channelling, 3 times", STRONG),
        "shine_through": ("shine-through", 1.0),
        "redeposition": ("redeposition, 3 times", STRONG),
        "edge_brightening": ("edge brightening", 1.0),
        "charging": ("charging, 3 times", STRONG),
        "shading": ("shading", 1.0),
        "curtains": ("curtains", 1.0),
        "interaction_volume": ("interaction volume, 3 times", STRONG),
        "probe": ("probe, 3 times", STRONG),
        "scan_lines": ("scan lines, 3 times", STRONG),
        "noise": ("noise", 1.0),
    }
    for name, (title, factor) in names.items():
        # Each is put on the clean image but redeposition, which lies on void floors, with these.
        base = [only("shine_through")] if name == "redeposition" else []

        def change(imaging: Imaging, steps: tuple[Change, ...] = (quiet, *base, only(name, factor))) -> Imaging:
            for step in steps:
                imaging = step(imaging)
            return imaging

        rows.append((title, made(change, severity=0.0).images.read()[1]))
    panels([rows[i : i + 4] for i in range(0, len(rows), 4)], out / "effects.png")


def over_slices(out: Path) -> None:
    """Cuts along z (to the right) and y: what happens from slice to slice."""
    quiet = without("edge_brightening", "interaction_volume", "channelling")
    names = ("curtains", "brightness_drift", "stage_drift", "slice_thickness")
    row = []
    for name in names:
        factor = 1.0 if name == "curtains" else STRONG

        def change(imaging: Imaging, name: str = name, factor: float = factor) -> Imaging:
            return only(name, factor)(quiet(imaging))

        settings = PhantomSettings((150, 120, 8), seed=SEED, severity=0.0)
        stack = collect_slabs(PhantomStack(settings, microscope=change(PhantomStack(settings).microscope)))
        title = name.replace("_", " ") + (", 3 times" if factor > 1 else "")
        row.append((title, stack.images.read()[:, :, 4].T))
    panels([row], out / "effects-over-slices.png")


def severities(out: Path) -> None:
    panels([[(f"severity {s:g}", made(severity=s).images.read()[1]) for s in (0.0, 0.5, 1.0)]], out / "severity.png")


def structures(out: Path) -> None:
    rows = [(name, made(structure=name).images.read()[1]) for name in STRUCTURES]
    rows += [(f"preset {name}", made(preset=name).images.read()[1]) for name in ("sofc", "battery")]
    panels([rows[:4], rows[4:]], out / "structures.png")


def hard_places(out: Path) -> None:
    """The regions in orange over the image, and the simulated hand's errors."""
    phantom = made()
    grey, bits = phantom.images.read()[1], phantom.regions[1]
    shown = []
    for number, name in enumerate(REGIONS):
        rgb = np.repeat(grey[..., None], 3, axis=2).astype(float)
        inside = (bits >> number & 1).astype(bool)
        rgb[inside] = 0.45 * rgb[inside] + 0.55 * np.array([255, 140, 0])
        shown.append((f"({['I', 'II', 'III', 'IV', 'V', 'VI', 'VII'][number]}) {name}", rgb.astype(np.uint8)))
    hand, truth = phantom.hand.read()[1], phantom.shown.read()[1]
    shown.append(
        ("simulated hand label: aqua, yellow wrong", draw_error_overlay(grey, hand, truth, VOID_SOLID.positive))
    )
    panels([shown[:4], shown[4:]], out / "hard-places.png")


def raw_slices(out: Path) -> None:
    """A raw slice of each maker; cuts along z of raw stacks and of the phantom that they show."""
    settings = RawSettings((48, 220, 300), seed=SEED, voxel_size=VoxelSize(20, 20, 20), bad_slices=True)
    slices = []
    for maker in ("thermo", "zeiss", "atlas", "tescan"):
        raw = make_raw_phantom(settings.replace(raw=maker, shape=(3, 220, 300)))
        slices.append((maker, raw.images[1]))
    cuts = []
    for frame in ("section", "sheared"):
        raw = make_raw_phantom(settings.replace(frame=frame, drift_shear=(0.0, 0.0)))
        places = np.rint(150 - raw.offsets_px[:, 1]).astype(int)  # the same plane of the specimen in all slices
        cut = np.stack([picture[:, x] for picture, x in zip(raw.pictures, places, strict=True)], axis=1)
        cuts.append((f"along z (to the right) and y: {frame}", cut.repeat(4, axis=1)))
    stack = RawStack(settings.replace(drift_shear=(0.0, 0.0)))
    top, left = (-part for part in stack.origin_px)
    even = collect_slabs(stack.even).images.read()[:, top : top + 220, left + 150]
    cuts.append(("without drift, on even slices", even.T.repeat(4, axis=1)))
    panels([slices, cuts], out / "raw.png")


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for draw in (effects, over_slices, severities, structures, hard_places, raw_slices):
        draw(out)


if __name__ == "__main__":
    main()
