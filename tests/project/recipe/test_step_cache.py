"""What counts as a change, and what does not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import keramos
from keramos.project.recipe.step_cache import StepCache, cache_key, fingerprint, hash_code


def cache(tmp_path: Path) -> StepCache:
    return StepCache(tmp_path / "steps")


def test_the_life_of_a_step(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("a")
    key = cache_key({"seed": 1}, {"text": (source,)})
    assert cache(tmp_path).state("s", key, [out])[0] == "new"
    cache(tmp_path).start("s", key)
    assert cache(tmp_path).state("s", key, [out])[0] == "unfinished"
    out.write_text("made")
    cache(tmp_path).finish("s", key, [out])
    assert cache(tmp_path).state("s", key, [out])[0] == "up to date"
    out.write_text("meddled with")
    assert cache(tmp_path).state("s", key, [out]) == ("changed", "what it made was changed or removed")
    out.unlink()
    assert cache(tmp_path).state("s", key, [out])[0] == "changed"


def test_what_has_changed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in.txt"
    source.write_text("a")
    kept, key = cache(tmp_path), cache_key({"seed": 1, "model": "x"}, {"text": (source,)})
    kept.start("s", key)
    kept.finish("s", key, [])
    source.write_text("b")
    assert kept.state("s", cache_key({"seed": 2, "model": "x"}, {"text": (source,)}), [])[1] == "seed and text changed"
    monkeypatch.setattr("keramos.project.recipe.step_cache.hash_code", lambda _: "another version")
    assert "Keramos changed" in kept.state("s", cache_key({"seed": 1, "model": "x"}, {"text": (source,)}), [])[1]


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


@pytest.mark.parametrize("content", [b"", b"[]", b'{"train": {}}', b'{"keramos-checkpoint": 1}', b"\xff\n"])
def test_a_damaged_record_has_the_step_done_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "s.jsonl").write_bytes(content)
    assert cache(tmp_path).state("s", cache_key({}, {}), [])[0] == "changed"
    cache(tmp_path).start("s", cache_key({}, {}))
    cache(tmp_path).finish("s", cache_key({}, {}), [])
    assert cache(tmp_path).state("s", cache_key({}, {}), [])[0] == "up to date"


def test_the_steps_of_version_01_are_done_again(tmp_path: Path) -> None:
    (tmp_path / "steps.json").write_text('{"s": {"needs": {}, "made": {}}}')
    assert cache(tmp_path).state("s", cache_key({}, {}), []) == ("changed", "Keramos changed")


def test_a_step_that_starts_from_something_else_is_never_without_a_record(tmp_path: Path) -> None:
    """Killed while it starts over, it is not taken for one that was never started."""
    cache(tmp_path).start("s", cache_key({"seed": 1}, {}))
    cache(tmp_path).start("s", cache_key({"seed": 2}, {}))
    assert cache(tmp_path).state("s", cache_key({"seed": 2}, {}), [])[0] == "unfinished"
    assert cache(tmp_path).state("s", cache_key({"seed": 1}, {}), []) == ("changed", "seed changed")
    assert [path.name for path in (tmp_path / "steps").iterdir()] == ["s.jsonl"]


def test_a_step_whose_output_is_missing_is_not_up_to_date(tmp_path: Path) -> None:
    key = cache_key({}, {})
    cache(tmp_path).start("s", key)
    cache(tmp_path).finish("s", key, [tmp_path / "never made"])
    assert cache(tmp_path).state("s", key, [tmp_path / "never made"])[0] == "unfinished"


def test_the_key_changes_with_keramos_itself(tmp_path: Path) -> None:
    package = tmp_path / "package"
    shutil.copytree(Path(keramos.__file__).parent, package, ignore=shutil.ignore_patterns("*.keramos", "__pycache__"))
    same = hash_code(package)
    assert cache_key({}, {})["Keramos"] == same
    for number, file in enumerate(sorted(package.rglob("*.py"))[::40]):
        hash_code.cache_clear()
        file.write_text(f"{file.read_text('utf-8')}# {number}\n", "utf-8")
        assert hash_code(package) not in (same, "")
        same = hash_code(package)
    (package / "new.py").touch()
    hash_code.cache_clear()
    assert hash_code(package) != same
