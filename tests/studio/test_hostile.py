"""Requests that the studio's own page would not make are refused in a sentence, and the studio lives."""

from __future__ import annotations

import json
import os
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from studio_browser import TOKEN, Browser, open_tab
from websockets.exceptions import ConnectionClosed, InvalidStatus

from keramos.apps.studio import bounded_socket
from keramos.apps.studio.bounded_socket import MOST_PIECES
from keramos.apps.studio.security import MAX_BODY_BYTES
from keramos.apps.studio.serving import MAX_MESSAGE_BYTES

ELSEWHERE = "http://evil.example"


@pytest.fixture(autouse=True)
def _lives(browser: Browser) -> Any:
    """After each test the studio still answers."""
    yield
    with open_tab(browser) as tab:
        assert tab.paint(0, 3, 3)["type"] == "saved"
        tab.do("undo")
    assert browser.get("/api/project")[0] == 200


def refusal(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    """The status and the sentence of an answer, which has the headers that make a browser strict."""
    status, headers, body = answer
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (headers["x-content-type-options"], headers["cross-origin-resource-policy"]) == ("nosniff", "same-origin")
    sentence = json.loads(body)["error"]
    assert "\n" not in sentence
    return status, sentence


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": None},
        {"Cookie": "keramos-studio-1=x"},
        {"Cookie": f"keramos-studio={TOKEN}"},
        {"Cookie": "\x80=;;;=\x81"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "evil.example:80@127.0.0.1"},
        {"Host": "127.0.0.1:1:2"},
        {"Host": None},
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/api/project", "/tiles/images/xy/0/0/0/0", "/index.html"])
def test_only_the_page_of_this_machine_is_answered(browser: Browser, path: str, headers: dict[str, str | None]) -> None:
    assert refusal(browser.get(path, **headers))[0] in (400, 403)


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "x", "%00", "%ff%fe"])
def test_a_wrong_token_opens_nothing(browser: Browser, token: str) -> None:
    answer = browser.get(f"/?token={token}", Cookie=None)
    assert refusal(answer)[0] == 403
    assert "set-cookie" not in answer[1]


def test_the_token_opens_only_the_first_page(browser: Browser) -> None:
    assert browser.get(f"/api/project?token={TOKEN}", Cookie=None)[0] == 403
    status, headers, _ = browser.get(f"/?token={TOKEN}", Cookie=None, Origin=None, Sec_Fetch_Site="none")
    assert (status, headers["location"]) == (303, "/")
    assert "httponly" in headers["set-cookie"].lower()
    assert "samesite=strict" in headers["set-cookie"].lower()
    assert TOKEN not in headers["set-cookie"]


def test_a_request_that_changes_something_needs_an_origin(browser: Browser) -> None:
    assert refusal(browser.ask("POST", "/api/phases", {"phases": []}, Origin=None))[0] == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": ELSEWHERE}, {"Origin": ""}, {"Cookie": "a=b"}, {"Host": "evil.example"}], ids=str
)
def test_a_socket_of_another_page_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused, browser.open_socket(**headers):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/../../settings/studio.py",
        "/..%2f..%2fsettings%2fstudio.py",
        "/%2e%2e/serving.py",
        "/..%5cserving.py",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/index.html%00.js",
        "/tiles/..%2f..%2fetc/xy/0/0/0/0",
        "/tiles/images/xy/0/0/0/..%2f..%2f..%2fetc%2fpasswd",
        "/tiles/%2fetc%2fpasswd/xy/0/0/0/0",
        "/tiles/images/xy/-1/0/0/0",
        "/tiles/images/xy/0/1e3/0/0",
        "/tiles/images/xy/0/" + 5000 * "9" + "/0/0",
        "/api/layers/..%2f..",
    ],
)
def test_no_path_leads_out(browser: Browser, path: str) -> None:
    status, _, body = browser.get(path)
    assert status in (400, 404, 405, 414), body[:200]


