"""Citation of the paper whose method Keramos builds on."""

DOI = "10.1038/s41524-024-01226-5"
PAPER = (
    "Hirabayashi, Y., Iga, H., Ogawa, H., Tokuta, S., Shimada, Y. & Yamamoto, A. Deep learning for three-dimensional "
    "segmentation of electron microscopy images of complex ceramic materials. npj Computational Materials (2024)"
)
