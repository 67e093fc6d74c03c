"""Which steps of a recipe are done, from what, and what they made: so that only what has changed is done again.

Kept as JSON in the recipe's folder. A step is up to date if its parameters, its inputs, Keramos itself and its outputs
are as they were when it ended. One that was begun from the same and did not end goes on; one that was begun from
something else starts again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import keramos
from keramos.core.errors import FormatError
from keramos.core.files import write_text

State = Literal["up to date", "new", "unfinished", "changed"]
_SMALL_BYTES = 2**16
_WHOLE_BYTES = 2**26  # larger files count by size and time


class Stamps:
    """The record of the steps in the file `path`.

    Raises:
        FormatError: there is something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, dict[str, Any]] = _read(path) if path.exists() else {}

    def state(self, step: str, needs: Mapping[str, Any], outputs: Sequence[Path]) -> tuple[State, str]:
        """Where a step stands, and what has changed since in a few words."""
        row = self._rows.get(step)
        if row is None:
            return "new", "not done yet"
        if row["needs"] != needs:
            return "changed", " and ".join(_changed(row["needs"], dict(needs))) + " changed"
        if row["made"] is None:
            return "unfinished", "not finished yet"
        if row["made"] != _fingerprints(outputs):
            return "changed", "what it made was changed or removed"
        return "up to date", "nothing has changed"

    def begin(self, step: str, needs: Mapping[str, Any]) -> None:
        self._write(step, {"needs": dict(needs), "made": None})

    def end(self, step: str, needs: Mapping[str, Any], outputs: Sequence[Path]) -> None:
        self._write(step, {"needs": dict(needs), "made": _fingerprints(outputs)})

    def _write(self, step: str, row: dict[str, Any]) -> None:
        self._rows[step] = row
        write_text(self._path, json.dumps(self._rows, indent=1) + "\n")


def needs_of(parameters: Mapping[str, Any], inputs: Mapping[str, Sequence[str | Path]]) -> dict[str, Any]:
    """What decides a step's result, as JSON values."""
    plain = json.loads(json.dumps(parameters))
    return {
        "parameters": plain,
        "inputs": {name: " ".join(map(fingerprint, paths)) for name, paths in sorted(inputs.items())},
        "code": _code(),
    }


def fingerprint(path: str | Path) -> str:
    """Hex digits that change with a file's content (above 64 MiB: size and time), with what a folder holds (names,
    sizes, and the content of small files, such as metadata and ledgers), or with the files of a pattern. A name that is
    no file counts as itself: a bundled model."""
    found = Path(path)
    if found.is_file():
        return _of_file(found)
    digest = sha256(str(path).encode() if not found.is_dir() else b"folder")
    inside = sorted(found.rglob("*")) if found.is_dir() else sorted(found.parent.glob(found.name))
    for item in inside:
        if item.is_file():
            name = item.relative_to(found) if found.is_dir() else item.name
            digest.update(f"{name}|{item.stat().st_size}".encode())
            if not found.is_dir():
                digest.update(str(item.stat().st_mtime_ns).encode())
            elif item.stat().st_size <= _SMALL_BYTES:
                digest.update(item.read_bytes())
    return digest.hexdigest()


def _of_file(file: Path) -> str:
    facts = file.stat()
    if facts.st_size > _WHOLE_BYTES:
        return sha256(f"{file.name}|{facts.st_size}|{facts.st_mtime_ns}".encode()).hexdigest()
    return sha256(file.read_bytes()).hexdigest()


def _fingerprints(outputs: Sequence[Path]) -> dict[str, str] | None:
    """Of a step's outputs; None if one is missing."""
    if not all(path.exists() for path in outputs):
        return None
    return {path.name: fingerprint(path) for path in outputs}


@cache
def _code() -> str:
    """Of Keramos' own files: another version may give another result."""
    folder = Path(keramos.__file__).parent
    digest = sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Names of what differs: parameters and inputs by their own, Keramos as a whole."""
    names = []
    for part in ("parameters", "inputs"):
        old, new = before.get(part, {}), now[part]
        names += [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    return names + (["Keramos"] if before.get("code") != now["code"] else [])


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if all({"needs", "made"} <= row.keys() for row in rows.values()):
            return dict(rows)
    except (ValueError, AttributeError):
        pass
    raise FormatError(f"expected the record of a recipe's steps in {path}, found something else; remove it") from None
