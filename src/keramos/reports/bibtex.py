"""References as BibTeX entries, from citations in the styles that Keramos uses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from keramos.core.citation import DOI, PAPER
from keramos.version import __version__

_ARTICLE = re.compile(
    r"^(?P<authors>.+?), (?P<journal>[^,]+?)(?: (?P<volume>\d+))?, (?P<pages>\w+) \((?P<year>\d{4})\)$"
)
_BOOK = re.compile(r"^(?P<authors>.+?), (?P<title>[A-Z].+), (?P<publisher>[^,]+), (?P<year>\d{4})$")

_KERAMOS = f"""@software{{keramos,
  author = {{{{The Keramos developers}}}},
  title = {{Keramos}},
  version = {{{__version__}}},
}}"""
_PAPER = f"""@article{{hirabayashi2024,
  author = {{Hirabayashi, Yu and Iga, Haruka and Ogawa, Hiroki and Tokuta, Shinnosuke and Shimada, Yusuke and
    Yamamoto, Akiyasu}},
  title = {{{{Deep learning for three-dimensional segmentation of electron microscopy images of complex ceramic
    materials}}}},
  journal = {{npj Computational Materials}},
  year = {{2024}},
  doi = {{{DOI}}},
}}"""
_SOFTWARE = {
    "numpy": """@article{harris2020,
  author = {Harris, Charles R. and others},
  title = {Array programming with {NumPy}},
  journal = {Nature},
  volume = {585},
  pages = {357--362},
  year = {2020},
  doi = {10.1038/s41586-020-2649-2},
}""",
    "scikit-image": """@article{vanderwalt2014,
  author = {van der Walt, St{\\'e}fan and others},
  title = {scikit-image: image processing in {Python}},
  journal = {PeerJ},
  volume = {2},
  pages = {e453},
  year = {2014},
  doi = {10.7717/peerj.453},
}""",
    "torch": """@inproceedings{paszke2019,
  author = {Paszke, Adam and others},
  title = {{PyTorch}: An imperative style, high-performance deep learning library},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {32},
  year = {2019},
}""",
}
"""What to cite of the software whose versions a segmentation records."""


def write_bibtex(citations: Iterable[str], software: Iterable[str] = ()) -> str:
    """An entry for Keramos, one for each citation, and those of the software that a paper stands for.

    Example:
        >>> print(write_bibtex(["L. Holzer et al., J. Mater. Sci. 48, 2934 (2013)"]).split("\\n\\n")[1])
        @article{holzer2013,
          author = {L. Holzer and others},
          journal = {J. Mater. Sci.},
          volume = {48},
          pages = {2934},
          year = {2013},
        }
        <BLANKLINE>
    """
    keys = {"keramos", "hirabayashi2024", "harris2020", "vanderwalt2014", "paszke2019"}
    cited = [_PAPER if citation.startswith(PAPER) else _entry(citation, keys) for citation in dict.fromkeys(citations)]
    return "\n\n".join([_KERAMOS, *cited, *(_SOFTWARE[name] for name in software if name in _SOFTWARE)]) + "\n"


def _entry(citation: str, keys: set[str]) -> str:
    """The entry of an article or a book; a citation of another style is all in its note. Its key is added to `keys`."""
    kind, fields = "misc", {"note": citation}
    for name, style in (("article", _ARTICLE), ("book", _BOOK)):
        match = style.match(citation)
        if match:
            kind, fields = name, {field: text for field, text in match.groupdict().items() if text}
            fields = {"author": _join_authors(fields.pop("authors")), **fields}
            break
    key = _name_key(fields.get("author", citation.split(",")[0]), fields.get("year", ""), keys)
    keys.add(key)
    return "\n".join([f"@{kind}{{{key},", *(f"  {name} = {{{text}}}," for name, text in fields.items()), "}"])


def _join_authors(authors: str) -> str:
    """Authors as BibTeX joins them."""
    return authors.replace(" et al.", " and others").replace(", and ", " and ").replace(", ", " and ")


def _name_key(authors: str, year: str, taken: set[str]) -> str:
    """The first author's last name in plain letters and the year, with a further letter where it is taken."""
    last = (authors.split(" and ")[0].split()[-1:] or ["source"])[0]
    first = re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", last).lower())
    letters = ("", *map(chr, range(ord("a"), ord("z") + 1)))
    return next(f"{first}{year}{letter}" for letter in letters if f"{first}{year}{letter}" not in taken)
