"""Pictures of a block: each pixel is the first solid voxel of the whole block turned to the camera."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, gaussian_filter

from keramos.reports.rendering import Block, Camera, _cast_rays, render_block, render_cut_out

Grey = NDArray[np.uint8]


def block(kind: str) -> Grey:
    """Grey values of at least 1 where it is solid, else 0."""
    rng = np.random.default_rng(0)
    grey = rng.integers(1, 256, (9, 24, 17)).astype(np.uint8)
    noise = gaussian_filter(rng.random(grey.shape), 1.5)
    shares = {"full": 0.0, "half": 0.5, "sparse": 0.97, "empty": 1.0}
    return np.where(noise >= np.quantile(noise, shares[kind]) if kind != "empty" else False, grey, 0).astype(np.uint8)


@pytest.mark.parametrize("camera", [Camera(pixels=60), Camera(200.0, 10.0, 45), Camera(0.0, 0.0, 30)])
@pytest.mark.parametrize("kind", ["full", "half", "sparse", "empty"])
def test_the_first_voxels_are_those_of_the_whole_block_turned(kind: str, camera: Camera) -> None:
    part, axes = block(kind), camera.axes()
    step = float((np.abs(axes) @ part.shape)[1:].max() / camera.pixels)
    canvas = tuple(int(n) for n in np.ceil(np.abs(axes) @ part.shape / step) + 2)
    matrix = axes.T * step
    offset = (np.array(part.shape) - 1) / 2 - matrix @ ((np.array(canvas) - 1) / 2)
    turned = affine_transform(part, matrix, offset, canvas, order=0, mode="constant", cval=0)
    wanted = (turned > 0).argmax(axis=0)
    seen, depth = _cast_rays(part, axes, step, canvas)  # type: ignore[arg-type]
    # Where a ray runs along the border of two voxels, rounding decides between them.
    assert np.mean(seen == np.take_along_axis(turned, wanted[None], axis=0)[0]) > 0.999
    assert np.mean(depth == wanted) > 0.999
    assert (seen > 0).any() == (kind != "empty")


def test_a_block_stands_clear_on_white_in_its_tint() -> None:
    solid = np.ones((6, 8, 10), bool)
    of_block = Block(np.full(solid.shape, 200, np.uint8), solid, (255, 0, 0))
    picture, cut_out = render_block(of_block, Camera(pixels=40)), render_cut_out(of_block, Camera(pixels=40))
    opaque = cut_out[..., 3] == 255
    assert 0.3 < opaque.mean() < 0.9
    assert (cut_out[~opaque] == 0).all()
    assert (picture[~opaque] == 255).all()
    assert (picture[opaque][:, 0] > 0).all()
    assert (picture[opaque][:, 1:] == 0).all()
    assert not render_cut_out(Block(of_block.grey, np.zeros_like(solid)), Camera(pixels=40)).any()
