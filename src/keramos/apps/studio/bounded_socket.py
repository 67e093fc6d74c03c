"""Sockets whose memory is bounded, whatever a page sends."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MOST_UNREAD_BYTES, MOST_PIECES = 2**27, 10_000
"""What is not read of answers, pongs among them, and pieces of one message."""


class BoundedSocket(WebSocketsSansIOProtocol):
    """The server reads messages only as fast as it saves what they say. What it answers by itself, and the pieces of a
    message that does not end, are bounded here: a socket that goes beyond is cut off."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if len(self.frames) > MOST_PIECES or self.transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
            self.transport.abort()
