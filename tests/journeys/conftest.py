"""Journeys are about what is said and written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pictures import leave_pictures_out


@pytest.fixture(scope="module", autouse=True)
def pictures_left_out() -> Iterator[None]:
    """To draw figures took an eighth of the time of all journeys; `tests/reports` draws them."""
    with pytest.MonkeyPatch.context() as patch:
        leave_pictures_out(patch)
        yield
