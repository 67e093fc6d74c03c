"""A compact U-Net for one grey slice or several neighbours: some 20 kFLOP per pixel, a seventieth of the paper's U-Net.

    grey -unshuffle 2-> [w] -pool-> [2w] -pool-> [4w] ... -up, join-> [2w] -up, join-> [w] -1x1, shuffle 2-> logits

Half the resolution is moved into channels on input (Shi et al. 2016, sub-pixel convolution), so the costly
full-resolution layers of Ronneberger et al. 2015 do not exist. BatchNorm only: it folds into the convolutions, and
a voxel's result depends on nothing outside the halo. Neighbouring slices enter as channels, which costs next to
nothing: all that is computed at the first convolution is the sum over planes.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from keramos.core.errors import SettingsError
from keramos.networks.architecture import Architecture, Network, Size

_MOST_LEVELS = 10
"""Such a network would see 6 << 10 pixels around each, more than a slice has."""
_FIRST = "down.0.0.weight"
"""The weights of the first convolution: four for each image read, the pixels that are merged into one."""
_FAR_SEEING = {"levels": 6, "doublings": 3}
"""Sees 384 pixels to each side; wider coarse levels would cost more in Muon's steps than all else."""
_HEAD = ("head.0.weight", "head.0.bias")
"""Four rows for each phase: the pixels that are shuffled out of one."""


class ConvPair(nn.Sequential):
    """Twice: 3x3 convolution, BatchNorm, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Compact(Network):
    """Logits (N, classes, Y, X) of the middle one of neighbouring slices (N, channels x planes, Y, X); Y and X must be
    multiples of the stride.

    Args:
        classes: phases to tell apart.
        planes: slices read, an odd number: the one that is decided and as many before it as after it.
        width: channels at the first level.
        levels: scales, each coarser by two and twice as wide as the one before.
        channels: images of each slice, by as many detectors or voltages.
        doublings: levels after the first that are twice as wide as the one before; all, if None.
    """

    def __init__(
        self,
        classes: int = 2,
        planes: int = 1,
        width: int = 16,
        levels: int = 4,
        channels: int = 1,
        doublings: int | None = None,
    ) -> None:
        super().__init__()
        if min(classes - 1, planes, width, channels) < 1 or planes % 2 == 0 or not 3 <= levels <= _MOST_LEVELS:
            raise SettingsError(
                f"expected classes >= 2, an odd number of planes, width >= 1, levels from 3 to {_MOST_LEVELS}, "
                f"channels >= 1, found {classes}, {planes}, {width}, {levels}, {channels}"
            )
        if doublings is not None and not 0 <= doublings < levels:
            raise SettingsError(f"expected doublings from 0 to {levels - 1}, found {doublings}")
        self.settings = {"classes": classes, "planes": planes, "width": width, "levels": levels}
        if doublings is not None:
            self.settings["doublings"] = doublings
        if channels > 1:
            self.settings["channels"] = channels
        self.channels, inputs = channels, channels * planes
        self.stride = (1, 2**levels, 2**levels)
        self.halo = (planes // 2, reach(levels), reach(levels))
        # Four layers of the first level, at a quarter of the pixels, and the images read, twice.
        self.bytes_per_pixel = 4 * (4 * width + (2 * inputs if inputs > 1 else 0))
        most = levels if doublings is None else doublings
        widths = [width * 2 ** min(level, most) for level in range(levels)]
        self.unshuffle, self.pool = nn.PixelUnshuffle(2), nn.MaxPool2d(2)
        self.down = nn.ModuleList(map(ConvPair, [4 * inputs, *widths[:-1]], widths))
        self.up = nn.ModuleList(nn.ConvTranspose2d(v, w, 2, stride=2) for w, v in pairwise(widths))
        self.join = nn.ModuleList(ConvPair(2 * w, w) for w in widths[:-1])
        self.head = nn.Sequential(nn.Conv2d(width, 4 * classes, 1), nn.PixelShuffle(2))

    def start_from_fewer(self, weights: dict[str, Tensor]) -> None:
        """Take the weights of a network of one plane or fewer channels: the others count only once it has learnt to use
        them (Carreira and Zisserman 2017 inflate alike)."""
        first = weights[_FIRST]
        inputs = first.shape[1] // 4
        planes = 1 if inputs % self.planes else self.planes
        known = first.reshape(first.shape[0], inputs // planes, planes, 4, *first.shape[2:])
        grown = first.new_zeros(first.shape[0], self.channels, self.planes, 4, *first.shape[2:])
        before = (self.planes - planes) // 2
        grown[:, : known.shape[1], before : before + planes] = known
        self.load_state_dict({**weights, _FIRST: grown.flatten(1, 3)})

    def forward(self, grey: Tensor) -> Tensor:
        skips = [self.down[0](self.unshuffle(grey))]
        for level in self.down[1:]:
            skips.append(level(self.pool(skips[-1])))
        features = skips.pop()
        for up, join in zip(reversed(self.up), reversed(self.join), strict=True):
            features = join(torch.cat([up(features), skips.pop()], dim=1))
        logits: Tensor = self.head(features)
        return logits


def reach(levels: int) -> int:
    """The farthest pixels that count for a pixel, a multiple of the stride.

    Two 3x3 convolutions reach 2 cells of their level: 2, 4, 8 ... pixels wide on the way in and, but for the coarsest,
    on the way out. Followed outward from a pixel, cell by cell, that is 6 cells of the coarsest level or fewer.
    """
    return 6 << levels


def _sizes() -> dict[str, Size]:
    """Widths by size; multiples of 8 suit vector units."""
    return {"S": Size({"width": 16}, 20), "M": Size({"width": 24}, 45), "L": Size({"width": 40}, 150)}


def _of_several_planes(planes: int) -> Architecture:
    return Architecture(
        name=f"compact-{planes}",
        title=f"Compact U-Net, {planes} slices",
        description=f"the same with {planes} neighbouring slices",
        build=partial(Compact, planes=planes),
        options=("width", "levels", "doublings"),
        far_seeing=_FAR_SEEING,
        planes=planes,
        takes_channels=True,
        sizes=_sizes(),
        starts_from={"compact": Compact.start_from_fewer, f"compact-{planes}": Compact.start_from_fewer},
        per_phase=_HEAD,
    )


COMPACT = Architecture(
    name="compact",
    title="Compact U-Net",
    description="small U-Net; the default",
    build=Compact,
    options=("width", "levels", "doublings"),
    far_seeing=_FAR_SEEING,
    takes_channels=True,
    sizes=_sizes(),
    starts_from={"compact": Compact.start_from_fewer},
    per_phase=_HEAD,
)
COMPACT_5, COMPACT_7 = _of_several_planes(5), _of_several_planes(7)
