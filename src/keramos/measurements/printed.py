"""Other programs that print a quantity: under which name, and whether they were compared with ours or only read of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Printed:
    """A program that prints a number so.

    Attributes:
        program: its name, with the version that was looked at.
        call: the function or module, and what else has to be known of it.
        source: where that is said, an address or the title of a page.
        benchmark: the file in `benchmarks/` that ran the program beside us; "" where its manual or source says so.
        times: what the program prints is our value times this.
    """

    program: str
    call: str
    source: str
    benchmark: str = ""
    times: float = 1.0

    @property
    def is_own(self) -> bool:
        """Whether Keramos itself prints it."""
        return self.program == KERAMOS.name

    @property
    def evidence(self) -> str:
        """In Markdown: the benchmark that ran it, or where it is said."""
        if self.benchmark:
            return f"run: `benchmarks/{self.benchmark}.py`"
        source = f"[manual]({self.source})" if self.source.startswith("http") else self.source
        return f"not run; {source}"


@dataclass(frozen=True, slots=True)
class Program:
    """A program whose numbers are stood beside ours.

    Attributes:
        name: with the version that was looked at.
        source: its documentation; pages of it are named relative to this.
    """

    name: str
    source: str

    def prints(
        self, call: str, *, page: str = "", elsewhere: str = "", benchmark: str = "", times: float = 1.0
    ) -> Printed:
        """A number that it prints, and the page of its documentation, or one `elsewhere`, that says so."""
        return Printed(self.name, call, elsewhere or self.source + page, benchmark, times)


KERAMOS = Program("Keramos", "docs/quantify.md")
PORESPY = Program("PoreSpy 3.2", "https://porespy.org")
TAUFACTOR = Program("TauFactor 1.2.1", "https://taufactor.readthedocs.io")
MATBOX = Program("MATBOX", "https://github.com/NREL/MATBOX_Microstructure_analysis_toolbox")
GEODICT = Program("GeoDict 2025", "https://geodict-userguide.math2market.de/2025/")
AVIZO = Program("Avizo, Amira, ImageDev", "https://developer.imageviz.com/refmans/2022-1/ImageDev/html/")
BONEJ = Program("BoneJ", "https://imagej.net/plugins/bonej")
DRAGONFLY = Program("Dragonfly", "its help, 'Basic Measurements' of multi-ROIs")
SCIKIT_IMAGE = Program("scikit-image 0.26", "https://scikit-image.org")
SCIPY = Program("SciPy 1.17", "https://docs.scipy.org")
PROGRAMS = (PORESPY, TAUFACTOR, MATBOX, GEODICT, AVIZO, BONEJ, DRAGONFLY, SCIKIT_IMAGE, SCIPY)
"""All of them, in the order of tables."""
