"""Members of an open set are found in files and in other installed packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keramos.core.errors import SettingsError
from keramos.core.registry import Registry

TOY = "from kinds_of_toys import Toy\n\nBALL = Toy('{name}')\n"


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A package `toybox` with one member, and the class of its members in `kinds_of_toys`."""
    (tmp_path / "kinds_of_toys.py").write_text(
        "from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass Toy:\n    name: str\n"
    )
    box = tmp_path / "toybox"
    box.mkdir()
    (box / "__init__.py").write_text("")
    (box / "ball.py").write_text(TOY.format(name="ball"))
    monkeypatch.syspath_prepend(tmp_path)
    import kinds_of_toys

    yield Registry("toys", kinds_of_toys.Toy, "toybox")
    for name in [name for name in sys.modules if name.startswith(("toybox", "kinds_of_toys", "from_outside"))]:
        del sys.modules[name]


def from_outside(folder: Path, name: str) -> None:
    """Install a package that brings a member of that name."""
    (folder / "from_outside.py").write_text(TOY.format(name=name))
    facts = folder / "from_outside-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: from-outside\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[keramos.toys]\nany = from_outside\n")


def test_a_file_is_a_member(toys: Registry) -> None:
    assert list(toys) == ["ball"]
    assert toys["ball"].name == "ball"


def test_another_package_brings_members(toys: Registry, tmp_path: Path) -> None:
    assert len(toys) == 1
    from_outside(tmp_path, "kite")
    assert "kite" not in toys
    toys.refresh()
    assert set(toys) == {"ball", "kite"}


def test_two_of_one_name_are_refused(toys: Registry, tmp_path: Path) -> None:
    from_outside(tmp_path, "ball")
    with pytest.raises(SettingsError, match=r"one of the toys named 'ball', found toybox\.ball and from_outside"):
        list(toys)


def test_an_unknown_name_is_told_with_those_there_are(toys: Registry) -> None:
    with pytest.raises(SettingsError, match="one of the toys ball, found 'kite'"):
        toys.find("kite")
