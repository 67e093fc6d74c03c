"""Volumes of calibrated grey values and of labels, whose pixels are read box by box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from keramos.core.box import Box, Triple, triple
from keramos.core.errors import ShapeError, VoxelSizeError
from keramos.core.finding import Finding
from keramos.core.phases import PhaseTable
from keramos.core.provenance import Provenance
from keramos.core.view import View
from keramos.core.voxel_size import VoxelSize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class PixelSource(Protocol):
    """Any 3-D array (Z Y X) on disk or in memory that can read the pixels of a box."""

    @property
    def shape(self) -> Triple: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def read(self, box: Box) -> NDArray[Any]: ...


@dataclass(frozen=True, eq=False)
class ArraySource:
    """Pixels of an array in memory or of a memory map; a 2-D array becomes one slice.

    Raises:
        ShapeError: the array is neither 2-D nor 3-D.
    """

    array: NDArray[Any]

    def __post_init__(self) -> None:
        if self.array.ndim == 2:
            object.__setattr__(self, "array", self.array[None])
        if self.array.ndim != 3:
            raise ShapeError(f"expected a 2-D or 3-D array, found {self.array.ndim}-D of shape {self.array.shape}")

    @property
    def shape(self) -> Triple:
        return triple(self.array.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    def read(self, box: Box) -> NDArray[Any]:
        import numpy as np  # late, here and below: a help text reads no pixels

        return np.asarray(self.array[box.slices])


@dataclass(frozen=True, eq=False)
class SourceView:
    """Base of sources that change what another source reads; shape and type are its own unless overridden."""

    source: PixelSource

    @property
    def shape(self) -> Triple:
        return self.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    @property
    def origin(self) -> Triple:
        return origin_of(self.source)


@dataclass(frozen=True, eq=False)
class BoxSource(SourceView):
    """A box of another source, read on demand, with its own origin."""

    box: Box

    @property
    def shape(self) -> Triple:
        return self.box.shape

    @property
    def origin(self) -> Triple:
        inner = origin_of(self.source)
        return triple([a + b for a, b in zip(inner, self.box.start, strict=True)])

    def read(self, box: Box) -> NDArray[Any]:
        return self.source.read(box.shift(self.box.start))


def origin_of(source: PixelSource) -> Triple:
    """Position of the first voxel (Z Y X) in the file; not zero for a box of it."""
    origin: Triple = getattr(source, "origin", (0, 0, 0))
    return origin


def piece_shape(source: PixelSource) -> Triple:
    """The voxels (Z Y X) that a source decodes at once, of the source that others are views of; a slice if unknown."""
    inner = source
    while getattr(inner, "piece_shape", None) is None:
        if getattr(inner, "source", None) is None or inner.source.shape != source.shape:  # type: ignore[attr-defined]
            return (1, *source.shape[1:])
        inner = inner.source  # type: ignore[attr-defined]
    shape: Triple = inner.piece_shape  # type: ignore[attr-defined]
    return shape


@dataclass(frozen=True, eq=False)
class _Calibrated:
    source: PixelSource
    voxel_size: VoxelSize | None = None
    name: str = "memory"
    provenance: Provenance = field(default_factory=Provenance)
    findings: tuple[Finding, ...] = field(default=(), kw_only=True)

    @property
    def shape(self) -> Triple:
        return self.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    @property
    def box(self) -> Box:
        return Box.whole(self.shape)

    @property
    def origin(self) -> Triple:
        """Position of the first voxel (Z Y X) in the file; not zero for a box of it."""
        return origin_of(self.source)

    def read(self, box: Box | None = None) -> NDArray[Any]:
        """Pixels of `box`, or of the whole volume, as an array Z Y X. ShapeError if the box leaves the volume."""
        box = self.box if box is None else box
        if not self.box.contains(box):
            raise ShapeError(f"expected a box inside {self.name} of {self.shape} voxels (z, y, x), found {box}")
        return self.source.read(box)

    def _repr_html_(self) -> str:
        from keramos.core.volume_html import volume_html  # late: it is made for volumes

        return volume_html(self)  # type: ignore[arg-type]

    def _findings_in(self, box: Box) -> tuple[Finding, ...]:
        """The findings without those about slices outside of a box."""
        first, last = self.origin[0] + box.start[0], self.origin[0] + box.stop[0]
        return tuple(finding for finding in self.findings if finding.is_about(first, last))

    def require_voxel_size(self) -> VoxelSize:
        """The voxel size; VoxelSizeError if it is unknown."""
        if self.voxel_size is None:
            doubt = next((one for one in reversed(self.findings) if one.kind == "voxel-size"), None)
            if doubt is not None:
                raise VoxelSizeError(
                    f"expected a voxel size of {self.name} that is known: {doubt.message}; {doubt.advice}"
                )
            raise VoxelSizeError(
                f"expected the voxel size of {self.name}, found none in its metadata; give --voxel-size Z Y X in nm"
            )
        return self.voxel_size


@dataclass(frozen=True, eq=False)
class Volume(_Calibrated):
    """Grey values on a Z Y X grid. `voxel_size` and `view` are None where unknown; `findings` are doubts about the
    file; `facts` say how raw slices were prepared, as JSON values, and are empty for other images.

    `others` are further images of the same slices, by other detectors or at other voltages; all else that is said and
    read of the volume is of the first one. `channel` names it among them.

    Example:
        >>> import numpy as np
        >>> volume = Volume.from_array(np.zeros((4, 6, 8), np.uint8), VoxelSize(20, 26.4, 20.8))
        >>> volume.crop(Box((1, 2, 2), (3, 6, 6))).read().shape
        (2, 4, 4)
    """

    view: View | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[Volume, ...] = field(default=(), kw_only=True)
    channel: str = field(default="", kw_only=True)

    @property
    def channels(self) -> tuple[Volume, ...]:
        """The volume of each detector or voltage, the first one included."""
        return (replace(self, others=()), *self.others)

    @property
    def channel_names(self) -> tuple[str, ...]:
        """The names of several channels; none of a single one."""
        several = (self, *self.others) if self.others else ()
        return tuple(one.channel or f"channel {number}" for number, one in enumerate(several, 1))

    def read_channels(self, box: Box | None = None) -> NDArray[Any]:
        """Pixels of `box`, or of the whole volume: an array Z Y X, with a last axis of channels where there are
        several. ShapeError if the box leaves the volume."""
        import numpy as np

        pixels = self.read(box)
        return np.stack([pixels, *(one.read(box) for one in self.others)], axis=-1) if self.others else pixels

    @property
    def filled_slices(self) -> tuple[int, ...]:
        """The slices that were made of their neighbours, for looking only: nothing is measured in them."""
        first, stop = self.origin[0], self.origin[0] + self.shape[0]
        return tuple(int(z) - first for z in self.facts.get("filled_slices", ()) if first <= z < stop)

    @classmethod
    def from_array(
        cls, array: NDArray[Any], voxel_size: VoxelSize | Sequence[float] | None = None, name: str = "memory"
    ) -> Volume:
        return cls(ArraySource(array), _to_voxel_size(voxel_size), name)

    def crop(self, box: Box) -> Volume:
        """The part of the volume in `box`; nothing is read yet."""
        others, findings = tuple(one.crop(box) for one in self.others), self._findings_in(box)
        return replace(self, source=BoxSource(self.source, box), findings=findings, others=others)


@dataclass(frozen=True, eq=False)
class LabelVolume(_Calibrated):
    """Phase codes (uint8, Z Y X): 0 ... len(phases) - 1, and 255 where unannotated. `facts` say how a segmentation was
    made, as JSON values; they are empty for other labels. `findings` are doubts about the file.

    Example:
        >>> import numpy as np
        >>> table = PhaseTable.from_names(["void", "solid"])
        >>> LabelVolume.from_array(np.ones((2, 3, 3), np.uint8), table).shape
        (2, 3, 3)
    """

    phases: PhaseTable = field(default_factory=lambda: PhaseTable.from_names(["void", "solid"]))
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_array(
        cls,
        array: NDArray[np.uint8],
        phases: PhaseTable,
        voxel_size: VoxelSize | Sequence[float] | None = None,
        name: str = "memory",
    ) -> LabelVolume:
        return cls(ArraySource(array), _to_voxel_size(voxel_size), name, phases=phases)

    def crop(self, box: Box) -> LabelVolume:
        """The part of the labels in `box`; nothing is read yet."""
        return replace(self, source=BoxSource(self.source, box), findings=self._findings_in(box))


def _to_voxel_size(given: VoxelSize | Sequence[float] | None) -> VoxelSize | None:
    return given if given is None or isinstance(given, VoxelSize) else VoxelSize.of(given)
