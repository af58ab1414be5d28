"""Make the font with the Chinese characters of figures and labs: a subset of Noto Sans CJK SC.

python .ci/chinese_font.py [NotoSansCJK-Regular.ttc]

The characters are the common ones, for what readers write into their own figures, and those of all texts of ours that can
reach a figure: the Chinese catalogue, the strings in the code of Chinese notebooks, and the numerals of chapter 6c.
"""

import sys
from pathlib import Path

import nbformat
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from translation import strings

from course_lib.pictures.style import CHINESE

ROOT = Path(__file__).resolve().parent.parent
LOCALE, NOTEBOOKS = ROOT / "course_lib" / "locale" / "zh", ROOT / "notebooks" / "zh"
NUMERALS = ROOT / "course_lib" / "datasets" / "number_words.py"
FONT = ROOT / "course_lib" / "pictures" / "fonts" / "NotoSansCJKsc-subset.otf"
SOURCE = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"  # of Debian's package fonts-noto-cjk
COMMON = bytes(byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
COMMON = COMMON.decode("gb2312", "ignore")  # the first level of GB 2312
SIMPLIFIED = 2  # the number of Noto Sans CJK SC in the collection


def characters():
    """What the font has to hold, as far as Noto Sans has it: ASCII, common characters, and those of texts for a figure.

    Greek letters and the like are among them: Matplotlib takes a whole text from one font where a formula stands in it.
    """
    texts = [path.read_text(encoding="utf-8") for path in LOCALE.glob("*.po")] + strings(
        NUMERALS.read_text(encoding="utf-8")
    )
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        texts += [text for cell in cells if cell.cell_type == "code" for text in strings(cell.source)]
    return {*map(chr, range(0x20, 0x7F)), *COMMON, *"".join(texts)} - {"\n"}


def subset(source, text):
    """The font file at `source` with the characters of `text` alone: the same bytes each time."""
    options = Options(
        layout_features=[],
        hinting=False,
        desubroutinize=True,
        notdef_outline=True,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
    )
    font = TTFont(source, fontNumber=SIMPLIFIED, recalcTimestamp=False, lazy=True)
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(text)))
    subsetter.subset(font)
    return font


def main(source=SOURCE):
    if not Path(source).exists():
        sys.exit(f"expected Noto Sans CJK at {source}: apt-get install fonts-noto-cjk, or name the file")
    text = characters()
    font = subset(source, text)
    held = set(map(chr, font.getBestCmap()))
    if missing := CHINESE.findall("".join(text - held)):
        sys.exit(f"Noto Sans CJK SC has no {' '.join(missing)}")
    font.save(FONT)
    print(f"{FONT.name}: {len(held)} characters, {FONT.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main(*sys.argv[1:])
