"""What a predictor refuses: outputs it does not have, and volumes that it was not made for."""

from __future__ import annotations

from keramos.core import Volume
from keramos.core.errors import SettingsError, VoxelSizeError
from keramos.core.progress import Reporter
from keramos.segmenters.grey import check_grey_type, grey_difference
from keramos.segmenters.otsu import Otsu
from keramos.segmenters.predictor import Predictor
from keramos.segmenters.sauvola import Sauvola


def check_uncertainty(predictor: Predictor) -> None:
    """Refuse a method that has none."""
    if isinstance(predictor, Otsu | Sauvola):
        raise SettingsError(
            f"expected a trained network for --uncertainty, found {predictor.name}, a threshold that is equally sure "
            "of every voxel; leave --uncertainty out, or train a network"
        )


def check_voxel_size(volume: Volume, predictor: Predictor) -> None:
    """Refuse a model that was made for another voxel size."""
    wanted = predictor.signature.voxel_size
    if wanted is None:
        return
    found = volume.require_voxel_size()
    if not wanted.agrees_with(found):
        raise VoxelSizeError(
            f"expected voxels within 20 % of the model's {wanted}, found {found} in {volume.name}; give --resample, "
            "train on a slice of this stack, or correct --voxel-size if the metadata are wrong"
        )


def check_grey(volume: Volume, predictor: Predictor, reporter: Reporter) -> None:
    """Refuse another type of grey values than the model was made for; note a stack that looks otherwise."""
    check_grey_type(volume, predictor.signature)
    difference = grey_difference(volume, predictor.signature)
    if difference is not None:
        reporter.note(difference)
