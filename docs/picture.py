"""The README's picture, from a finished demo: image, Sauvola's and the network's hits and errors on one slice.

keramos demo --out demo && python docs/picture.py demo docs/demo.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from keramos import open_labels, open_volume
from keramos.core import Box
from keramos.scoring import draw_error_overlay, stretch_grey

SLICE = 12
GAP = 8
BAR_NM = 2000


def panels(demo: Path) -> tuple[list[NDArray[np.uint8]], tuple[float, float, float]]:
    """RGB of the slice: grey image, Sauvola, network; and the voxel size (Z Y X nm)."""
    images, truth = open_volume(demo / "images.ome.zarr"), open_labels(demo / "truth-as-imaged.ome.zarr")
    box = Box((SLICE, 0, 0), (SLICE + 1, *images.shape[1:]))
    grey, true = images.read(box)[0], truth.read(box)[0]
    methods = [open_labels(demo / f"{name}.ome.zarr").read(box)[0] for name in ("sauvola", "network")]
    pictures = [np.repeat(stretch_grey(grey)[..., None], 3, axis=2)]
    pictures += [draw_error_overlay(grey, codes, true, truth.phases.positive) for codes in methods]
    return pictures, images.require_voxel_size().zyx


def main() -> None:
    pictures, (_, y_nm, x_nm) = panels(Path(sys.argv[1]))
    height, width = pictures[0].shape[:2]
    tall = round(height * y_nm / x_nm)  # pixels are taller than wide: draw the material true to shape
    sheet = Image.new("RGB", (3 * width + 2 * GAP, tall), "white")
    for place, picture in enumerate(pictures):
        resample = Image.Resampling.BILINEAR if place == 0 else Image.Resampling.NEAREST
        sheet.paste(Image.fromarray(picture).resize((width, tall), resample), (place * (width + GAP), 0))
    font = ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf", 14)
    draw, length = ImageDraw.Draw(sheet), BAR_NM / x_nm
    draw.rectangle([10, tall - 36, 22 + length, tall - 8], fill="black")
    draw.rectangle([16, tall - 16, 16 + length, tall - 13], fill="white")
    draw.text((16, tall - 33), f"{BAR_NM // 1000} µm", fill="white", font=font)
    sheet.save(sys.argv[2], optimize=True)


if __name__ == "__main__":
    main()
