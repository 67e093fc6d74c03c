"""Slices to leaf through in the page, with labels, errors and scores laid over them."""

from keramos.reports.browser.slice_browser import SliceBrowser, slice_browser

__all__ = ["SliceBrowser", "slice_browser"]
