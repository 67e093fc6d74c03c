"""The reference page of all commands, options and recipe keys: `python -m keramos.apps.cli.reference`."""

from __future__ import annotations

from inspect import cleandoc
from typing import get_args

from keramos.apps.cli.commands import COMMANDS, Command, command_options
from keramos.core.options import Declared, Group, choices, plain

_HEAD = """# Commands and options

This page is made from the code: `python -m keramos.apps.cli.reference > docs/reference.md`. A test keeps it up to date.

In Python each command is `keramos.<name>(...)` with the same options, `-` written as `_` (`--from` as `from_`). In a
recipe each table is a command and each key an option; those marked † are given there by the order of the steps, or not
at all. Every command has `--help` and `--json FILE`, which writes every number; `keramos --install-completion`
completes them.
"""


def reference_page() -> str:
    """The page as Markdown."""
    return "\n".join([_HEAD, *(_section(command) for command in COMMANDS)])


def _section(command: Command) -> str:
    groups = get_args(Group)
    ordered = sorted(command_options(command), key=lambda row: groups.index(row.about.group))
    rows = [_row(row) for row in ordered]
    table = ["| option | default | unit | what it is |", "| --- | --- | --- | --- |", *rows]
    examples = ["```", *command.examples, "```"]
    body = cleandoc(command.settings.__doc__ or "").split("\n\nRaises:")[0]
    return "\n".join([f"## {command.name}", "", body, "", *examples, "", *table, ""])


def _row(row: Declared) -> str:
    flag = row.name.replace("_", "-")
    name = f"`{row.about.metavar or flag.upper()}`" if row.about.argument else f"`--{flag}`"
    name += f", `--{row.about.also}`" if row.about.also else ""
    allowed = ", ".join(f"`{choice}`" for choice in choices(row.kind))
    text = row.about.help + (f" One of {allowed}." if allowed else "")
    bounds = [f"at least {row.about.low:g}"] if row.about.low is not None else []
    bounds += [f"at most {row.about.high:g}"] if row.about.high is not None and row.about.high < 2**32 else []
    text += f" ({', '.join(bounds)})" if bounds else ""
    mark = " †" if row.about.wired else ""
    return f"| {name}{mark} | {_default(row)} | {row.about.unit} | {text} |".replace("\n", " ")


def _default(row: Declared) -> str:
    if row.required:
        return "required"
    value = plain(row.default)
    return "" if value in (None, "", [], {}) else "no" if value is False else "yes" if value is True else f"`{value}`"


if __name__ == "__main__":
    print(reference_page(), end="")
