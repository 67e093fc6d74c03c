"""Show what to annotate next."""

from __future__ import annotations

from typing import Any

from keramos.annotation import Suggestion, Suggestions
from keramos.apps.cli.console import print_facts, print_table
from keramos.core.share import share_text
from keramos.settings.suggest import SuggestSettings


def show_suggest(settings: SuggestSettings, suggestions: Suggestions) -> dict[str, Any]:
    """Print a row for each suggestion, and why."""
    rows = [_row(number, suggestion) for number, suggestion in enumerate(suggestions.suggestions, 1)]
    print_table("What to annotate next", ("", "slice z", "region (--box)", "uncertain", "slices away"), rows)
    facts = [(f"why {number}", suggestion.why) for number, suggestion in enumerate(suggestions.suggestions, 1)]
    known = ", ".join(map(str, suggestions.annotated)) or "none that is known"
    facts += [("looked at", f"{len(suggestions.looked_at)} slices"), ("annotated", known)]
    if settings.out is not None:
        facts.append(("picture", str(settings.out)))
    print_facts(facts)
    return suggestions.to_json()


def _row(number: int, suggestion: Suggestion) -> tuple[str, ...]:
    away = "-" if suggestion.slices_away is None else str(suggestion.slices_away)
    return str(number), str(suggestion.z), suggestion.box, share_text(suggestion.unsure_share), away
