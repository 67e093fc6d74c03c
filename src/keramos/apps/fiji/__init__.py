"""The macro that sends the open stack of Fiji or ImageJ to Keramos. `python -m keramos.apps.fiji` prints its path."""

from __future__ import annotations

from pathlib import Path

MACRO = Path(__file__).with_name("Send_to_Keramos.ijm")
