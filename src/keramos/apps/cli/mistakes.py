"""Sentences on mistakes in a command line: what is wrong, and what to do."""

from __future__ import annotations

import re

from cyclopts import CycloptsError, UnusedCliTokensError

from keramos.apps.cli.commands import COMMANDS, Command
from keramos.core.errors import KeramosError, OptionError


def explain_usage(error: CycloptsError, command: Command | None) -> str:
    """A sentence on arguments that no command takes."""
    text = " ".join(str(error).split()).rstrip(".")
    text = re.sub(r'^Command "[^"]*" parameter (--\S+) requires an argument', r"missing option \1", text)
    missing = re.match(r'^Command "[^"]*" parameter (\w\S*) requires an argument', text)
    if missing:
        text = f"missing {missing[1]}; give it before the options that take several values"
    if isinstance(error, UnusedCliTokensError):
        remedy = "put a pattern of files in quotes, as in 'slices/*.tif'"
        if "=" in text:
            remedy = "write names and values without a space after the comma, as in --phases void=0,solid=1"
        text = f"unexpected extra argument: {text}: {remedy}"
    unknown = re.match(r'^Unknown command "([^"]*)"\.(?: Did you mean "([^"]*)"\?)?', text)
    if unknown:
        near = f"did you mean {unknown[2]}? " if unknown[2] else ""
        text = f"unknown command {unknown[1]}; {near}there are {', '.join(each.name for each in COMMANDS)}"
    counted = re.match(r'^Command "[^"]*" parameter (--\S+) requires (\d+) positional arguments', text)
    if counted:
        text = f"{counted[1]} takes {counted[2]} values"
    if "voxel-size" in text and "3" in text:
        text = "--voxel-size takes three numbers in nm, z y x, as in --voxel-size 20 26.4 20.8"
    name = "" if command is None else f" {command.name}"
    return f"{text}; see keramos{name} --help"


def explain_option(error: KeramosError) -> str:
    """A message of a verb, in which options are called as on the command line."""
    if isinstance(error, OptionError):
        return f"--{error.option.replace('_', '-')}: {error.fact}"
    return str(error)
