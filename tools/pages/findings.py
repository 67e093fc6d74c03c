"""The kinds of findings, read from the calls of `Finding` in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pages import HOW, page, table

SOURCE = Path(__file__).resolve().parents[2] / "src" / "keramos"
_HEAD = """A finding says what was seen, where, what it does to the numbers, and what to do. Every command shows its
findings, keeps them under `findings` in its `--json`, and in Python as `.findings` of what it returns. What is looked
at, and how well it is found, is in [checks](checks.md). Here `…` stands for numbers, names and what else only a run
knows. A `note` is worth knowing, a `warning` is probably wrong, a `fatal` finding stops the command. The advice comes
with the finding."""

_ROOMS = {
    "io": "Files",
    "acquisition": "Files",
    "inspection": "Images, labels and results",
    "measurements": "Measurements",
}
_OTHERS = "Commands"


@dataclass(frozen=True)
class Said:
    """One place of the source that gives a finding."""

    kind: str
    room: str
    severity: str
    message: str
    effect: str


def findings_page() -> str:
    """The kinds of each room, with what they say."""
    said = sorted(set(list_findings()), key=lambda row: (row.kind, row.severity, row.message))
    parts = []
    for title in (*dict.fromkeys(_ROOMS.values()), _OTHERS):
        rows = [row for row in said if _ROOMS.get(row.room, _OTHERS) == title]
        cells = [(f"`{row.kind}`", row.severity, row.message or "…", row.effect or "…") for row in rows]
        parts += [f"## {title}", table(("kind", "severity", "what was seen", "what it does"), cells)]
    return page("Findings", _HEAD, HOW, *parts)


def list_findings() -> Iterator[Said]:
    """All calls of `Finding` whose kind is known without running them."""
    for file in sorted(SOURCE.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "Finding(" not in text:
            continue
        tree = ast.parse(text)
        names = _constants(tree)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"):
                continue
            given = dict(zip(("kind", "message", "effect", "advice", "severity"), node.args, strict=False))
            given |= {word.arg: word.value for word in node.keywords if word.arg}
            kind = _text(given.get("kind"), names)
            if kind and "…" not in kind:
                severity = _text(given["severity"], names) if "severity" in given else "warning"
                room = file.relative_to(SOURCE).parts[0]
                message, effect = (_text(given.get(name), names) for name in ("message", "effect"))
                yield Said(kind, room, severity.replace("…", "depends"), message, effect)


def _constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a module names."""
    named = [(node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign)]
    return {
        target.id: value.value
        for target, value in named
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


def _text(node: ast.expr | None, names: dict[str, str]) -> str:
    """A text, with … for what only a run knows."""
    if node is None:
        return ""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Name):
        return names.get(node.id, "…")
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, names) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, names) + _text(node.right, names)
    return "…"
