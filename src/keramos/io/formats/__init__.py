"""Input formats, one file each: writing a file here registers its `Format`."""
