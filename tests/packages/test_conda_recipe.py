"""The conda recipe asks for what pyproject.toml asks for, and states the same version, entry point and licence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from keramos.version import __version__

ROOT = Path(__file__).resolve().parents[2]
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base", "dask": "dask-core"}
"""Packages that conda-forge calls otherwise; `matplotlib-base` and `dask-core` are those of PyPI without extras."""


@pytest.fixture(scope="module")
def recipe() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return loaded


def conda_form(requirement: str) -> str:
    name, bounds = re.fullmatch(r"([A-Za-z0-9._-]+)(.*)", requirement.replace(" ", "")).groups()  # type: ignore[union-attr]
    return f"{CONDA_NAMES.get(name, name)} {bounds}"


def test_it_needs_what_pyproject_needs(recipe: dict[str, Any], project: dict[str, Any]) -> None:
    wanted = [conda_form(each) for each in project["project"]["dependencies"]]
    assert "pytorch >=2.4" in wanted
    assert sorted(recipe["requirements"]["run"]) == sorted([f"python {project['project']['requires-python']}", *wanted])
    backend = [conda_form(each) for each in project["build-system"]["requires"]]
    assert set(backend) < set(recipe["requirements"]["host"])


def test_it_states_what_pyproject_states(recipe: dict[str, Any], project: dict[str, Any]) -> None:
    assert recipe["context"]["version"] == __version__
    assert recipe["about"]["license"] == project["project"]["license"]
    assert recipe["about"]["summary"] == project["project"]["description"]
    scripts = [f"{name} = {target}" for name, target in project["project"]["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == scripts
