"""HTML for notebooks: tables, facts and small pictures. All text is escaped here, whatever file it comes from."""

from __future__ import annotations

import html
import struct
import zlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from keramos.core.finding import Finding
from keramos.core.terminal import escape_controls

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FINDING_COLUMNS = ("", "kind", "what", "effect", "what to do")
_COLOURS = {"fatal": "#b00020", "warning": "#b26a00", "note": "#607d8b"}


def escape_html(text: object) -> str:
    """Text that a browser shows as it is.

    Example:
        >>> escape_html("<b>solid</b> & void")
        '&lt;b&gt;solid&lt;/b&gt; &amp; void'
    """
    return html.escape(escape_controls(str(text)))


def table_html(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with a head; cells are text, left-aligned."""
    cells = "".join(f'<th style="text-align:left">{escape_html(name)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def facts_html(title: str, facts: Iterable[tuple[str, object]]) -> str:
    """A title, and facts with their names."""
    rows = "".join(
        f'<tr><th style="text-align:left">{escape_html(name)}</th>{_cell(value)}</tr>' for name, value in facts
    )
    return f"<strong>{escape_html(title)}</strong><table>{rows}</table>"


def findings_html(findings: Iterable[Finding]) -> str:
    """A table of findings; empty without any."""
    rows = [
        f'<tr><td style="text-align:left"><b style="color:{_COLOURS[one.severity]}">{one.severity}</b></td>'
        f"{''.join(_cell(text) for text in (one.kind, one.message, one.effect, one.advice))}</tr>"
        for one in findings
    ]
    head = "".join(f'<th style="text-align:left">{name}</th>' for name in FINDING_COLUMNS)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>" if rows else ""


def picture_html(rgb: NDArray[np.uint8], caption: str) -> str:
    """A picture (Y X 3), a pixel of it one of the screen at least, with a caption."""
    scale = max(1, 256 // max(rgb.shape[:2]))
    height, width = (scale * length for length in rgb.shape[:2])
    data, words = b64encode(encode_png(rgb)).decode("ascii"), escape_html(caption)
    return (
        f'<figure style="margin:0.5em 0"><img alt="{words}" width="{width}" height="{height}" '
        f'style="image-rendering:pixelated" src="data:image/png;base64,{data}">'
        f"<figcaption>{words}</figcaption></figure>"
    )


def encode_png(rgb: NDArray[np.uint8]) -> bytes:
    """A PNG file (ISO/IEC 15948) of a picture (Y X 3), without a filter."""
    height, width = rgb.shape[:2]
    import numpy as np  # late: texts need none

    lines = np.zeros((height, 1 + 3 * width), np.uint8)
    lines[:, 1:] = rgb.reshape(height, 3 * width)
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),
        b"IDAT": zlib.compress(lines.tobytes(), 6),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _cell(value: object) -> str:
    return f'<td style="text-align:left">{escape_html(value)}</td>'
