"""Say what to annotate next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from keramos.annotation import Suggestions, prepare_network, suggest_next
from keramos.core.errors import SettingsError
from keramos.core.files import make_folder
from keramos.core.progress import FindingCollector, Reporter
from keramos.inspection import check_before_work
from keramos.learning import TrainResult, pick_device
from keramos.project.inputs import read_images
from keramos.project.known_slices import find_trained_slices
from keramos.project.segmentation_facts import report_of_stack
from keramos.project.suggestion_picture import draw_suggestions
from keramos.project.verb import verb
from keramos.segmenters import load_segmenter
from keramos.settings.suggest import SuggestionOptions, SuggestSettings


@verb(SuggestSettings)
def suggest(settings: SuggestSettings, reporter: Reporter) -> Suggestions:
    """Find the slices and regions of a stack whose annotation would help a network most, best first.

    Slices that the model was trained on count as annotated, if its card says that they are of this very stack, as do
    those of `annotated` (z as in the file). `out` is a PNG of the slices with their regions framed.

    Raises:
        KeramosError: its members say what does not fit: a threshold for a model, a voxel size, missing slices.
    """
    if settings.out is not None:
        _check_suffix(settings.out)
    collector = FindingCollector(reporter)
    volume = read_images(settings.images, settings, collector, channels=True)
    source = settings.model.path if isinstance(settings.model, TrainResult) else settings.model
    loaded = load_segmenter(source, volume, device=pick_device(settings.device))
    found = check_before_work(volume, collector.progress("look at the slices", "slice"))
    report_of_stack(found, volume, loaded.card, collector)
    segmenter = prepare_network(volume, loaded, collector)
    trained = () if loaded.card is None else find_trained_slices(loaded.card, volume)
    known = {*settings.annotated, *(z + volume.origin[0] for z in trained)}
    options = SuggestionOptions.of(settings)
    suggestions = suggest_next(volume, segmenter, annotated=sorted(known), settings=options, reporter=collector)
    if settings.out is not None:
        make_folder(settings.out.parent)
        draw_suggestions(volume, segmenter, suggestions, settings.out)
    return replace(suggestions, findings=collector.findings)


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() != ".png":
        raise SettingsError(f"expected the name of a picture that ends in .png, found {path}; give such a name")
