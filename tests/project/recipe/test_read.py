"""A recipe is read, or what is wrong with it is one sentence that names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from keramos import read_recipe
from keramos.core.errors import KeramosError

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
LEAST = '[phantom]\nseed = 1\n[segment]\nmodel = "otsu"\n'


def read(tmp_path: Path, text: str) -> str:
    """What is said of a recipe."""
    file = tmp_path / "recipe.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(KeramosError) as caught:
        read_recipe(file)
    assert str(file) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["phantom", "stack"])
def test_the_examples_are_recipes(name: str) -> None:
    assert read_recipe(EXAMPLES / f"{name}.toml").table("train")["from"] == "porous-solid"


def test_the_least_that_is_one(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(LEAST, encoding="utf-8")
    recipe = read_recipe(file)
    assert (recipe.out, recipe.table("segment"), recipe.table("phantom")) == ("run", {"model": "otsu"}, {"seed": 1})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LEAST + "scorez = true\n", "under [segment] in {file}, found 'scorez'; did you mean scores?"),
        (LEAST + "[trian]\n", "found 'trian'; did you mean train?"),
        (LEAST + "[train]\nform = 'x'\n", "did you mean from?"),
        (LEAST + "[report]\nzzz = 1\n", "under [report]"),
        (LEAST + "workers = 'two'\n", "another value of workers under [segment] in {file}, found 'two'"),
        ("[phantom]\nshape = [1, 2]\n[segment]\nmodel = 'otsu'\n", "shape under [phantom]"),
        ("[segment]\nmodel = 'otsu'\n", "give either a [stack] or a [phantom]"),
        ("[phantom]\n", "give either a [train] table or a model"),
        ("[stack]\nimages = 's.tif'\n[train]\nslices = [1]\n", "give labels under [train]"),
        ("[stack]\n[segment]\nmodel = 'otsu'\n", "expected images under [stack]"),
        ("[stack]\nimages = 's.tif'\n[segment]\nmodel = 'otsu'\n[evaluate]\n", "give a truth under [evaluate]"),
        ("[phantom]\n[train]\nbudget = 5\nepochs = 1\n", "either a budget or epochs"),
        ("[phantom\n", "a recipe in TOML"),
        ("x = " + "[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ("[phantom]\nseed = true\n[segment]\nmodel = 'otsu'\n", "seed under [phantom] in {file}, found 'True'"),
        (LEAST + "workers = 1.5\n", "workers under [segment] in {file}, found '1.5'"),
        (LEAST + "scores = 1\n", "scores under [segment] in {file}, found '1'"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, told: str) -> None:
    assert told.format(file=tmp_path / "recipe.toml") in read(tmp_path, text)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeramosError, match="found no file"):
        read_recipe(tmp_path / "none.toml")
