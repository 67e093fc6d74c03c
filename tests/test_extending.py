"""The page "Extending Keramos" is run as it stands: its modules are installed as a package from outside, then its
scripts and commands run one after the other in one folder."""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from keramos.core.registry import Registry

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
REGISTRIES = {
    "keramos.formats": ("keramos.io.format", "FORMATS"),
    "keramos.writers": ("keramos.writers", "WRITERS"),
    "keramos.report_sections": ("keramos.reports", "REPORT_SECTIONS"),
}
MODULE = re.compile(r"# (\w+)\.py\n")


def registries() -> list[Registry[Any]]:
    return [getattr(import_module(module), name) for module, name in REGISTRIES.values()]


def modules() -> dict[str, str]:
    """The modules of the page by name."""
    return {match[1]: text for kind, text in BLOCKS if kind == "python" and (match := MODULE.match(text))}


def entry_points() -> dict[str, dict[str, str]]:
    """The entry points of the page by group."""
    groups: dict[str, dict[str, str]] = {}
    for kind, text in BLOCKS:
        if kind == "toml":
            for group, entries in tomllib.loads(text)["project"]["entry-points"].items():
                groups.setdefault(group, {}).update(entries)
    return groups


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package of the page, and a folder to work in."""
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    facts = site / "toys-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n", encoding="utf-8")
    lines = [line for group, rows in entry_points().items() for line in (f"[{group}]", *map(" = ".join, rows.items()))]
    (facts / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, text in modules().items():
        (site / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    monkeypatch.chdir(work)
    for registry in registries():
        registry.refresh()
    yield
    monkeypatch.undo()
    for name in modules():
        sys.modules.pop(name, None)
    for registry in registries():
        registry.refresh()


def test_the_page_runs(installed: None, keramos: Callable[..., Any]) -> None:
    for kind, text in BLOCKS:
        if kind == "python" and not MODULE.match(text):
            exec(compile(text, "docs/extending.md", "exec"), {})
        if kind == "sh":
            for command in text.strip().splitlines():
                program, *arguments = shlex.split(command)
                assert program == "keramos"
                done = keramos(*arguments)
                assert done.status == 0, (command, done.lines)


def test_the_page_registers_its_modules_in_every_set_of_its_table(installed: None) -> None:
    assert set(entry_points()) == set(REGISTRIES) == set(re.findall(r"`(keramos\.\w+)` \|$", PAGE, flags=re.MULTILINE))
    assert {module for rows in entry_points().values() for module in rows.values()} == set(modules())
    for registry in registries():
        names = set(registry)
        assert len(names) > len(entry_points()[registry.group])
