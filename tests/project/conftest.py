"""Verbs are tested by the numbers and files that they make."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pictures import leave_pictures_out


@pytest.fixture(scope="module", autouse=True)
def pictures_left_out() -> Iterator[None]:
    """To draw figures takes most of a page; `tests/reports` draws them."""
    with pytest.MonkeyPatch.context() as patch:
        leave_pictures_out(patch)
        yield
