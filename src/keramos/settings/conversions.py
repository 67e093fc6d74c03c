"""Values of options from what people write: on a command line, in a recipe, or in Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from keramos.core import LabelVolume, Volume, VoxelSize, byte_size, size_in_words
from keramos.core.errors import SettingsError
from keramos.core.object_path import as_path

Span = tuple[tuple[int, int], tuple[int, int]]
"""Rows and columns of a region of a slice, half-open."""
LEAST_MEMORY = 2**12
"""Less does not hold a block of any use: a slip of the unit."""
_LEAST_EDGE_NM, _MOST_EDGE_NM = 0.1, 1e6
"""An atom is as wide as the one; no voxel of a microscope or of micro-CT is as wide as the other (slices of medical CT
are thicker)."""
_FINEST_NM = 1.0
"""No volume is imaged with every edge below this: then all three were meant in µm."""


def to_voxel_size(value: Any) -> VoxelSize:
    """A voxel size from three edge lengths Z Y X in nm. SettingsError for edges that nothing images: another unit.

    Example:
        >>> to_voxel_size((20, 26.4, 20.8))
        VoxelSize(z_nm=20.0, y_nm=26.4, x_nm=20.8)
    """
    if isinstance(value, int | float):
        raise SettingsError(f"expected three numbers in nm, z y x, found {value:g}")
    size = value if isinstance(value, VoxelSize) else VoxelSize.of(value)
    if min(size.zyx) < _LEAST_EDGE_NM:
        meant = " ".join(f"{1000 * edge:g}" for edge in size.zyx)
        all_small = max(size.zyx) < _FINEST_NM
        advice = f"if it was meant in µm, give {meant}" if all_small else "give each edge in nm"
        raise SettingsError(f"expected edges in nm, found {size}: {min(size.zyx):g} nm is less than an atom; {advice}")
    if max(size.zyx) > _MOST_EDGE_NM:
        raise SettingsError(f"expected edges in nm, found {size}: {max(size.zyx):g} nm is more than 1 mm")
    return size


def to_pair(value: Any) -> tuple[float, float]:
    """Two numbers, Y X. SettingsError if there are not two.

    Example:
        >>> to_pair(["0.5", 0])
        (0.5, 0.0)
    """
    numbers = tuple(float(part) for part in value)
    if len(numbers) != 2:
        raise SettingsError(f"expected two numbers, y x, found {len(numbers)}")
    return numbers[0], numbers[1]


def to_bytes(value: Any) -> int:
    """Bytes from a number of bytes or a text such as `2GiB`. SettingsError for what is no size, or less than 4 KiB.

    Example:
        >>> to_bytes("2MiB"), to_bytes(2**21)
        (2097152, 2097152)
    """
    size = value if isinstance(value, int) and not isinstance(value, bool) else byte_size(str(value))
    if size < LEAST_MEMORY:
        raise SettingsError(f"expected at least {size_in_words(LEAST_MEMORY)}, found {value}")
    return size


def to_slices(value: Any) -> tuple[int, ...]:
    """Slice numbers from numbers and texts such as `48`, `3,7` or `10-12`.

    Raises:
        SettingsError: anything else.

    Example:
        >>> to_slices(["3,7", 9, "10-12"])
        (3, 7, 9, 10, 11, 12)
    """
    numbers: list[int] = []
    for item in [value] if isinstance(value, str | int) else value:
        for part in str(item).replace(" ", ",").split(","):
            numbers += _slices_in(part)
    return tuple(numbers)


def _slices_in(text: str) -> Iterable[int]:
    match = re.fullmatch(r"([0-9]+)(?:-([0-9]+))?", text)
    if not text:
        return ()
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise SettingsError(f"expected slice numbers such as 48 or 10-12, found '{text}'")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def to_names(value: Any) -> tuple[str, ...]:
    """Names from a text with commas, or from several.

    Example:
        >>> to_names("void, solid"), to_names(["void,solid", "pore"])
        (('void', 'solid'), ('void', 'solid', 'pore'))
    """
    texts = [value] if isinstance(value, str) else value
    return tuple(name.strip() for text in texts for name in str(text).split(",") if name.strip())


def to_path(value: Any) -> Path:
    """A path; SettingsError for an empty text, which would be the current folder."""
    if str(value) == "":
        raise SettingsError("expected a path, found an empty text")
    return as_path(value)


def to_paths(value: Any) -> tuple[Any, ...]:
    """Several paths or volumes from one or several."""
    if hasattr(value, "__array__"):
        return (value,)
    return (value,) if isinstance(value, str | Volume | LabelVolume) or hasattr(value, "__fspath__") else tuple(value)


def to_amounts(value: Any) -> dict[str, float]:
    """Numbers by name from a mapping or texts such as `carbon=30 pore=1`.

    Raises:
        SettingsError: a text that is no NAME=VALUE.

    Example:
        >>> to_amounts(["carbon=30", "pore=1,gold=7"])
        {'carbon': 30.0, 'pore': 1.0, 'gold': 7.0}
    """
    if isinstance(value, Mapping):
        return {str(name): float(number) for name, number in value.items()}
    amounts = {}
    for text in to_names(value):
        name, _, number = text.partition("=")
        try:
            amounts[name] = float(number)
        except ValueError:
            raise SettingsError(f"expected NAME=VALUE, found '{text}'") from None
    return amounts


def to_groups(value: Any) -> dict[str, tuple[str, ...]]:
    """Groups of samples by name from a mapping or texts such as `fresh=a.json,b.json aged=c.json`.

    Raises:
        SettingsError: a text that is no NAME=SAMPLE, or a group that is named twice or has no sample.

    Example:
        >>> to_groups(["fresh=a.json,b.json", "aged=c.json"])
        {'fresh': ('a.json', 'b.json'), 'aged': ('c.json',)}
    """
    if isinstance(value, Mapping):
        pairs = [(str(name), [each] if isinstance(each, str | Path) else each) for name, each in value.items()]
    else:
        texts = [value] if isinstance(value, str) else value
        pairs = [(name.strip(), paths.split(",")) for name, _, paths in (str(text).partition("=") for text in texts)]
    groups: dict[str, tuple[str, ...]] = {}
    for name, paths in pairs:
        samples = tuple(str(path).strip() for path in paths)
        if not name or not all(samples) or not samples:
            raise SettingsError(f"expected NAME=SAMPLE,SAMPLE, found '{name}={','.join(samples)}'")
        if name in groups:
            raise SettingsError(f"expected each group once, found {name} twice; write its samples after one name")
        groups[name] = samples
    return groups


def to_faces(value: Any) -> dict[str, str]:
    """Faces of the volume by name from a mapping or texts such as `nickel=z0 pore=z0 YSZ=z1`.

    Raises:
        SettingsError: a text that is no NAME=FACE.

    Example:
        >>> to_faces(["nickel=z0", "pore=z0,YSZ=z1"])
        {'nickel': 'z0', 'pore': 'z0', 'YSZ': 'z1'}
    """
    pairs = value.items() if isinstance(value, Mapping) else (text.partition("=")[::2] for text in to_names(value))
    faces = {str(name): str(face) for name, face in pairs}
    for name, face in faces.items():
        if re.fullmatch(r"[zyx][01]?", face) is None:
            raise SettingsError(
                f"expected NAME=FACE with a face z0, z1, y0, y1, x0, x1 or an axis, found '{name}={face}'"
            )
    return faces


def to_regions(value: Any) -> dict[str, Span]:
    """Regions of a slice by name from a mapping or texts such as `pore=10:90,20:140` (rows, columns, half-open).

    Raises:
        SettingsError: a text that is no such region.

    Example:
        >>> to_regions(["pore=10:90,20:140"])
        {'pore': ((10, 90), (20, 140))}
    """
    if isinstance(value, Mapping):
        return {
            str(name): to_regions([f"{name}={span}"])[name] if isinstance(span, str) else span
            for name, span in value.items()
        }
    regions = {}
    for text in [value] if isinstance(value, str) else value:
        match = re.fullmatch(r"(.+)=([0-9]+):([0-9]+),([0-9]+):([0-9]+)", text)
        if match is None:
            raise SettingsError(f"expected NAME=y0:y1,x0:x1 in pixels of the test slice, found '{text}'")
        top, bottom, left, right = (int(part) for part in match.groups()[1:])
        regions[match[1]] = ((top, bottom), (left, right))
    return regions
