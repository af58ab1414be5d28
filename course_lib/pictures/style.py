"""One visual language for every figure and lab: colours, sizes, and what they stand for.

The palette is that of Okabe and Ito (2008), which readers with any of the common colour deficiencies can tell apart.
Colour is never the only sign: classes also differ by marker, curves also by line style.
"""

import re
from pathlib import Path

BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
BLACK = "#1A1A1A"
GREY, LIGHT_GREY = "#6B6B6B", "#D9D9D9"
SILVER = "#B5B5B5"  # of lines that stand back, such as earlier runs, and are seen on dark paper too

CLASS_COLOURS, CLASS_MARKERS = (BLUE, ORANGE), ("o", "s")
LAYER_COLOURS, LAYER_STYLES = (PURPLE, GREEN, SKY, VERMILLION), ("-", "--", "-.", ":")
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)

# Light and dark end of the decision surface, from class 0 (blue) through white to class 1 (orange).
SURFACE = ((0.0, "#5AA4D0"), (0.5, "#FFFFFF"), (1.0, "#F0BE4C"))

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")  # characters, and marks as wide
# Chinese characters are taken from the second font, all others from the first (but see `figures.take_chinese`);
# fonts/README.md says how to add some.
CHINESE_FONT, CHINESE_FONT_FILE = "Noto Sans CJK SC", Path(__file__).parent / "fonts" / "NotoSansCJKsc-subset.otf"

RC = {
    "font.family": ("DejaVu Sans", CHINESE_FONT),
    "figure.facecolor": "white",
    "figure.dpi": 100,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "grid.color": "#E8E8E8",
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.markersize": 7,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
}
