"""List what there is to segment with."""

from __future__ import annotations

from typing import Any

from keramos.core.progress import Reporter
from keramos.project.model_list import list_models
from keramos.project.verb import verb
from keramos.settings.others import ModelsSettings


@verb(ModelsSettings)
def models(settings: ModelsSettings, reporter: Reporter) -> list[dict[str, Any]]:
    """List networks, methods and bundled weights, a row each, as JSON values: see `list_models`."""
    return list_models(measure=settings.speed, progress=reporter.progress("look at the networks", "network"))
