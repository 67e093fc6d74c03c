"""Labels that are being drawn: the drawing, its journal on disk, and the tools that turn gestures into changes."""

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.drawing_record import describe_record, make_record
from keramos.annotation.drawing.edit import SOURCES, Edit, Source
from keramos.annotation.drawing.journal import Journal
from keramos.annotation.drawing.label_store import add_labels, save_drawing
from keramos.annotation.drawing.open import close_drawing, open_drawing
from keramos.annotation.drawing.patch import UNSURE, Codes, Mask, Patch, make_patches
from keramos.annotation.drawing.scene import Scene, VolumeScene
from keramos.annotation.drawing.stack_identity import identify_stack
from keramos.annotation.drawing.tool import TOOLS, Gesture, PaintOptions, Tool, describe_tools, make_edit, paint
from keramos.annotation.drawing.views import share_accepted, view_accepted, view_as_labels

__all__ = [
    "SOURCES",
    "TOOLS",
    "UNSURE",
    "Codes",
    "Drawing",
    "Edit",
    "Gesture",
    "Journal",
    "Mask",
    "PaintOptions",
    "Patch",
    "Scene",
    "Source",
    "Tool",
    "VolumeScene",
    "add_labels",
    "close_drawing",
    "describe_record",
    "describe_tools",
    "identify_stack",
    "make_edit",
    "make_patches",
    "make_record",
    "open_drawing",
    "paint",
    "save_drawing",
    "share_accepted",
    "view_accepted",
    "view_as_labels",
]
