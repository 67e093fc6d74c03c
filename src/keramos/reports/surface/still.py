"""The volume as a solid block, as a picture that needs no script."""

from __future__ import annotations

import numpy as np
from PIL import Image

from keramos.core import Box, LabelVolume, Phase
from keramos.reports.content import ReportContent
from keramos.reports.picture import PHOTO_QUALITY, webp_uri
from keramos.reports.rendering import Block, Camera, read_thinned, render_cut_out
from keramos.scoring import stretch_grey

_CELLS = 160
_PIXELS = 520
_DARKEST = 150
"""The grey value that black becomes: the shape matters more than the texture."""

_LEAST_BRIGHTNESS = 0.36


def still_picture(content: ReportContent, labels: LabelVolume) -> str:
    """A data URI of the block of the positive phase with the grey values on its faces, clear around it."""
    box = Box.whole(content.volume.shape)
    codes, _ = read_thinned(labels, box, _CELLS)
    grey, _ = read_thinned(content.volume, box, _CELLS)
    solid = np.asarray(codes == labels.phases.positive)
    if grey.shape != solid.shape:  # the two do not agree on the voxel size
        grey = np.full(solid.shape, 200, np.uint8)
    flat = stretch_grey(np.asarray(grey.reshape(grey.shape[0], -1))).reshape(grey.shape)
    flat = np.asarray(_DARKEST + flat * ((255 - _DARKEST) / 255), np.uint8)
    red, green, blue = (round(255 * part) for part in tint_of(labels.phases.phases[labels.phases.positive]))
    picture = Image.fromarray(render_cut_out(Block(flat, solid, (red, green, blue)), Camera(pixels=_PIXELS)))
    return webp_uri(picture.crop(picture.getbbox()), PHOTO_QUALITY)


def tint_of(phase: Phase) -> list[float]:
    """The phase's colour, softened; a dark one brighter, so that light and shade can be seen on it."""
    rgb = np.array(phase.rgb) / 255
    brightness = float(rgb @ (0.2126, 0.7152, 0.0722))
    if brightness < _LEAST_BRIGHTNESS:
        rgb = rgb + (np.array((0.56, 0.66, 0.80)) - rgb) * min(1.0, 1.2 * (1 - brightness / _LEAST_BRIGHTNESS))
    return [round(float(c), 3) for c in rgb + 0.18 * (1 - rgb)]
