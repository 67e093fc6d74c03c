"""Labels that are being drawn: the drawing, its journal on disk, and the tools that turn gestures into changes."""

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.edit import SOURCES, Edit, Source
from keramos.annotation.drawing.journal import Journal
from keramos.annotation.drawing.open import close_drawing, open_drawing
from keramos.annotation.drawing.patch import UNSURE, Codes, Mask, Patch, make_patches
from keramos.annotation.drawing.scene import Scene, VolumeScene
from keramos.annotation.drawing.tool import TOOLS, Gesture, Tool, describe_tools, make_edit

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
    "Patch",
    "Scene",
    "Source",
    "Tool",
    "VolumeScene",
    "close_drawing",
    "describe_tools",
    "make_edit",
    "make_patches",
    "open_drawing",
]
