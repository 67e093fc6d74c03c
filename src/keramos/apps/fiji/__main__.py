"""Print the path of the macro, for `Plugins > Install...` of Fiji and ImageJ."""

from __future__ import annotations

from keramos.apps.fiji import MACRO

if __name__ == "__main__":
    print(MACRO)
