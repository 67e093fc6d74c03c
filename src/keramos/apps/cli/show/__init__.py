"""Printers of results, one file a command; all numbers are returned for `--json`."""
