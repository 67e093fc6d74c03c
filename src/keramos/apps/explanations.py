"""The sentence of an error, as forms show it."""

from __future__ import annotations

from keramos.core.errors import KeramosError, OptionError


def explain_error(error: KeramosError) -> str:
    """The sentence of an error; an option by its name, as a form calls it."""
    return f"{error.option.replace('_', ' ')}: {error.fact}" if isinstance(error, OptionError) else str(error)
