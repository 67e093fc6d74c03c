"""Show what was imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.settings.others import ImportAuthorsSettings


def show_import_authors(settings: ImportAuthorsSettings, written: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Print what was written."""
    print_facts([(name, str(value)) for name, value in written.items()])
    return dict(written)
