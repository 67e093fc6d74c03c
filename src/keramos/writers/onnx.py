"""A network as an ONNX file."""

from __future__ import annotations

from pathlib import Path

from keramos.core.errors import SettingsError
from keramos.core.options import Settings
from keramos.core.progress import Reporter
from keramos.writers.writer import Model, Writer, begins_with


def _write(model: Model, path: Path, _settings: Settings, reporter: Reporter) -> None:
    from keramos.networks import onnx_bytes
    from keramos.writers.model import fix_grey_level, needs_grey_level

    if model.images is not None and not needs_grey_level(model.checkpoint):
        raise SettingsError(
            "expected --images only for a model that takes its grey level from each stack, found them with one "
            "that has its own; leave them out"
        )
    ready = fix_grey_level(model, reporter)
    progress = reporter.progress("write the ONNX file", "file")
    progress(0, 1)
    path.write_bytes(onnx_bytes(ready, model.checkpoint.card))
    progress(1, 1)


ONNX = Writer(
    "onnx",
    "a network that any ONNX runtime runs, from raw grey values to scores",
    "model",
    _write,
    suffixes=(".onnx",),
    any_suffix=True,
    extra="export",
    is_own=begins_with(b"\x08", mark=b"keramos"),
    example="keramos export model.keramos --to onnx --out model.onnx",
)
