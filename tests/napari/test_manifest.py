"""The manifest says what the plug-in has, and importing Keramos loads nothing of napari."""

from __future__ import annotations

from pathlib import Path

import yaml

import keramos.apps.napari
from keramos.apps.napari.messages import explain, name_fields
from keramos.core.errors import OptionError
from keramos.io.format import FORMATS

MANIFEST = yaml.safe_load((Path(keramos.apps.napari.__file__).parent / "napari.yaml").read_text("utf-8"))


def test_every_format_is_offered_to_napari() -> None:
    (reader,) = MANIFEST["contributions"]["readers"]
    suffixes = {suffix for one in FORMATS.values() for suffix in one.suffixes}
    assert set(reader["filename_patterns"]) == {f"*{suffix}" for suffix in suffixes}
    assert reader["accepts_directories"]


def test_every_command_is_contributed() -> None:
    contributions = MANIFEST["contributions"]
    commands = {row["id"] for row in contributions["commands"]}
    used = {row["command"] for kind, rows in contributions.items() if kind != "commands" for row in rows}
    assert commands == used


def test_sentences_name_fields_instead_of_options() -> None:
    assert name_fields("give --voxel-size Z Y X, or --box") == "give 'Voxel size' Z Y X, or 'Box'"
    assert explain(OptionError("remove_specks", "expected less, found 1")) == "remove specks: expected less, found 1"
    assert explain(OSError(28, "No space left on device", "a.zarr")) == (
        "a file could not be read or written (No space left on device: a.zarr); check the path and the disk"
    )
