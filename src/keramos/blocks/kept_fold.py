"""What a fold over blocks has merged so far, on disk, so that a killed one goes on where it stopped.

A line of JSON with the identity of the fold, then how many blocks are merged and their merged value, pickled. Only
plain data are read back: arrays and the package's own dataclasses, so that a file from elsewhere cannot run code.
"""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from keramos.core.files import write_whole

_ALLOWED = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("collections", "Counter"),
    ("collections", "defaultdict"),
    ("builtins", "complex"),
    ("builtins", "set"),
    ("builtins", "int"),
}
_OWN = ("keramos.measurements.", "keramos.core.")


@dataclass
class KeptFold:
    """Keep the merged value of the first blocks in `path`, at most every `every_s` seconds."""

    path: Path
    identity: Mapping[str, str]
    every_s: float = 30.0
    _last: float = field(default_factory=time.monotonic)

    def taken_up(self) -> tuple[int, Any] | None:
        """How many blocks are merged, and their value; None where there is nothing, or of something else."""
        try:
            with self.path.open("rb") as file:
                if json.loads(file.readline()) != dict(self.identity):
                    return None
                done, value = _Plain(file).load()
        except (OSError, ValueError, TypeError, EOFError, AttributeError, ImportError, LookupError, pickle.PickleError):
            return None
        return int(done), value

    def keep(self, done: int, value: Any) -> None:
        """Write, if it is time to."""
        if time.monotonic() - self._last < self.every_s:
            return

        def write(file: BinaryIO) -> None:
            file.write(json.dumps(dict(self.identity)).encode() + b"\n")
            pickle.dump((done, value), file, protocol=5)

        write_whole(self.path, write)
        self._last = time.monotonic()

    def forget(self) -> None:
        """Nothing is left to take up."""
        self.path.unlink(missing_ok=True)


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return super().find_class(module, name)
        # A dotted name would reach through a module's imports, and a function would be called.
        if module.startswith(_OWN) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"expected plain data, found {module}.{name}")
