"""Show what was downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.settings.others import FetchSettings


def show_fetch(settings: FetchSettings, files: Sequence[Path]) -> dict[str, Any]:  # noqa: ARG001
    """Print the files."""
    print_facts([(file.name, str(file)) for file in files])
    return {"files": [str(file) for file in files]}
