"""One file that says what a run has finished, so that the same run goes on where it was killed.

header    {"keramos-checkpoint": 1, "identity": {...}}    what must agree for another run to go on with it
then      {"block": 7} ... {"finished": {...}}            a log: a line for each finished block, and the end
or        {"state": {...}, "bytes": 5, "crc": 1}          one saved state: facts, then its bytes; each replaces the last
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from zlib import crc32

from keramos.blocks.plan import Plan
from keramos.core import triple
from keramos.core.errors import ResumeError, SettingsError
from keramos.core.files import (
    append_line,
    delete_log,
    finish_log,
    open_log,
    start_log,
    translate_os_errors,
    write_whole,
)

_FORMAT = "keramos-checkpoint"
_VERSION = 1
_LONGEST_HEADER = 2**24
_PLAN = "blocks (memory, workers)"
_COMPUTING = ("keramos", "numpy", "scipy", "scikit-image", "torch", "connected-components-3d", "openvino")


@dataclass(frozen=True)
class SavedState:
    """A state that was saved: facts as JSON values, and bytes."""

    facts: dict[str, Any]
    content: bytes


class Checkpoint:
    """The finished blocks, or the saved state, of one run. Open with `open_checkpoint`.

    Attributes:
        done: the numbers of the blocks that are finished.
        result: what `finish` was given; None while something is left to do.
        is_of_version_01: whether version 0.1 wrote the file, which recorded only digests of what decides the result.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any], restart: Callable[[str], None] | None = None) -> None:
        self.path, self.identity, self._restart = path, dict(identity), restart
        self.done: set[int] = set()
        self.result: dict[str, Any] | None = None
        self.is_of_version_01 = False

    @property
    def plan(self) -> Plan | None:
        """The plan of blocks; None where the identity holds none."""
        try:
            return Plan(*map(triple, self.identity[_PLAN]))
        except (KeyError, TypeError, ValueError, SettingsError):
            return None

    @property
    def blocks(self) -> int | None:
        """The number of blocks in all; None where the identity holds no plan."""
        return None if self.plan is None else len(self.plan)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.result is not None

    def start(self) -> None:
        """Write the header, unless there is one. StorageError if that cannot be."""
        if not self.path.exists():
            start_log(self.path, self._header)

    def start_over(self) -> None:
        """Write the header in place of whatever is there, whole or not at all. StorageError if that cannot be."""
        start_log(self.path, self._header)
        self.done, self.result = set(), None

    def record(self, block: int) -> None:
        """Add a block whose output is written for good. StorageError if that cannot be."""
        if not self.done:
            self.start()
        append_line(self.path, json.dumps({"block": block}))
        self.done.add(block)

    def finish(self, **result: Any) -> None:
        """Record that nothing is left to do, with facts as JSON values. StorageError if that cannot be."""
        self.start()
        append_line(self.path, json.dumps({"finished": result}))
        finish_log(self.path)
        self.result = result

    def save(self, facts: Mapping[str, Any], content: bytes) -> None:
        """Replace the state by another one, whole or not at all. StorageError if that cannot be."""
        row = {"state": dict(facts), "bytes": len(content), "crc": crc32(content)}
        head = f"{self._header}\n{json.dumps(row)}\n".encode()
        write_whole(self.path, lambda file: (file.write(head), file.write(content)))

    def load(self) -> SavedState | None:
        """Read the state; None if none was saved. ResumeError if it is damaged, unless it is to restart then."""
        if not self.path.is_file():
            return None
        with translate_os_errors(self.path), self.path.open("rb") as file:
            file.readline()
            row = _parse(file.readline(_LONGEST_HEADER))
            content = file.read()
        if "state" not in row:
            return None
        if (row["bytes"], row["crc"]) != (len(content), crc32(content)):
            self.refuse(f"cannot resume: {self.path} is damaged")
            return None
        return SavedState(row["state"], content)

    def delete(self) -> None:
        """Remove the file, and forget what is finished."""
        delete_log(self.path)
        self.done, self.result = set(), None

    def refuse(self, reason: str, advice: str = "start over, or write elsewhere") -> None:
        """Raise ResumeError with the reason why the file cannot be used; or tell `restart` and remove it."""
        if self._restart is None:
            raise ResumeError(f"{reason}; {advice}")
        self._restart(f"{reason}; starting over")
        self.delete()

    @property
    def _header(self) -> str:
        return json.dumps({_FORMAT: _VERSION, "identity": self.identity})


