"""Messages for tabs that read slowly, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from keramos.apps.studio import pages as room
from keramos.apps.studio.pages import Page, Pages


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 10))


def test_a_tab_gets_answers_no_faster_than_it_reads_them() -> None:
    async def work() -> None:
        page = Page()
        for number in range(room.MOST_WAITING // 2):
            page.put(str(number))
        waiting = asyncio.create_task(page.wait_for_room())
        await asyncio.sleep(0)
        assert not waiting.done()
        assert [await page.take() for _ in range(room.MOST_WAITING // 2)] == list(map(str, range(500)))
        await waiting

    run(work())


@pytest.mark.parametrize(("count", "size"), [(room.MOST_WAITING + 1, 1), (3, room.MOST_WAITING_BYTES // 2)])
def test_a_tab_that_does_not_read_is_given_up(count: int, size: int) -> None:
    async def work() -> None:
        page = Page()
        for _ in range(count):
            page.put("x" * size)
        assert page.is_lost
        await page.wait_for_room()
        assert await page.take() is None

    run(work())


def test_another_tab_draws_when_the_one_that_drew_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "GRACE_S", 0.01)

    async def work() -> None:
        pages, first, second = Pages(), Page(), Page()
        pages.join(first)
        pages.join(second)
        assert (pages.may_write(first), pages.may_write(second)) == (True, False)
        pages.leave(first)
        assert not pages.has_writer
        assert "false" in str(await second.take())
        assert "true" in str(await second.take())
        assert pages.may_write(second)

    run(work())
