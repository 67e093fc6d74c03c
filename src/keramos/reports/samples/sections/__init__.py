"""The sections of the page on several samples, one a file."""
