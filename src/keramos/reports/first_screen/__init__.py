"""The top of the report page: the material, the answer, a few numbers, the gravest finding, and where to click."""

from keramos.reports.first_screen.answer import answer
from keramos.reports.first_screen.opening import opening

__all__ = ["answer", "opening"]
