"""The phases of labels in the description of an ImageJ TIFF, which only Keramos looks for.

Fiji leaves this line out when it saves the file again, so that it never speaks of values which somebody has changed.
"""

from __future__ import annotations

import json

import tifffile

from keramos.core import PhaseTable
from keramos.io.ngff_write import phases_from_json, phases_to_json

_KEY = "keramos"


def describe_phases(phases: PhaseTable) -> dict[str, str]:
    """The line of the description that names the phases.

    Example:
        >>> describe_phases(PhaseTable.from_names(["void", "solid"]))["keramos"][:46]
        '{"phases": [{"name": "void", "colour": "#2b2d4'
    """
    return {_KEY: json.dumps(phases_to_json(phases))}


def phases_in_tiff(tif: tifffile.TiffFile) -> PhaseTable | None:
    """The phases that Keramos wrote into the file; None for any other."""
    text = (tif.imagej_metadata or {}).get(_KEY)
    try:
        return None if text is None else phases_from_json(json.loads(text))
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
