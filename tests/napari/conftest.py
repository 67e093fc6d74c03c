"""A window of napari, and running forms in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from napari_window import pump, wait_for


@pytest.fixture(scope="session")
def window() -> Iterator[Any]:
    """A window for all tests: to make one takes as long as most of them."""
    napari = pytest.importorskip("napari")
    made = napari.Viewer(show=True)
    made.window.resize(1500, 950)
    yield made
    made.close()
    pump()


@pytest.fixture
def viewer(window: Any) -> Iterator[Any]:
    """The window without layers and docks; its notifications are those of the test alone."""
    from napari.utils.notifications import notification_manager

    notification_manager.records.clear()
    yield window
    window.layers.clear()
    window.window.remove_dock_widget("all")
    pump()


@pytest.fixture
def said() -> Callable[[], list[str]]:
    """The sentences that napari has shown."""
    from napari.utils.notifications import notification_manager

    return lambda: [record.message for record in notification_manager.records]


@pytest.fixture
def finish() -> Callable[[Any], Any]:
    """Run a form to its end: finish(form) -> the form."""

    def run(form: Any) -> Any:
        form.start()
        wait_for(lambda: not form.is_running)
        return form

    return run
