"""The steps of preparing a raw stack: the field, what is estimated, the volume that is written."""
