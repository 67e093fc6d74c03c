"""The file of a command's numbers (`--json`): JSON that says which command wrote it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.core.files import write_text
from keramos.core.object_path import as_path
from keramos.core.options import Settings
from keramos.version import __version__

_WRITTEN_BY = "written_by"


@dataclass(frozen=True)
class NumbersFile:
    """The path, the name of the command that writes it, and whether an earlier file there may be replaced."""

    path: Path
    command: str
    replace: bool = False

    def may_replace(self, settings: Settings, *, resumes: bool) -> bool:
        """Whether an earlier file may be replaced: if asked for, or by a command that `resumes` its own output."""
        if self.replace or not resumes:
            return self.replace
        try:
            earlier: Any = json.loads(self.path.read_text(encoding="utf-8"))
            return bool(earlier[_WRITTEN_BY] == self._describe(settings))
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return False

    def write(self, settings: Settings, numbers: dict[str, Any]) -> None:
        """Write what a command printed, whole or not at all. StorageError."""
        content = {**numbers, _WRITTEN_BY: self._describe(settings)}
        write_text(self.path, json.dumps(content, indent=1, allow_nan=False) + "\n")

    def _describe(self, settings: Settings) -> dict[str, Any]:
        """The command and the places of its output, or of what it reads where it has none."""
        places = settings.outputs() or {name: given[0] for name, given in settings.inputs().items()}
        texts = {name: str(as_path(place).resolve()) for name, place in places.items() if isinstance(place, str | Path)}
        return {"keramos": __version__, "command": self.command, **texts}
