"""The view of the page, kept on the disk now and then."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from keramos.core.errors import StorageError
from keramos.project.workspace import Workspace

_WAIT_S = 2.0


class ViewKeeper:
    """The view that a page sent last; written some seconds after a change. `content` is the view."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.content: dict[str, Any] = workspace.read_view()
        self._is_due = False

    def keep(self, view: dict[str, Any]) -> None:
        """Remember a view, and write it soon."""
        self.content = view
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(_WAIT_S, self.write)

    def write(self) -> None:
        """Write the view if it has changed. A full disk loses the view, and nothing else."""
        if self._is_due:
            self._is_due = False
            with suppress(StorageError):
                self._workspace.write_view(self.content)
