"""Publications that several measurements rest on."""

LANTUEJOUL = "C. Lantuéjoul, J. Microsc. 161, 387 (1991)"
OHSER = "J. Ohser and F. Mücklich, Statistical Analysis of Microstructures in Materials Science, Wiley, 2000"
UNDERWOOD = "E. E. Underwood, Quantitative Stereology, Addison-Wesley, 1970"
MUENCH = "B. Münch and L. Holzer, J. Am. Ceram. Soc. 91, 4059 (2008)"
HOLZER = "L. Holzer et al., J. Mater. Sci. 48, 2934 (2013)"
HOLZER_BOOK = "L. Holzer et al., Tortuosity and Microstructure Effects in Porous Media, Springer, 2023"
NEUMANN = "M. Neumann et al., Scand. J. Stat. 46, 848 (2019)"
