"""Settings of raw slices."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, sin

from keramos.core import View, VoxelSize
from keramos.core.errors import OptionError
from keramos.settings.phantom import RawOptions
from keramos.simulation.raw.maker import MAKERS, Maker
from keramos.simulation.settings import PhantomSettings

_BY_SEVERITY = {"drift_walk": 1.2, "drift_jitter": 0.6, "thickness_error": 0.2}


@dataclass(frozen=True, kw_only=True)
class RawSettings(PhantomSettings, RawOptions):
    """Options of a phantom that a microscope records slice by slice. `raw`: thermo if it is None.

    `shape` counts the sections that are cut (Z) and the rows and columns of an image without its information bar;
    `voxel_size` is the slices' nominal thickness and the edges of a pixel in the plane of the image, by default the
    preset's, with square pixels. On the section a pixel is longer along y, unless the image was stretched.

    Raises:
        SettingsError, ShapeError: as `PhantomSettings`; options that raw slices do not have.

    Example:
        >>> settings = RawSettings((60, 400, 400), raw="thermo", voxel_size=VoxelSize(20, 10, 10))
        >>> print(settings.section_voxels, settings.raw_view.tilt_deg)
        20 x 12.6902 x 10 nm (z y x) 38.0
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.maker  # refuse one that there is not
        if self.cutting_order != "increasing":
            raise OptionError("cutting_order", "raw slices are numbered in the order of cutting; omit it")
        if self.hand_labels:
            raise OptionError("hand_labels", "raw slices get no hand labels; omit it")

    @property
    def maker(self) -> Maker:
        """The maker of the microscope."""
        return MAKERS.find(self.raw or "thermo")

    @property
    def is_corrected(self) -> bool:
        """Whether the microscope corrects for the tilt, as its files say."""
        return self.maker.corrects if self.tilt_corrected is None else self.tilt_corrected

    @property
    def pixels(self) -> VoxelSize:
        """The slices' thickness and the edges of a pixel in the plane of the image."""
        size = self.kind.voxel_size
        return self.voxel_size or VoxelSize(size.z_nm, size.x_nm, size.x_nm)

    @property
    def section_voxels(self) -> VoxelSize:
        """The edges of a voxel on the section."""
        size = self.pixels
        if self.is_corrected and self.maker.stretches:
            return size
        return VoxelSize(size.z_nm, size.y_nm / sin(radians(self.maker.columns_deg)), size.x_nm)

    @property
    def raw_view(self) -> View:
        """The viewing geometry of the raw slices."""
        return View(90 - self.maker.columns_deg, frame=self.frame)

    @property
    def bar_rows(self) -> int:
        """Rows of the information bar below each image."""
        share = self.maker.bar_share
        return max(12, round(share * self.shape[1])) if share else 0

    def strength(self, name: str) -> float:
        """`drift_walk`, `drift_jitter` or `thickness_error` as given, or by the severity."""
        given: float | None = getattr(self, name)
        return _BY_SEVERITY[name] * self.severity if given is None else given
