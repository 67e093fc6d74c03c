"""Show what was exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.settings.export import ExportSettings


def show_export(settings: ExportSettings, written: Path) -> dict[str, Any]:
    """Print the path."""
    print_facts([("written", str(written))])
    return {"written": str(written), "to": settings.to}
