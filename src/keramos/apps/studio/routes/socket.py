"""The socket of a page: gestures in, what they changed out, to all pages."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from keramos.apps.studio.messages import read_message
from keramos.apps.studio.pages import Page
from keramos.apps.studio.studio import Studio
from keramos.core.errors import KeramosError, SettingsError, StorageError

_DRAWING = ("gesture", "undo", "redo")


async def talk(socket: WebSocket) -> None:
    """Answer a page until it leaves."""
    studio: Studio = socket.app.state.studio
    await socket.accept()
    page = Page()
    studio.pages.join(page)
    sender = asyncio.create_task(_send_all(socket, page))
    try:
        for message in studio.greet():
            studio.pages.send(page, message)
        while not page.is_lost:
            await page.wait_for_room()
            received = await socket.receive()
            if received["type"] == "websocket.disconnect":
                break
            await _answer(studio, page, received)
    except WebSocketDisconnect:
        pass
    finally:
        sender.cancel()
        studio.pages.leave(page)


async def _send_all(socket: WebSocket, page: Page) -> None:
    try:
        while (text := await page.take()) is not None:
            await socket.send_text(text)
        await socket.close(1013, "messages were not read")
    except (WebSocketDisconnect, RuntimeError):  # it has gone
        pass
    finally:
        page.lose()


async def _answer(studio: Studio, page: Page, received: Any) -> None:
    number: Any = None
    try:
        message = read_message(received)
        number, kind = message.get("id"), message["type"]
        if kind in _DRAWING:
            if not studio.pages.may_write(page):
                raise SettingsError("another tab draws in this project; choose to draw here first")
            await studio.draw(message)
        elif kind == "view":
            if studio.pages.may_write(page):
                studio.view.keep(message["view"])
        else:
            studio.pages.take_writing(page)
    except StorageError as error:  # the page keeps what it has drawn, and sends it again
        studio.pages.send(page, {"type": "refused", "id": number, "message": str(error), "again": True})
    except KeramosError as error:
        studio.pages.send(page, {"type": "refused", "id": number, "message": str(error)})
    except Exception as error:  # the page is told, and the server lives
        why = f"the studio met an error of its own ({type(error).__name__}); this was not drawn, try again"
        studio.pages.send(page, {"type": "refused", "id": number, "message": why})


ROUTES: list[BaseRoute] = [WebSocketRoute("/socket", talk)]
