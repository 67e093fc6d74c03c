"""Journeys make whole pages: how a chart looks in each theme and width is tested with the report."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def _quick_charts(charts_drawn_once: None) -> None:
    """For every journey."""
