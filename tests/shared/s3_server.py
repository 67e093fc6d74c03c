"""An S3 server in a process of its own (moto's `moto_server`), and a gate before it that can be shut."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "lab",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}


@contextmanager
def serve_s3() -> Iterator[int]:
    """The port of a server with the empty bucket `lab`, for as long as the context lasts."""
    program = shutil.which("moto_server")
    assert program is not None, 'no moto_server on the PATH: pip install "moto[server]", in an environment of its own'
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _make_bucket(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _make_bucket(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/lab", method="PUT")
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


class Gate:
    """A port that leads to the server until `is_last`, which is asked of each request's first line, says so: that
    request and all later ones find nobody."""

    def __init__(self, server: int, is_last: Callable[[str], bool]) -> None:
        self._server, self._is_last, self._is_shut = server, is_last, False
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        self._is_shut = True
        for each in [self._listening, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                self._open += [client, server]
                threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, asks: bool) -> None:
        with suppress(OSError):
            while content := source.recv(2**16):
                line = content.split(b"\r\n", 1)[0].decode("latin-1")
                if asks and line.endswith("HTTP/1.1") and self._is_last(line):
                    self.shut()
                if self._is_shut:
                    return
                target.sendall(content)
