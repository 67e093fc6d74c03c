"""Serve a project on a port of this machine, until Ctrl-C."""

from __future__ import annotations

import os
import secrets
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from keramos.apps.studio.application import make_application
from keramos.apps.studio.bounded_socket import BoundedSocket
from keramos.apps.studio.stored_layers import show_stored_layers
from keramos.apps.studio.studio import Studio
from keramos.core import Volume
from keramos.core.errors import OptionError
from keramos.project.workspace import Workspace

_HOST = "127.0.0.1"
MAX_MESSAGE_BYTES = 4 * 2**20
"""A stroke of 100,000 points."""
_GRACE_S, _IDLE_S = 3, 60


def serve(
    workspace: Workspace,
    images: Volume,
    *,
    port: int = 0,
    browser: bool = True,
    announce: Callable[[str], None],
) -> None:
    """Serve a project until Ctrl-C or SIGTERM; `announce` is told the address as soon as it answers.

    Raises:
        StorageError: another studio has the project open.
        OptionError: the port is in use.
    """
    with workspace.lock(), bind_port(port) as bound:
        number = bound.getsockname()[1]
        token = secrets.token_urlsafe(24)
        address = f"http://{_HOST}:{number}/?token={token}"
        studio = Studio(workspace, images)
        try:
            server = StudioServer(
                make_config(studio, token, number), lambda: _begin(studio, address, announce, browser)
            )
            server.run(sockets=[bound])
        finally:
            studio.close()


def make_config(studio: Studio, token: str, port: int) -> uvicorn.Config:
    """The settings of the server: bounded messages, no log of requests, which hold the token."""
    return uvicorn.Config(
        make_application(studio, token, port),
        log_level="critical",
        access_log=False,
        server_header=False,
        lifespan="on",
        http="httptools",
        loop="asyncio",
        ws=BoundedSocket,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # the answer to a ping waits behind strokes, and a page that is gone closes its socket
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


class StudioServer(uvicorn.Server):
    """A server that says when it answers, and whose Ctrl-C is the usual end and no mistake."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            self._captured_signals.clear()  # or they would be raised again after the end


@contextmanager
def bind_port(port: int) -> Iterator[socket.socket]:
    """A socket on a port of this machine only; 0: any that is free. OptionError if it is in use."""
    # asyncio sends small pieces at once (TCP_NODELAY) only where the protocol is named; else the last piece of an
    # answer waits 40 ms for the acknowledgement of the one before.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:
        if (
            os.name == "posix"
        ):  # a port whose last connections still fade away is free; elsewhere this means to share one
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((_HOST, port))
        except OSError as error:
            why = error.strerror or str(error)
            raise OptionError(
                "port", f"expected a free port of this machine, found {port}: {why}; give another, or leave it out"
            ) from None
        yield bound


def begin_work(studio: Studio) -> None:
    """Start what a studio does in the background; in the server's thread."""
    studio.begin()
    studio.readers.submit(show_stored_layers, studio)


def _begin(studio: Studio, address: str, announce: Callable[[str], None], browser: bool) -> None:
    announce(address)
    begin_work(studio)
    if browser:
        webbrowser.open(address)
