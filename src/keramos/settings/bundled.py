"""The model that comes with Keramos, by the name that commands and recipes give it."""

POROUS_SOLID = "porous-solid"
