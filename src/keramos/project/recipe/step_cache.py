"""The steps of a recipe that are done, from what, and what they made: only what has changed is done again.

Each step has a checkpoint in a folder beside the results. A step is up to date if its parameters, its inputs, Keramos
itself and its outputs are as they were when it ended. One that was started from the same and did not end is resumed;
one that was started from something else starts over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import keramos
from keramos.blocks import Checkpoint, find_differences, open_checkpoint, read_checkpoint
from keramos.core import Finding
from keramos.core.object_path import ObjectPath, as_path
from keramos.core.options import plain
from keramos.io import split_channels

State = Literal["up to date", "new", "unfinished", "changed"]
_SMALL_BYTES = 2**16
_WHOLE_BYTES = 2**26  # larger files count by size and time


class StepCache:
    """The checkpoints of a recipe's steps in a folder, which is made when the first one starts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def state(self, step: str, key: Mapping[str, Any], outputs: Sequence[Path]) -> tuple[State, str]:
        """The state of a step whose key is now `key`, and the reason in a few words."""
        path = self._path(step)
        if not path.exists() and not self._is_of_version_01():
            return "new", "not done yet"
        recorded = read_checkpoint(path) if path.exists() else None
        if recorded is None:
            return "changed", "Keramos changed"
        differences = find_differences(recorded.identity, key)
        if differences:
            return "changed", " and ".join(differences) + " changed"
        if recorded.result is None:
            return "unfinished", "not finished yet"
        if recorded.result["outputs"] != _fingerprint_outputs(outputs):
            return "changed", "what it made was changed or removed"
        return "up to date", "nothing has changed"

    def start(self, step: str, key: Mapping[str, Any]) -> None:
        """Record that a step has started. StorageError if that cannot be."""
        Checkpoint(self._path(step), key).start_over()

    def finish(
        self, step: str, key: Mapping[str, Any], outputs: Sequence[Path], findings: Sequence[Finding] = ()
    ) -> None:
        """Record what a step has made, and its findings; one whose output is missing stays unfinished. StorageError if
        that cannot be."""
        fingerprints = _fingerprint_outputs(outputs)
        if fingerprints is not None:
            checkpoint = open_checkpoint(self._path(step), key, output=self._folder)
            checkpoint.finish(outputs=fingerprints, findings=[finding.to_json() for finding in findings])

    def findings(self, step: str) -> tuple[Finding, ...]:
        """The findings of a step that is up to date."""
        recorded = read_checkpoint(self._path(step))
        result = (recorded and recorded.result) or {}
        return tuple(Finding.from_json(row) for row in result.get("findings", ()))

    def _path(self, step: str) -> Path:
        return self._folder / f"{step.replace(' ', '-')}.jsonl"

    def _is_of_version_01(self) -> bool:
        """Whether version 0.1 has run the recipe: it kept all steps in one file."""
        return self._folder.with_suffix(".json").is_file()


def cache_key(parameters: Mapping[str, Any], inputs: Mapping[str, Sequence[str | Path]]) -> dict[str, Any]:
    """Everything that decides a step's result, by name, as JSON values."""
    prints = {name: " ".join(map(fingerprint, paths)) for name, paths in sorted(inputs.items())}
    return {**plain(parameters), **prints, "Keramos": hash_code(Path(keramos.__file__).parent)}


def fingerprint(path: str | Path) -> str:
    """Hex digits that change with a file's content (above 64 MiB: size and time), with what a folder holds (names,
    sizes, and the content of small files, such as metadata and checkpoints), or with the files of a pattern. A name
    that is no file counts as itself: a bundled model. Objects of a store count by the tags of their content."""
    parts = split_channels(path)
    if len(parts) > 1:
        return " ".join(map(fingerprint, parts))
    place = as_path(path)
    if isinstance(place, ObjectPath):
        return _hash_objects(place)
    if place.is_file():
        return _hash_file(place)
    digest = sha256(str(path).encode() if not place.is_dir() else b"folder")
    inside = sorted(place.rglob("*")) if place.is_dir() else sorted(place.parent.glob(place.name))
    for item in inside:
        if item.is_file():
            name = item.relative_to(place) if place.is_dir() else item.name
            digest.update(f"{name}|{item.stat().st_size}".encode())
            if not place.is_dir():
                digest.update(str(item.stat().st_mtime_ns).encode())
            elif item.stat().st_size <= _SMALL_BYTES:
                digest.update(item.read_bytes())
    return digest.hexdigest()


def _hash_objects(place: ObjectPath) -> str:
    digest = sha256(str(place).encode())
    for item in sorted([place] if place.is_file() else place.rglob("*")):
        digest.update(f"{item}|{item.tag}".encode())
    return digest.hexdigest()


def _hash_file(file: Path) -> str:
    facts = file.stat()
    if facts.st_size > _WHOLE_BYTES:
        return sha256(f"{file.name}|{facts.st_size}|{facts.st_mtime_ns}".encode()).hexdigest()
    return sha256(file.read_bytes()).hexdigest()


def _fingerprint_outputs(outputs: Sequence[Path]) -> dict[str, str] | None:
    """The fingerprints of a step's outputs by name; None if one is missing."""
    if not all(path.exists() for path in outputs):
        return None
    return {path.name: fingerprint(path) for path in outputs}


@cache
def hash_code(folder: Path) -> str:
    """Hex digits that change with any Python file of a package: another version may give another result."""
    digest = sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(f"{file.relative_to(folder).as_posix()}|".encode() + file.read_bytes())
    return digest.hexdigest()
