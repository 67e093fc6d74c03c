"""Code blocks of README and docs: every command has options and values that exist, recipes are recipes, Python runs."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from keramos.apps.cli import main
from keramos.apps.cli.commands import COMMANDS, Command
from keramos.project.recipe.schema import STEPS, make_model, recipe_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))]
OWN_TEST = {"README.md", "docs/extending.md", *(page for page in PAGES if page.startswith("docs/tutorials/"))}
"""Pages with Python that tests of their own run."""
EVERYWHERE = {"help", "json"}
"""Options of all commands."""
SMALLER = {"(620, 924, 1100)": "(4, 64, 64)", "(60, 400, 400)": "(4, 96, 96)"}
"""Sizes that take minutes, and those that are tried instead."""


def blocks(page: str, *kinds: str) -> list[str]:
    """The code blocks of a page of some kinds; "" is a block without one."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        code for kind, code in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) if kind in kinds
    ]


def commands(page: str) -> list[str]:
    """The commands of a page, one a line, without comments."""
    lines = "\n".join(blocks(page, "", "sh", "bash")).replace("\\\n", " ").splitlines()
    parts = [part.strip() for line in lines for part in line.split("  #")[0].split("&&")]
    return [part for part in parts if part.startswith("keramos ")]


@pytest.mark.parametrize("page", PAGES)
def test_commands_have_options_and_values_that_exist(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[str] = []

    def only_settings(command: Command, options: Mapping[str, Any], numbers_file: object) -> int:
        given.append(type(command.verb.make_settings(**options)).__name__)
        return 0

    monkeypatch.setattr(main, "run_command", only_settings)
    for number, line in enumerate(commands(page) if page != "docs/extending.md" else [], 1):
        words = shlex.split(line)[1:]
        assert main.run(words) == 0, f"{line}: {capsys.readouterr().err}"
        assert len(given) == number or "--help" in words or "--install-completion" in words, line


def test_a_command_that_does_not_exist_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "run_command", lambda *_: 0)
    assert main.run(shlex.split("segment stack.tif --modell otsu --out o.ome.zarr")) == 2
    assert "modell" in capsys.readouterr().err
    assert "keramos segment stack.tif --voxel-size 20 26.4 20.8 --model model.keramos --out segmentation.ome.zarr" in (
        commands("README.md")
    )


def test_recipes_are_recipes() -> None:
    examples = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.toml"))]
    shown = [code for page in PAGES for code in blocks(page, "toml") if set(tomllib.loads(code)) & {*STEPS, "stack"}]
    assert len(examples) >= 3
    assert shown
    for text in examples:
        recipe_of(make_model().model_validate(tomllib.loads(text)))
    for text in shown:  # parts of recipes
        make_model().model_validate(tomllib.loads(text))


@pytest.mark.usefixtures("pictures_not_rendered")
@pytest.mark.parametrize("page", [page for page in PAGES if page not in OWN_TEST and blocks(page, "python")])
def test_python_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for code in blocks(page, "python"):
        for large, small in SMALLER.items():
            code = code.replace(large, small)
        exec(compile(code, page, "exec"), names)


@pytest.mark.parametrize("page", PAGES)
def test_options_named_within_sentences_exist(page: str) -> None:
    """Of code spans that begin with a command of Keramos."""
    known = set(re.findall(r"`--([a-z0-9-]+)`", (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")))
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    own = re.compile(rf"(keramos )?({'|'.join(command.name for command in COMMANDS)}) ")
    spans = [span for span in re.findall(r"`([^`]+)`", text) if own.match(span)]
    options = {option for span in spans for option in re.findall(r"--(?:no-)?([a-z][a-z0-9-]+)", span)}
    assert options <= known | EVERYWHERE
