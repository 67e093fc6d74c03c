"""Every option that a sentence of the program names is an option of a command."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import keramos
from keramos.apps.cli.commands import COMMANDS, command_options

SOURCE = Path(keramos.__file__).parent
OWN = {"help", "json", "version", "install-completion", "no"}
"""Of every command, or of the program."""


def real_options() -> set[str]:
    rows = [row for command in COMMANDS for row in command_options(command)]
    names = {name.replace("_", "-") for row in rows for name in (row.name, row.about.also) if name}
    return names | {f"no-{name}" for name in names} | OWN


def named_options(source: str) -> set[str]:
    """The words after two hyphens in the strings of a module."""
    strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return {
        name
        for text in strings
        if isinstance(text, str)
        for name in re.findall(r"(?<![\w(-])--([a-z][a-z-]+)\b(?!:)", text)
    }


def test_no_sentence_names_an_option_that_there_is_not() -> None:
    assert named_options('f"{a}; give a smaller --tolerances"') == {"tolerances"}
    real = real_options()
    wrong = {
        f"{path.relative_to(SOURCE)}: --{name}"
        for path in SOURCE.rglob("*.py")
        for name in named_options(path.read_text(encoding="utf-8")) - real
    }
    assert not wrong
