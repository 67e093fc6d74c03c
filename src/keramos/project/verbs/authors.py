"""Fetch and import what the paper's authors released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keramos.core.progress import Reporter
from keramos.project.authors import fetch_authors, import_released
from keramos.project.verb import verb
from keramos.settings.others import FetchSettings, ImportAuthorsSettings


@verb(FetchSettings)
def fetch(settings: FetchSettings, reporter: Reporter) -> list[Path]:
    """Download the released training set and U-Net; a file that is there already is left alone.

    Raises:
        StorageError: no connection, or the files are not there any more.
    """
    return fetch_authors(settings.out, reporter=reporter)


@verb(ImportAuthorsSettings)
def import_authors(settings: ImportAuthorsSettings, reporter: Reporter) -> dict[str, Any]:
    """Convert a released file; give what was written by name: see `import_released`."""
    return import_released(settings.path, settings.out, reporter=reporter)
