"""PNG and BMP: one slice a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from keramos.core import Box, Triple
from keramos.core.errors import FormatError
from keramos.io.display import AS_STORED, Display
from keramos.io.error_text import one_line
from keramos.io.format import Format, Opened, starts_with
from keramos.io.grey import (
    UNPAINTED,
    blank_unpainted,
    grey_of_channels,
    is_transparent,
    mark_unpainted,
    pick_signed_type,
)
from keramos.io.plausible import DEFLATE_RATIO, refuse_inflated, refuse_lengths
from keramos.io.shown_grey import list_shown_inverted
from keramos.io.sidecars import tags_of
from keramos.io.slice_cache import SliceCache, gather

_DTYPES = {
    "1": "u1",
    "L": "u1",
    "LA": "u1",
    "P": "u1",
    "PA": "u1",
    "RGB": "u1",
    "RGBA": "u1",
    "I;16": "u2",
    "I;16L": "u2",
    "I;16B": "u2",
    "I": "i4",
    "F": "f4",
}

_BYTES = {"RGB": 3, "RGBA": 4, "LA": 2, "PA": 2, "I": 4, "F": 4, "I;16": 2, "I;16L": 2, "I;16B": 2}
_BMP_RATIO = 256  # a run of up to 255 pixels in two bytes

# A slice of a FIB-SEM stack may well have more pixels than a picture on the web; it is not a decompression bomb.
Image.MAX_IMAGE_PIXELS = None


def open_picture(path: Path, indices: bool) -> Opened:
    """The only slice of a file. For labels (`indices`) a palette image gives its indices, and transparent pixels are
    `UNPAINTED`; for images it gives the grey that it shows, and opacity does not count.

    Raises:
        FormatError: a corrupt file, or a colour mode without grey values.
    """
    with _open_image(path) as picture:
        _refuse_absurd(picture, path)
        if picture.mode not in _DTYPES:
            raise FormatError(
                f"expected a grey image in {path}, found colour mode {picture.mode}; "
                "convert it to 8-bit grey in Fiji (Image > Type > 8-bit)"
            )
        display, painted = _display(picture), indices and _has_opacity(picture)
        dtype = np.dtype(_DTYPES[picture.mode])
        shape = (1, picture.height, picture.width)
    source = PictureSource(path, shape, pick_signed_type(dtype) if painted else dtype, indices)
    return Opened(
        source,
        has_channels=True,
        tags=(tags_of(path, _texts),),
        display=display,
        unpainted=UNPAINTED if painted else None,
        findings=() if indices else list_shown_inverted(display, str(path), 255),
    )


@dataclass(eq=False)
class PictureSource:
    """The slice of a PNG or BMP; FormatError on reading a corrupt file, or colours that are not grey."""

    path: Path
    shape: Triple
    dtype: np.dtype[Any]
    indices: bool
    _cache: SliceCache = field(default_factory=SliceCache, repr=False)

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)

    @property
    def piece_shape(self) -> Triple:
        """The voxels that are decoded at once."""
        return self.shape

    def read(self, box: Box) -> NDArray[Any]:
        return gather(box, self.dtype, lambda z: self._cache.get(z, self._decode))

    def _decode(self, _z: int) -> NDArray[Any]:
        return _read_picture(self.path, self.indices)


def _read_picture(path: Path, indices: bool) -> NDArray[Any]:
    """The pixels, Y X."""
    with _open_image(path) as picture:
        _refuse_absurd(picture, path)
        try:
            picture.load()
        except Exception as error:  # the decoders raise what they like
            raise _corrupt(path, error) from None
        return _label_values(picture, str(path)) if indices else _grey(picture, str(path))


def _grey(picture: Image.Image, where: str) -> NDArray[Any]:
    """The grey values that a picture shows."""
    pixels = _pixels(picture.convert("RGB") if picture.mode in ("P", "PA") else picture)
    return grey_of_channels(pixels, 2, where) if pixels.ndim == 3 else pixels


def _label_values(picture: Image.Image, where: str) -> NDArray[Any]:
    """The values of labels, `UNPAINTED` where the picture is transparent."""
    if picture.mode in ("LA", "RGBA"):
        return blank_unpainted(_pixels(picture), 2, where)
    # The first band of a palette image with opacity holds its indices.
    values = _pixels(picture.getchannel(0) if picture.mode in ("P", "PA") else picture)
    transparent = _transparent(picture, values)
    values = grey_of_channels(values, 2, where) if values.ndim == 3 else values
    return values if transparent is None else mark_unpainted(values, transparent)


def _transparent(picture: Image.Image, values: NDArray[Any]) -> NDArray[np.bool_] | None:
    """The places where a palette or keyed picture is transparent; None for one without opacity."""
    key = picture.info.get("transparency")
    if picture.mode == "PA":
        return is_transparent(_pixels(picture.getchannel(1)))
    if isinstance(key, bytes):
        opacity = np.full(256, 255, np.uint8)
        opacity[: len(key)] = np.frombuffer(key, np.uint8)
        return is_transparent(opacity[values])
    return None if key is None else np.asarray(np.atleast_3d(values == np.asarray(key)).all(axis=2))


def _pixels(picture: Image.Image) -> NDArray[Any]:
    """The pixels as this machine holds them."""
    pixels = np.asarray(picture)
    pixels = pixels.astype(np.uint8) if pixels.dtype == np.bool_ else pixels
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


def _has_opacity(picture: Image.Image) -> bool:
    return picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info


def _display(picture: Image.Image) -> Display:
    """The colours of a palette, without decoding the pixels; other pictures show larger values lighter."""
    palette = picture.palette if picture.mode in ("P", "PA") else None
    order = "" if palette is None else palette.rawmode or palette.mode
    if palette is None or not set("RGB") <= set(order):
        return AS_STORED
    entries = np.frombuffer(bytes(palette.palette), np.uint8)
    rows = entries[: len(entries) // len(order) * len(order)].reshape(-1, len(order))
    return Display(colours=rows[:, [order.index(name) for name in "RGB"]])


def _texts(path: Path) -> dict[str, Any]:
    """The metadata beside the pixels, such as the text chunks of a PNG, and width and height under their TIFF tags."""
    with _open_image(path) as picture:
        texts = {str(name): value for name, value in picture.info.items()}
        return {**texts, "256": picture.width, "257": picture.height}


def _open_image(path: Path) -> Image.Image:
    try:
        return Image.open(path, formats=["PNG", "BMP"])
    except Exception as error:  # the decoders raise what they like
        raise _corrupt(path, error) from None


def _refuse_absurd(picture: Image.Image, path: Path) -> None:
    """FormatError for a size that the bytes of the file cannot hold: PNG deflates, BMP has at most run lengths."""
    refuse_lengths(path, (picture.height, picture.width))
    ratio = DEFLATE_RATIO if picture.format == "PNG" else _BMP_RATIO
    bits = {"1": 1, "L": 2, "P": 1}.get(picture.mode, 8 * _BYTES.get(picture.mode, 1))
    refuse_inflated(path, picture.height * picture.width * bits // 8, path.stat().st_size, ratio)


def _corrupt(path: Path, error: Exception) -> FormatError:
    kind = path.suffix.lstrip(".").upper()
    detail = "" if isinstance(error, UnidentifiedImageError) else f" ({one_line(error)})"
    return FormatError(
        f"expected a readable {kind} in {path}, found a corrupt or truncated file{detail}; copy or export it again"
    )


PNG = Format(
    "PNG",
    (".png",),
    open_picture,
    sniff=starts_with(b"\x89PNG\r\n\x1a\n"),
    in_folders=True,
    decode_slice=_read_picture,
)
BMP = Format("BMP", (".bmp",), open_picture, sniff=starts_with(b"BM"), in_folders=True, decode_slice=_read_picture)