def test_a_long_address_is_refused(browser: Browser) -> None:
    assert refusal(browser.get("/api/tones/" + 5000 * "9"))[0] == 414
    assert refusal(browser.get("/", X_Long="x" * 200_000))[0] == 431


def test_a_link_in_the_page_leads_nowhere(browser: Browser, stack: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.ome.zarr"
    outside.mkdir()
    link = stack.parent / "link.ome.zarr"
    link.symlink_to(outside)
    for path in (link, outside, "/etc/passwd", "../../../../etc/passwd", "~/.ssh", "", 7, None, "a\0b", 5000 * "a"):
        given = str(path) if isinstance(path, Path) else path
        assert refusal(browser.ask("POST", "/api/layers", {"path": given}))[0] == 400


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_layers_beside_the_stack_can_be_opened(browser: Browser, stack: Path) -> None:
    status, sentence = refusal(browser.ask("POST", "/api/layers", {"path": str(stack)}))
    assert (status, "grey" in sentence) == (400, True)
    assert refusal(browser.ask("POST", "/api/layers", {"path": str(stack.parent / "none.tif")}))[0] == 400


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"phases": NaN}', b"", b'{"phases": [1, 2]}']
)
def test_a_body_that_is_none_is_refused(browser: Browser, body: bytes) -> None:
    assert refusal(browser.ask("POST", "/api/phases", body))[0] == 400


def test_a_large_body_is_refused(browser: Browser) -> None:
    assert refusal(browser.ask("POST", "/api/phases", b"", Content_Length=str(MAX_BODY_BYTES + 1)))[0] == 413
    assert browser.ask("POST", "/api/phases", b"", Content_Length="-5")[0] == 400


BRUSH = {"tool": "brush", "z": 1, "phase": 1, "points": [[5, 5, 1]], "options": {"radius": 2}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "[" * 50_000,
        '{"type": "gesture"}',
        '{"type": ["gesture"], "id": 1}',
        '{"type": "quit", "id": 1}',
        '{"type": "undo", "id": true}',
        '{"type": "undo", "id": 1e400}',
        f'{{"type": "undo", "id": {10**30}}}',
        f'{{"type": "undo", "id": {"9" * 5000}}}',
        '{"type": "view", "view": 3}',
        '{"type": "view", "view": {"a": NaN}}',
        '{"type": "view", "view": {"a": 1e999}}',
        '{"type": "view", "view": {"a": "\\ud800"}}',
        '{"type": "gesture", "id": 1, "gesture": {"tool": "brush", "z": 1, "phase": 1, "points": [[NaN, 1]]}}',
        b"\x00\xff\x00",
        json.dumps({"type": "view", "view": {"a": "x" * 70_000}}),
    ],
)
def test_a_message_that_is_none_is_refused(browser: Browser, text: str | bytes) -> None:
    with open_tab(browser) as tab:
        tab.send(text)
        assert "\n" not in tab.wait_for("refused")["message"]
        assert tab.paint(1, 5, 5)["type"] == "saved"
        tab.do("undo")


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "../brush"},
        {"tool": None},
        {"z": -1},
        {"z": 10**6},
        {"z": 1.5},
        {"z": "1"},
        {"phase": 77},
        {"phase": -1},
        {"points": [[1e300, 5, 1]]},
        {"points": [[5, "x", 1]]},
        {"points": [[5]]},
        {"points": {"x": 1}},
        {"points": [[1, 1, 1]] * 100_000},
        {"options": {"radius": 1e9}},
        {"options": {"radius": -1}},
        {"options": {"colour": 1}},
        {"options": [1]},
    ],
    ids=lambda change: str(change)[:40],
)
def test_a_gesture_that_makes_no_sense_is_refused(browser: Browser, change: dict[str, Any]) -> None:
    with open_tab(browser) as tab:
        answer = tab.do("gesture", gesture=BRUSH | change)
    assert answer["type"] == "refused", answer
    assert "\n" not in answer["message"]


