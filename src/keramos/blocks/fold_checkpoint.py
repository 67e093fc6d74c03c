"""The merged value of a fold's first blocks, saved now and then, so that a killed fold goes on where it stopped.

Only plain data are read back: arrays and the package's own dataclasses, so that a file from elsewhere cannot run code.
"""

from __future__ import annotations

import io
import json
import pickle
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from keramos.blocks.checkpoint import (
    Checkpoint,
    computing_versions,
    find_differences,
    open_checkpoint,
    plan_identity,
    read_checkpoint,
)
from keramos.blocks.plan import Plan

_ALLOWED = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("collections", "Counter"),
    ("collections", "defaultdict"),
    ("collections", "deque"),
    ("builtins", "complex"),
    ("builtins", "set"),
    ("builtins", "slice"),
    ("builtins", "int"),
}
_OWN = ("keramos.measurements.", "keramos.preparation.", "keramos.core.")
_UNREADABLE = (ValueError, TypeError, EOFError, AttributeError, ImportError, LookupError, pickle.PickleError)


@dataclass
class FoldCheckpoint:
    """The file in which a fold saves the merged value of its first blocks, at most every `every_s` seconds.

    Attributes:
        path: the file.
        identity: the settings and inputs that affect the result, by name; the plan of blocks and the versions of what
            computes are added.
        restart: told why an earlier fold's value cannot be used; the fold then starts over.
        classes: further classes whose values are read back, such as those of members that other packages bring.
    """

    path: Path
    identity: Mapping[str, Any]
    restart: Callable[[str], None] = lambda _: None
    every_s: float = 30.0
    classes: Collection[type] = ()
    _last: float = field(default_factory=time.monotonic)
    _checkpoint: Checkpoint | None = None

    def read_plan(self) -> Plan | None:
        """The blocks of the fold that the file belongs to; None where there is none, or one of anything else than what
        decides the result here. Nothing is told, and the file stays."""
        recorded = read_checkpoint(self.path) if self.path.is_file() else None
        if recorded is None or recorded.plan is None:
            return None
        own = json.loads(json.dumps(self._identity(recorded.plan)))
        return None if find_differences(recorded.identity, own) else recorded.plan

    def load(self, plan: Plan) -> tuple[int, Any] | None:
        """Read how many blocks of the plan are merged, and their value; None where there is nothing to resume."""
        self._checkpoint = open_checkpoint(self.path, self._identity(plan), output=self.path, restart=self.restart)
        state = self._checkpoint.load()
        if state is None:
            return None
        try:
            return int(state.facts["blocks"]), _Plain(io.BytesIO(state.content), self.classes).load()
        except _UNREADABLE as error:
            self._checkpoint.refuse(f"cannot resume: {self.path} holds something else ({error})")
            return None

    def save(self, done: int, value: Any) -> None:
        """Write the value of the first `done` blocks, if it is time to. StorageError if that cannot be."""
        if time.monotonic() - self._last >= self.every_s:
            self.save_now(done, value)

    def save_now(self, done: int, value: Any) -> None:
        """Write the value of the first `done` blocks. StorageError if that cannot be.

        A value that cannot be pickled, as members that other packages bring may be, is not saved.
        """
        if self._checkpoint is not None:
            with suppress(pickle.PicklingError, AttributeError, TypeError):
                content = pickle.dumps(value, protocol=5)
                self._checkpoint.save({"blocks": done}, content)
            self._last = time.monotonic()

    def _identity(self, plan: Plan) -> dict[str, Any]:
        """All that decides the result, and the blocks."""
        return {**self.identity, **plan_identity(plan), **computing_versions()}

    def delete(self) -> None:
        """Remove the file: the fold's result is saved elsewhere."""
        self.path.unlink(missing_ok=True)


class _Plain(pickle.Unpickler):
    def __init__(self, file: BinaryIO, classes: Collection[type] = ()) -> None:
        super().__init__(file)
        self._classes = {(one.__module__, one.__qualname__) for one in classes}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED or (module, name) in self._classes:
            return super().find_class(module, name)
        # A dotted name would reach through a module's imports, and a function would be called.
        if module.startswith(_OWN) and "." not in name:
            value = super().find_class(module, name)
            if isinstance(value, type) and value.__module__ == module:
                return value
        raise pickle.UnpicklingError(f"{module}.{name} is no plain data")
