"""A studio that is served, and a browser that asks it."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import connect

from keramos.apps.studio.serving import StudioServer, begin_work, bind_port, make_config
from keramos.apps.studio.studio import Studio
from keramos.project.workspace import open_project
from keramos.settings.studio import StudioSettings

TOKEN = "the-token-of-the-tests"
SHAPE = (20, 300, 280)


def grey_of(z: Any, y: Any, x: Any) -> Any:
    """The grey value of a voxel of the tests' stack."""
    return (7 * z + 3 * y + 5 * x) % 251


@dataclass
class Browser:
    """Requests to a studio with the cookie of its page."""

    port: int
    studio: Studio
    cookie: str = ""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str | None) -> tuple[int, dict[str, str], bytes]:
        """The status, headers and body of an answer; a header that is None is not sent."""
        given = {"Host": self.host, "Cookie": self.cookie, "Origin": f"http://{self.host}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}  # type: ignore[misc]
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in given.items():
            if value is not None:
                connection.putheader(name, value)
        if content is not None and "Content-Length" not in given:
            connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content)
        answer = connection.getresponse()
        result = (answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        connection.close()
        return result

    def get(self, path: str, **headers: str | None) -> tuple[int, dict[str, str], bytes]:
        return self.ask("GET", path, **headers)

    def open_socket(self, **headers: str) -> Any:
        """A socket of the page; headers replace its own."""
        given = {"Cookie": self.cookie, "Host": self.host, **headers}
        origin = given.pop("Origin", f"http://{self.host}")
        host = given.pop("Host")
        return connect(
            f"ws://{host}/socket",
            sock=socket.create_connection(("127.0.0.1", self.port), timeout=60),
            origin=origin or None,  # type: ignore[arg-type]
            additional_headers=given,
            max_size=None,
        )

    def project(self) -> dict[str, Any]:
        """What the page reads first."""
        content: dict[str, Any] = json.loads(self.get("/api/project")[2])
        return content


def pixels_of(browser: Browser, path: str) -> np.ndarray:
    """The pixels of a tile."""
    status, headers, body = browser.get(path)
    assert status == 200, body
    shape = tuple(int(length) for length in headers["x-shape"].split(","))
    return np.frombuffer(body, np.dtype(headers["x-type"]).newbyteorder("<")).reshape(shape)


@contextmanager
def run_studio(folder: Path, stack: Path) -> Iterator[Browser]:
    """A studio of a stack, served by a thread."""
    workspace, images = open_project(StudioSettings(stack=str(stack), project=folder))
    with workspace.lock(), bind_port(0) as bound:
        port = bound.getsockname()[1]
        studio, began = Studio(workspace, images), threading.Event()

        def begin() -> None:
            begin_work(studio)
            began.set()

        server = StudioServer(make_config(studio, TOKEN, port), begin)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            if not began.wait(10):
                pytest.fail("the studio did not begin")
            browser = Browser(port, studio)
            browser.cookie = browser.get(f"/?token={TOKEN}")[1]["set-cookie"].split(";")[0]
            yield browser
        finally:
            server.should_exit = True
            thread.join(10)
            studio.close()


_NUMBERS = itertools.count(1)


class Tab:
    """A tab's end of the socket."""

    def __init__(self, end: Any) -> None:
        self._end = end

    def send(self, message: Any) -> None:
        self._end.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def wait_for(self, *kinds: str) -> dict[str, Any]:
        """The next message of one of these types."""
        while True:
            message: dict[str, Any] = json.loads(self._end.recv(timeout=60))
            if message["type"] in kinds:
                return message

    def do(self, kind: str, **content: Any) -> dict[str, Any]:
        """The answer to a message: saved or refused."""
        number = content.pop("id", None) or next(_NUMBERS)
        self.send({"type": kind, "id": number, **content})
        while True:
            answer = self.wait_for("saved", "refused")
            if answer["id"] == number:
                return answer

    def paint(self, z: int, x: float, y: float, phase: int = 1, **more: Any) -> dict[str, Any]:
        """The answer to a dab of the brush."""
        gesture = {"tool": "brush", "z": z, "phase": phase, "points": [[x, y, 1]], "options": {"radius": 2}, **more}
        return self.do("gesture", gesture=gesture)


@contextmanager
def open_tab(browser: Browser, *, draws: bool = True) -> Iterator[Tab]:
    """A tab of a studio; one that draws takes over from others."""
    with browser.open_socket() as end:
        tab = Tab(end)
        if draws:
            tab.send({"type": "take-writing"})
            while not tab.wait_for("writer")["mine"]:
                pass
        yield tab
