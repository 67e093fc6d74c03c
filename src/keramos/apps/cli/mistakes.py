"""Sentences on mistakes in a command line: what is wrong, and what to do."""

from __future__ import annotations

import re

from cyclopts import CycloptsError, UnusedCliTokensError

from keramos.apps.cli.commands import Command
from keramos.core.errors import KeramosError, OptionError


def explain_usage(error: CycloptsError, command: Command | None) -> str:
    """A sentence on arguments that no command takes."""
    text = " ".join(str(error).split()).rstrip(".")
    text = re.sub(r'^Command "[^"]*" parameter (--\S+) requires an argument', r"missing option \1", text)
    missing = re.match(r'^Command "[^"]*" parameter (\w\S*) requires an argument', text)
    if missing:
        text = f"missing {missing[1]}; give it before the options that take several values"
    if isinstance(error, UnusedCliTokensError):
        text = f"unexpected extra argument: {text}: put a pattern of files in quotes, as in 'slices/*.tif'"
    if "voxel-size" in text and "3" in text:
        text = "--voxel-size takes three numbers in nm, z y x, as in --voxel-size 20 26.4 20.8"
    name = "" if command is None else f" {command.name}"
    return f"{text}; see keramos{name} --help"


def explain_option(error: KeramosError) -> str:
    """A message of a verb, in which options are called as on the command line."""
    if isinstance(error, OptionError):
        return f"--{error.option.replace('_', '-')}: {error.fact}"
    return str(error)
