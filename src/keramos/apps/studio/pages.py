"""The pages (tabs) that look at a studio: one of them draws, all of them are told what changes."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Mapping
from typing import Any

from keramos.core.errors import SettingsError

Message = Mapping[str, Any]
MOST_WAITING, MOST_WAITING_BYTES = 1000, 2**27
"""Messages that wait for one page, and their size; one that leaves more unread is closed, and reads anew when it is
back."""
GRACE_S = 3.0
"""A page that is loaded again comes back within this time, and goes on drawing."""
_LOOKING_ON = "another tab draws in this project; this one looks on"


class Page:
    """One page: messages that wait to be sent to it. By its `key` its requests are known."""

    def __init__(self) -> None:
        self.key = secrets.token_urlsafe(12)
        self._waiting: deque[str] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self.is_lost = False

    def put(self, text: str) -> None:
        """Have a message sent; a page that does not read is lost."""
        self._waiting.append(text)
        self._bytes += len(text)
        self._news.set()
        if self._share() > 1:
            self.lose()
        elif self._share() > 1 / 4:
            self._room.clear()

    def lose(self) -> None:
        """Give the page up: whoever waits for it goes on."""
        self.is_lost = True
        self._waiting.clear()
        self._bytes = 0
        self._room.set()
        self._news.set()

    async def take(self) -> str | None:
        """The next message, as soon as there is one; None for a page that is lost."""
        while not self._waiting and not self.is_lost:
            self._news.clear()
            await self._news.wait()
        if self.is_lost:
            return None
        text = self._waiting.popleft()
        self._bytes -= len(text)
        if self._share() < 1 / 8:
            self._room.set()
        return text

    async def wait_for_room(self) -> None:
        """Wait until the page has read most of what it was sent: it gets answers no faster than it reads them."""
        await self._room.wait()

    def _share(self) -> float:
        """The part of what may wait that does."""
        return max(len(self._waiting) / MOST_WAITING, self._bytes / MOST_WAITING_BYTES)


class Pages:
    """All pages of a studio. Its methods belong to the server's thread, but for `broadcast`, which any may call."""

    def __init__(self) -> None:
        self._pages: list[Page] = []
        self._writer: Page | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def has_writer(self) -> bool:
        return self._writer is not None

    def join(self, page: Page) -> None:
        """Take a page in: the first one draws."""
        self._loop = asyncio.get_running_loop()
        self._pages.append(page)
        if self._writer is None:
            self._writer = page
        self._tell_role(page)

    def leave(self, page: Page) -> None:
        """Let a page go; if it drew and does not come back soon, the next one may."""
        self._pages.remove(page)
        if self._writer is page:
            self._writer = None
            asyncio.get_running_loop().call_later(GRACE_S, self._promote)

    def take_writing(self, page: Page) -> None:
        """Let a page draw instead of the one that does."""
        self._writer = page
        for each in self._pages:
            self._tell_role(each)

    def may_write(self, page: Page) -> bool:
        return self._writer is page

    def refuse_looking_on(self, key: str | None) -> None:
        """SettingsError if the page with that key is not the one that draws."""
        if key and (self._writer is None or self._writer.key != key):
            raise SettingsError("another tab draws in this project; choose to draw here first")

    def send(self, page: Page, message: Message) -> None:
        """Send a message to one page."""
        page.put(encode(message))

    def broadcast(self, message: Message) -> None:
        """Send a message to every page, from any thread; in the order of the calls."""
        if self._loop is not None and not self._loop.is_closed():
            text = encode(message)
            self._loop.call_soon_threadsafe(self._put_all, text)

    def _put_all(self, text: str) -> None:
        for page in self._pages:
            page.put(text)

    def _promote(self) -> None:
        if self._writer is None and self._pages:
            self.take_writing(self._pages[0])

    def _tell_role(self, page: Page) -> None:
        mine = self.may_write(page)
        self.send(page, {"type": "writer", "mine": mine, "page": page.key, "message": "" if mine else _LOOKING_ON})


def encode(message: Message) -> str:
    """A message as text. ValueError for a number that is not finite."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False)
