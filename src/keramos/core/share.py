"""Shares in per cent; what is not quite all, or not quite nothing, is not rounded to that."""

from __future__ import annotations


def share_text(share: float, decimals: int = 1, space: str = " ") -> str:
    """A share of one in per cent, with `space` before the sign and after `>` and `<`.

    Example:
        >>> share_text(0.7695), share_text(0.9997), share_text(0.9997, 2), share_text(0.0002), share_text(1)
        ('77.0 %', '> 99.9 %', '99.97 %', '< 0.1 %', '100.0 %')
    """
    return f"{bound_share(f'{100 * share:.{decimals}f}', 100 * share, space)}{space}%"


def bound_share(text: str, per_cent: float, space: str = " ") -> str:
    """The text of a rounded number in per cent, or the bound that it lies beyond where it was rounded to all or none.

    Example:
        >>> bound_share("100.0", 99.97), bound_share("100", 99.7), bound_share("0.0", 0.02), bound_share("99.9", 99.9)
        ('> 99.9', '> 99', '< 0.1', '99.9')
    """
    decimals = len(text.partition(".")[2])
    least = f"{10.0**-decimals:.{decimals}f}"
    if 0 < per_cent < 100 and text == f"{100:.{decimals}f}":
        return f">{space}{100 - 10.0**-decimals:.{decimals}f}"
    return f"<{space}{least}" if 0 < per_cent < 100 and text == f"{0:.{decimals}f}" else text
