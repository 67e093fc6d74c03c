"""Who may ask the studio: only the page that it has served, on this machine, to who has its address.

A page of another site could send requests here, and a name of another site could be made to point here (DNS rebinding).
So every request and socket needs a Host of this machine, an Origin that is that Host, and a cookie that only the token
in the printed address gives.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 4 * 2**20
MAX_PATH, _MAX_HEADER_BYTES = 2000, 2**16
_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "font-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_OPEN_AGAIN = "open the address that keramos studio printed"


class Guard:
    """Refuses what does not come from the studio's own page, and what is too large; adds the headers that make a
    browser strict."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app, self._token = app, token
        self._cookie, self._session = f"keramos-studio-{port}", secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._answer(scope, headers)
        if scope["type"] == "websocket":
            if answer is None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
            return
        guarded = _add_headers(send)
        if answer is None:
            await self._app(scope, _limit(receive), guarded)
        else:
            await answer(scope, receive, guarded)

    def _answer(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to what goes no further; None for what does."""
        why = _refuse_place(scope, headers) or _refuse_size(scope, headers)
        if why is not None:
            return why
        if self._has_cookie(headers):
            return None
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/" and self._has_token(scope):
            return self._let_in()
        return _refuse(403, f"expected the cookie of this studio, found none; {_OPEN_AGAIN}")

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie("; ".join(headers.getlist("cookie")))
        except CookieError:
            return False
        given = cookies.get(self._cookie)
        return given is not None and secrets.compare_digest(given.value.encode(), self._session.encode())

    def _has_token(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return secrets.compare_digest(given.encode(), self._token.encode())

    def _let_in(self) -> Response:
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self._cookie, self._session, httponly=True, samesite="strict", path="/")
        return answer


def _refuse_place(scope: Scope, headers: Headers) -> Response | None:
    """The refusal of a request that is not for this machine, or that another page has made."""
    hosts = headers.getlist("host")
    host = hosts[0] if len(hosts) == 1 else ""
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if (name or host) not in _NAMES or (name and port and not port.isdecimal()):
        return _refuse(403, f"expected a request for this machine, found one for another host; {_OPEN_AGAIN}")
    origins = headers.getlist("origin")
    needs_origin = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
    if origins != [f"http://{host}"] and (origins or needs_origin):
        return _refuse(403, "expected a request of the studio's own page, found one of another origin")
    site = headers.get("sec-fetch-site", "same-origin")
    navigates = scope["type"] == "http" and scope["path"] == "/" and headers.get("sec-fetch-mode") == "navigate"
    if site not in ("same-origin", "none") and not navigates:
        return _refuse(403, "expected a request of the studio's own page, found one of another site")
    return None


def _refuse_size(scope: Scope, headers: Headers) -> Response | None:
    if len(scope["path"]) > MAX_PATH:
        return _refuse(414, f"expected an address of at most {MAX_PATH} characters, found a longer one")
    if sum(len(name) + len(value) for name, value in headers.raw) > _MAX_HEADER_BYTES:
        return _refuse(431, f"expected headers of at most {_MAX_HEADER_BYTES // 2**10} KiB, found longer ones")
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) <= MAX_BODY_BYTES:
        return None
    return _refuse(413, f"expected a request of at most {MAX_BODY_BYTES // 2**20} MiB, found a larger one")


def _refuse(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status_code=status)


class TooLargeError(Exception):
    """A request whose body is larger than it may be, and that did not say so."""


def _limit(receive: Receive) -> Receive:
    total = 0

    async def receive_some() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MAX_BODY_BYTES:
            raise TooLargeError
        return message

    return receive_some


def _add_headers(send: Send) -> Send:
    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update({name: value for name, value in _HEADERS.items() if name not in headers})
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_guarded
