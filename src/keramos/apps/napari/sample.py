"""Sample data: a small porous ceramic, simulated, with its true labels and one slice as a hand would label it."""

from __future__ import annotations

from pathlib import Path

from keramos.apps.napari.layers import LayerData, image_layer, labels_layer
from keramos.apps.napari.scratch import make_folder
from keramos.io import open_labels, open_volume
from keramos.project.verbs.phantom import phantom

_SHAPE = (32, 160, 160)


def make_sample() -> list[LayerData]:
    """The layers of the sample: the images, the truth, and a hand label, which can be painted on."""
    folder: Path = make_folder() / "phantom"
    phantom(out=folder, shape=_SHAPE, seed=1, hand_labels=(_SHAPE[0] // 2,))
    images, truth, drawn = (folder / f"{name}.ome.zarr" for name in ("images", "truth", "hand-labels"))
    return [
        image_layer(open_volume(images), str(images)),
        labels_layer(open_labels(truth), str(truth)),
        labels_layer(open_labels(drawn), in_memory=True),
    ]
