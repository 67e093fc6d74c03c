"""Nothing is done: the images as they are, the slices one nominal thickness apart."""

from __future__ import annotations

import numpy as np
from raw_entry import Case, Entry


def prepare(case: Case) -> Entry:
    """The raw stack without its information bar."""
    names, images = case.read()
    places = np.arange(len(names)) * case.thickness_nm
    return Entry(names, np.zeros((len(names), 2)), places, volume=images[:, : case.rows], volume_z_nm=places)
