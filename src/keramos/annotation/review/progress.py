"""Progress of a review: which stops were done or skipped, kept in a small file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keramos.annotation.marked_file import decode, encode
from keramos.annotation.review.tour import TITLES, Stop
from keramos.core.errors import FormatError, SettingsError
from keramos.core.files import write_text

MARKS = ("done", "skip")
_KEY = "keramos-review"
_MOST_BYTES = 2**24


@dataclass(eq=False)
class TourProgress:
    """The stops that were done or skipped, in the order in which they were; `open_progress` opens the file.

    Stops of another plan are remembered, too: a tour that is planned again goes on where it stopped.
    """

    path: Path
    marks: list[tuple[str, str]] = field(default_factory=list)

    def mark(self, stop_id: str, how: str) -> None:
        """Keep that a stop is done or skipped. SettingsError for another word; StorageError: nothing is kept."""
        if how not in MARKS:
            raise SettingsError(f"a stop of a review is marked {' or '.join(MARKS)}, not '{how[:80]}'")
        self._save([*(row for row in self.marks if row[0] != stop_id), (stop_id, how)])

    def go_back(self, stops: Iterable[Stop]) -> str | None:
        """Take the last mark of these stops back; the stop's id, or None if none is marked. StorageError."""
        known = {stop.id for stop in stops}
        last = next((row for row in reversed(self.marks) if row[0] in known), None)
        if last is not None:
            self._save([row for row in self.marks if row != last])
        return None if last is None else last[0]

    def find_next(self, stops: Sequence[Stop]) -> Stop | None:
        """The first stop that is neither done nor skipped; None at the end of the tour."""
        marked = dict(self.marks)
        return next((stop for stop in stops if stop.id not in marked), None)

    def to_json(self, stops: Sequence[Stop]) -> dict[str, Any]:
        """The tour with its progress, as JSON values."""
        marked, following = dict(self.marks), self.find_next(stops)
        passes = []
        for number, title in TITLES.items():
            of_pass = [stop for stop in stops if stop.review_pass == number]
            left = sum(stop.id not in marked for stop in of_pass)
            passes.append({"pass": number, "title": title, "stops": len(of_pass), "left": left})
        return {
            "stops": [{**stop.to_json(), "mark": marked.get(stop.id)} for stop in stops],
            "next": None if following is None else following.id,
            "passes": passes,
        }

    def _save(self, marks: list[tuple[str, str]]) -> None:
        write_text(self.path, encode(_KEY, {"marks": marks}, indent=1))
        self.marks = marks


def open_progress(path: str | Path) -> TourProgress:
    """The progress that a file holds; none where there is no such file yet. FormatError for another file."""
    place = Path(path)
    if not place.exists():
        return TourProgress(place)
    try:
        content = decode(place, _KEY, _MOST_BYTES)
        return TourProgress(place, [(str(stop), str(how)) for stop, how in content["marks"]])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise FormatError(f"{place} holds no progress of a review; move it away to begin the review anew") from None