def test_far_and_negative_places_change_nothing(browser: Browser) -> None:
    before = browser.project()["annotated"]
    with open_tab(browser) as tab:
        for x, y in ((-1e5, -1e5), (1e5, 5), (5, -1e5)):
            assert tab.paint(1, x, y)["patches"] == []
    assert browser.project()["annotated"] == before


def test_a_huge_message_ends_the_socket(browser: Browser) -> None:
    with open_tab(browser) as tab, pytest.raises(ConnectionClosed):
        tab.do("view", view={"a": "x" * MAX_MESSAGE_BYTES})


def test_a_burst_of_messages_is_answered_in_order(browser: Browser) -> None:
    with open_tab(browser) as tab:
        start = tab.paint(6, 9, 9)["number"]
        for number in range(400):
            tab.send({"type": ("undo", "redo")[number % 2], "id": 10_000 + number})
        answers = [tab.wait_for("saved") for _ in range(400)]
        tab.do("undo")
    assert [answer["id"] for answer in answers] == list(range(10_000, 10_400))
    assert answers[-1]["number"] == start + 400


def frame(head: int, payload: bytes = b"", *, length: int | None = None, masked: bool = True) -> bytes:
    """A frame of a socket: its first byte, and its content, with a mask of zeros."""
    size = len(payload) if length is None else length
    short = size if size < 126 else 126 if size < 2**16 else 127
    extended = b"" if size < 126 else size.to_bytes(2 if size < 2**16 else 8, "big")
    return bytes([head, (128 if masked else 0) | short]) + extended + (bytes(4) if masked else b"") + payload


@contextmanager
def open_raw(browser: Browser) -> Iterator[socket.socket]:
    """A socket that is open, without the help of a library."""
    with socket.socket() as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end.settimeout(10)
        end.connect(("127.0.0.1", browser.port))
        head = (
            f"GET /socket HTTP/1.1\r\nHost: {browser.host}\r\nOrigin: http://{browser.host}\r\nCookie: {browser.cookie}"
        )
        upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
        end.sendall(f"{head}\r\n{upgrade}\r\nSec-WebSocket-Key: {16 * 'A'}{6 * 'A'}==\r\n\r\n".encode())
        assert end.recv(15) == b"HTTP/1.1 101 Sw"
        yield end


TEXT = b'{"type": "view", "view": {}}'


@pytest.mark.parametrize(
    "content",
    [
        frame(0x81, TEXT, masked=False),
        frame(0xF1, TEXT),
        frame(0x83, TEXT),
        frame(0x80, TEXT),
        frame(0x01, TEXT) + frame(0x81, TEXT),
        frame(0x81, b"\xff\xfe\xfd"),
        frame(0x81, length=2**62),
        frame(0x81, length=2**63 + 5),
        frame(0x89, b"p" * 200),
        frame(0x09, b"p"),
        frame(0x88, b"\x00"),
        frame(0x88, (99).to_bytes(2, "big")),
        frame(0x01, TEXT) + (MOST_PIECES + 9) * frame(0x00),
        random.Random(5).randbytes(5000),
    ],
    ids=[
        "not masked",
        "reserved bits",
        "unknown kind",
        "goes on with nothing",
        "begins anew within",
        "no UTF-8",
        "too long",
        "longer than any",
        "long ping",
        "ping in pieces",
        "short code",
        "unknown code",
        "pieces without end",
        "noise",
    ],
)
def test_a_malformed_frame_ends_its_socket_alone(browser: Browser, content: bytes) -> None:
    with open_tab(browser) as tab, open_raw(browser) as end:
        end.sendall(content)
        while end.recv(2**16):
            pass
        assert tab.paint(1, 5, 5)["type"] == "saved"
        tab.do("undo")


def test_who_asks_and_does_not_read_is_cut_off(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_socket, "MOST_UNREAD_BYTES", 2**16)
    pings = 800_000 * frame(0x89, 125 * b"p")
    with open_raw(browser) as end, pytest.raises(ConnectionError):
        end.sendall(pings)
