"""What counts as a change, and what does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keramos.core.errors import FormatError
from keramos.project.recipe.stamps import Stamps, fingerprint, needs_of


def stamps(tmp_path: Path) -> Stamps:
    return Stamps(tmp_path / "steps.json")


def test_the_life_of_a_step(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("a")
    needs = needs_of({"seed": 1}, {"text": (source,)})
    assert stamps(tmp_path).state("s", needs, [out])[0] == "new"
    stamps(tmp_path).begin("s", needs)
    assert stamps(tmp_path).state("s", needs, [out])[0] == "unfinished"
    out.write_text("made")
    stamps(tmp_path).end("s", needs, [out])
    assert stamps(tmp_path).state("s", needs, [out])[0] == "up to date"
    out.write_text("meddled with")
    assert stamps(tmp_path).state("s", needs, [out]) == ("changed", "what it made was changed or removed")
    out.unlink()
    assert stamps(tmp_path).state("s", needs, [out])[0] == "changed"


def test_what_has_changed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in.txt"
    source.write_text("a")
    kept = stamps(tmp_path)
    kept.end("s", needs_of({"seed": 1, "model": "x"}, {"text": (source,)}), [])
    source.write_text("b")
    assert kept.state("s", needs_of({"seed": 2, "model": "x"}, {"text": (source,)}), [])[1] == "seed and text changed"
    monkeypatch.setattr("keramos.project.recipe.stamps._code", lambda: "another version")
    assert "Keramos changed" in kept.state("s", needs_of({"seed": 1, "model": "x"}, {"text": (source,)}), [])[1]


def test_a_touched_file_is_the_same_and_a_folder_counts_by_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "a.bin"
    file.parent.mkdir()
    file.write_bytes(b"12")
    of_file, of_folder = fingerprint(file), fingerprint(file.parent)
    os.utime(file, (1, 1))
    assert (fingerprint(file), fingerprint(file.parent)) == (of_file, of_folder)
    file.write_bytes(b"21")
    assert fingerprint(file.parent) != of_folder, "as large as before, but something else"
    file.write_bytes(b"12")
    (file.parent / "b.bin").write_bytes(b"")
    assert fingerprint(file.parent) != of_folder


def test_a_pattern_counts_by_its_files_and_a_name_as_itself(tmp_path: Path) -> None:
    (tmp_path / "a1.tif").write_bytes(b"1")
    one = fingerprint(tmp_path / "a*.tif")
    (tmp_path / "a2.tif").write_bytes(b"1")
    assert fingerprint(tmp_path / "a*.tif") != one
    assert fingerprint("otsu") == fingerprint("otsu") != fingerprint("sauvola")


@pytest.mark.parametrize("text", ["", "[]", '{"train": {}}', '{"train": 5}'])
def test_something_else_in_its_place_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "steps.json").write_text(text)
    with pytest.raises(FormatError, match="remove it"):
        stamps(tmp_path)


def test_a_step_whose_output_is_missing_is_not_up_to_date(tmp_path: Path) -> None:
    needs = needs_of({}, {})
    stamps(tmp_path).end("s", needs, [tmp_path / "never made"])
    assert stamps(tmp_path).state("s", needs, [tmp_path / "never made"])[0] == "unfinished"
