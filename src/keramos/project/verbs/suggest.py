"""Say what to annotate next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from keramos.annotation import Suggestions, SuggestSettings, prepare_network, suggest_next
from keramos.core.errors import SettingsError
from keramos.core.files import make_folder
from keramos.core.progress import Reporter
from keramos.learning import Device, Fitted, pick_device
from keramos.project.inputs import Images, Reading, note_gaps
from keramos.project.known_slices import trained_on
from keramos.project.outputs import refuse_inputs, refuse_other
from keramos.project.suggestion_picture import draw_suggestions
from keramos.segmenters import load_segmenter


def suggest(
    images: Images,
    model: str | Path | Fitted,
    *,
    annotated: Sequence[int] = (),
    out: str | Path | None = None,
    device: Device = "auto",
    settings: SuggestSettings | None = None,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Suggestions:
    """The slices and regions of a stack whose annotation would help a network most, best first.

    Slices that the model was trained on count as annotated, if its card says that they are of this very stack, as do
    those of `annotated` (z as in the file). `out` is a PNG of the slices with their regions framed.

    Raises:
        KeramosError: its members say what does not fit: a threshold for a model, a voxel size, missing slices.
    """
    reading, reporter = reading or Reading(), reporter or Reporter()
    if out is not None:
        refuse_inputs(out, images, model)
        refuse_other(_png(Path(out)), "PNG picture")
    volume = reading.volume(images)
    note_gaps(volume, reporter)
    source = model.path if isinstance(model, Fitted) else model
    loaded = load_segmenter(source, volume, device=pick_device(device))
    predictor = prepare_network(volume, loaded, reporter)
    card = loaded.card
    known = {*annotated, *(z + volume.origin[0] for z in trained_on(card, volume))}
    found = suggest_next(volume, predictor, annotated=sorted(known), settings=settings, reporter=reporter)
    if out is not None:
        make_folder(Path(out).parent)
        draw_suggestions(volume, predictor, found, Path(out))
    return found


def _png(path: Path) -> Path:
    if path.suffix.lower() != ".png":
        raise SettingsError(
            f"expected the name of a picture that ends in .png, found {path}; give such a name to --out"
        )
    return path
