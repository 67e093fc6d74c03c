"""The picture that stands for a model: a slice, and beside it what the model makes of it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from keramos.scoring import stretch_grey
from keramos.writers.bioimageio.sample import Sample


def cover_png(sample: Sample) -> bytes:
    """A PNG twice as wide as high: the middle slice in grey, and the phases in their colours."""
    grey = stretch_grey(sample.grey[len(sample.grey) // 2])
    colours = np.array([phase.rgb for phase in sample.phases], np.uint8)
    pair = np.concatenate([np.repeat(grey[..., None], 3, axis=2), colours[sample.scores.argmax(axis=0)]], axis=1)
    file = io.BytesIO()
    Image.fromarray(pair).save(file, format="PNG", optimize=True)
    return file.getvalue()
