"""`keramos info --support`: what a report of a mistake needs, without pixels."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from keramos.project import support
from keramos.project.support import describe_machine


def test_the_machine_without_a_file(keramos: Callable[..., Any], tmp_path: Path) -> None:
    ran = keramos("info", "--support", "--json", tmp_path / "support.json")
    assert ran.status == 0
    facts = json.loads((tmp_path / "support.json").read_text())["support"]
    assert platform.python_version() in facts["python"]
    assert facts["packages"]["torch"] == version("torch")
    assert facts["packages"]["zarr"] == version("zarr")
    assert "pytest" not in facts["packages"]


def test_a_file_with_the_machine(keramos: Callable[..., Any], phantom: Path, tmp_path: Path) -> None:
    ran = keramos("info", phantom / "images.ome.zarr", "--support", "--json", tmp_path / "support.json")
    assert ran.status == 0
    facts = json.loads((tmp_path / "support.json").read_text())
    assert facts["voxel_size_nm"] == [20, 26.4, 20.8]
    assert facts["support"]["cores"] >= 1


def test_nothing_to_describe_is_refused(keramos: Callable[..., Any]) -> None:
    ran = keramos("info")
    assert ran.status == 2
    assert "--support" in ran.complaint


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["numpy>=2", "no.such_package[all]>=3; extra == 'x'", "pytest; extra == 'test'"]
    monkeypatch.setattr(support, "requires", lambda _: lines)
    packages = describe_machine()["packages"]
    assert list(packages) == ["keramos", "numpy", "no.such_package"]
    assert packages["no.such_package"] == "not installed"