def open_checkpoint(
    path: Path,
    identity: Mapping[str, Any],
    *,
    output: Path,
    restart: Callable[[str], None] | None = None,
) -> Checkpoint:
    """Open the checkpoint of a run, new or unfinished; nothing is written yet.

    Args:
        identity: by name, as JSON values, everything that affects the result: `result_identity` of the settings,
            `plan_identity`, fingerprints of the inputs, and `computing_versions`.
        output: what messages call the run's output.
        restart: told why another run's checkpoint, or a damaged one, cannot be used, which is then removed; without it
            that is an error.

    Raises:
        ResumeError: the file belongs to a run with another identity; the message names what differs.
    """
    # Tuples become lists, as they come back from the file.
    checkpoint = Checkpoint(path, json.loads(json.dumps(identity)), restart)
    if not path.exists():
        return checkpoint
    recorded = read_checkpoint(path)
    if recorded is None or (recorded.is_of_version_01 and not recorded.is_finished):
        checkpoint.refuse(f"cannot resume {output}: {path.name} is damaged or of another version of Keramos")
        return checkpoint
    names = find_differences(recorded.identity, checkpoint.identity)
    if recorded.is_of_version_01:
        checkpoint.refuse(
            f"version 0.1 of Keramos finished {output}, and did not record what it was made with: it stays as it is"
        )
    elif names:
        verb = "differs" if len(names) == 1 else "differ"
        reason = f"cannot resume {output}: {join_words(names)} {verb} from the earlier run"
        checkpoint.refuse(reason, "give the same as before, start over, or write elsewhere")
    else:
        checkpoint.done, checkpoint.result = recorded.done, recorded.result
        if checkpoint.is_finished:  # a run may have been killed within this
            finish_log(path)
    return checkpoint


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint at `path`, of whatever run; None if the file is damaged, or of a later version."""
    with open_log(path) as file:
        header = _parse(file.readline(_LONGEST_HEADER))
        if header.get(_FORMAT, _VERSION) != _VERSION or not isinstance(header.get("identity"), dict):
            return None
        checkpoint = Checkpoint(path, header["identity"])
        checkpoint.is_of_version_01 = _FORMAT not in header
        for line in file:
            row = _parse(line)
            if "state" in row:
                break
            if "block" in row:
                checkpoint.done.add(int(row["block"]))
            if "finished" in row:
                checkpoint.result = {} if checkpoint.is_of_version_01 else row["finished"]
    return checkpoint


def find_differences(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of what differs between two identities, in the order of the wanted one."""
    absent = object()
    names = dict.fromkeys([*wanted, *recorded])
    return tuple(name for name in names if recorded.get(name, absent) != wanted.get(name, absent))


def read_setting(path: Path, name: str) -> Any:
    """A part of the identity of the run that the checkpoint at `path` belongs to; None without one."""
    recorded = read_checkpoint(path) if path.is_file() else None
    return None if recorded is None or recorded.is_of_version_01 else recorded.identity.get(name)


def has_finished_blocks(path: Path) -> bool:
    """Whether the run that the checkpoint at `path` belongs to has finished any block; True if it cannot be read."""
    recorded = read_checkpoint(path)
    return recorded is None or bool(recorded.done) or recorded.is_finished


def plan_identity(plan: Plan) -> dict[str, Any]:
    """The blocks of a plan as part of an identity: the only way in which memory and workers count."""
    return {_PLAN: [plan.shape, plan.core_shape, plan.halo, plan.stride]}


def computing_versions() -> dict[str, str]:
    """The installed versions of the packages that results are computed with, as part of an identity."""
    versions = {f"version of {package}": _find_version(package) for package in _COMPUTING}
    return {name: installed for name, installed in versions.items() if installed is not None}


@cache
def _find_version(package: str) -> str | None:
    """The installed version of a package, looked up once in a process; None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def join_words(words: tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _parse(line: bytes) -> dict[str, Any]:
    """A line of JSON; empty if it was cut short by a crash: its block is done again."""
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}
