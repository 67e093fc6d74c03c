"""Publications that several measurements rest on."""

LANTUEJOUL = "C. Lantuéjoul, J. Microsc. 161, 387 (1991)"
OHSER = "J. Ohser and F. Mücklich, Statistical Analysis of Microstructures in Materials Science, Wiley, 2000"
UNDERWOOD = "E. E. Underwood, Quantitative Stereology, Addison-Wesley, 1970"
