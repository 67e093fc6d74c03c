"""Pictures of docs/studio.md: the journey of the tests on a phantom of known truth, photographed in Chromium.

PYTHONPATH=src:tests/shared python tools/studio_pictures.py [FOLDER]
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import studio_journey as journey
from PIL import Image
from scipy import ndimage
from studio_browser import run_studio
from studio_page import open_page, wait_for

from keramos.io import save_volume
from keramos.simulation import make_phantom

SHAPE, SEED, Z = (32, 256, 256), 1, 16
SIZE, COLOURS = (1080, 675), 128
LEARNS = "[...studio.state.jobs.values()].some(({kind, title, state}) => title === 'Learn' && state === 'running')"


def take_pictures(page: Any, folder: Path) -> Callable[[str], None]:
    """A callback that saves the window as NAME.png, scaled, in few colours."""

    def look(name: str) -> None:
        if name == "learn":
            wait_for(page, f"!{LEARNS}", journey.PATIENCE_S)
        page.wait_for_timeout(1500)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        picture = picture.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE, kmeans=3)
        picture.save(folder / f"{name}.png", optimize=True)
        print(name, flush=True)

    return look


def find_strokes(truth: np.ndarray) -> list[tuple[int, list[tuple[float, float]]]]:
    """Three short strokes in each phase, where it is widest: the number key, and the voxels (x, y) on the way."""
    strokes = []
    for code in (0, 1):
        depth = np.asarray(ndimage.distance_transform_edt(np.pad(truth == code, 1)))[1:-1, 1:-1]
        for _ in range(3):
            y, x = np.unravel_index(int(depth.argmax()), depth.shape)
            half = 0.7 * float(depth[y, x])
            strokes.append((code + 1, [(x - half, float(y)), (x + half, float(y))]))
            depth[max(0, y - 50) : y + 50, max(0, x - 50) : x + 50] = 0
    return strokes


def main(folder: Path) -> None:
    """Go from the stack to the report, and save a picture of each step."""
    folder.mkdir(parents=True, exist_ok=True)
    phantom = make_phantom(SHAPE, seed=SEED)
    with tempfile.TemporaryDirectory(prefix="keramos-demo-") as work:
        stack = Path(work) / "images.ome.zarr"
        save_volume(stack, phantom.images)
        with run_studio(Path(work) / "images-studio", stack) as served, open_page(served) as page:
            look = take_pictures(page, folder)
            journey.go_to(page, Z)
            look("start")
            journey.draft(page, Z, 4, look)
            journey.draw(page, Z, find_strokes(phantom.shown.read()[Z]), look)
            journey.learn(page, Z, look)
            journey.accept(page, Z + 2, look)
            journey.run(page, "segment", "Segment the stack", look)
            journey.proofread(page, "proposal", look)
            journey.run(page, "report", "Write the report", look)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/studio"))
