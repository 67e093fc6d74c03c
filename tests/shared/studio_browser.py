"""A studio that is served, and a browser that asks it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keramos.apps.studio.serving import StudioServer, bind_port, make_config
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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
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

    def project(self) -> dict[str, Any]:
        """What the page reads first."""
        content: dict[str, Any] = json.loads(self.get("/api/project")[2])
        return content


@contextmanager
def run_studio(folder: Path, stack: Path) -> Iterator[Browser]:
    """A studio of a stack, served by a thread."""
    workspace, images = open_project(StudioSettings(stack=str(stack), project=folder))
    with workspace.lock(), bind_port(0) as bound:
        port = bound.getsockname()[1]
        studio, began = Studio(workspace, images), threading.Event()
        server = StudioServer(make_config(studio, TOKEN, port), began.set)
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
