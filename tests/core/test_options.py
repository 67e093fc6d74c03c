"""An option says all about itself in its field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from keramos.core import VoxelSize, byte_size
from keramos.core.errors import SettingsError
from keramos.core.options import Settings, choices, list_options, option


@dataclass(frozen=True, kw_only=True)
class Toy(Settings):
    images: tuple[str, ...] = option(help="Images.", group="Files", leading=True)
    from_: Path | None = option(None, help="Where to start.")
    mode: Literal["fast", "good"] = option("good", help="How.")
    share: float = option(0.5, help="A share.", low=0, high=1)
    memory: int = option("2GiB", help="Memory.", convert=lambda text: byte_size(str(text)), affects_result=False)
    size: VoxelSize | None = option(
        None, help="Voxels.", unit="nm", convert=VoxelSize.of, given=tuple[float, float, float]
    )


def test_values_are_converted_and_defaults_too() -> None:
    toy = Toy(("a",), size=(1, 2, 3), memory="1KiB")
    assert toy.size == VoxelSize(1, 2, 3)
    assert toy.memory == 1024
    assert Toy(("a",)).memory == 2 * 2**30


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share": -0.1}, "share: expected at least 0, found -0.1"),
        ({"share": 1.1}, "share: expected at most 1, found 1.1"),
        ({"share": float("nan")}, "share: expected at least 0, found nan"),
        ({"mode": "slow"}, "mode: expected fast or good, found 'slow'"),
    ],
)
def test_out_of_bounds_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Toy(("a",), **change)


def test_identity_holds_all_that_affects_the_result_and_nothing_else() -> None:
    assert Toy(("a", "b"), from_=Path("m"), size=(1, 2, 3)).identity() == {
        "images": ["a", "b"],
        "from": "m",
        "mode": "good",
        "share": 0.5,
        "size": [1, 2, 3],
    }
    assert Toy(("a",), memory="1GiB").identity() == Toy(("a",)).identity()
    assert "memory" in Toy(("a",)).to_json()


def test_declared_options_name_defaults_and_what_is_required() -> None:
    rows = {row.field: row for row in list_options(Toy)}
    assert rows["images"].required
    assert not rows["from_"].required
    assert rows["from_"].name == "from"
    assert rows["share"].default == 0.5
    assert rows["size"].given == tuple[float, float, float]
    assert choices(rows["mode"].kind) == ("fast", "good")
    assert choices(rows["share"].kind) == ()
