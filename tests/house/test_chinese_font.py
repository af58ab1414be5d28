"""The Chinese characters of figures and labs: drawn, not replaced by boxes, and the font is the one that .ci makes."""

import subprocess
import sys
import warnings
from pathlib import Path

import chinese_font
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.datasets.number_words import CHINESE
from course_lib.labs.base.artists import _MARGIN, Canvas, Label, _text_pixels
from course_lib.pictures import style
from course_lib.pictures.figures import RC, figure, png

ROOT, FOLDER = Path(__file__).parents[2], Path(style.CHINESE_FONT_FILE).parent


def test_a_figure_draws_them_wherever_they_stand():
    """In what `figure` makes and in what the reader adds; Matplotlib warns when a glyph is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fig, ax = figure(title="三十四万 by epoch", xlabel="百")
        ax.text(0.5, 0.5, "".join(CHINESE[3:]))
        ax.set_yticks(range(2), ["零", "end"])
        ax.plot([0, 1], label="千")
        ax.legend()
        png(fig)


def test_other_text_looks_as_it_did():
    """The second font is a fallback: without Chinese characters no pixel changes."""

    def pixels(family):
        with mpl.rc_context(RC | {"font.family": family}):
            fig = Figure()
            canvas, ax = FigureCanvasAgg(fig), fig.subplots()
            ax.set(title="Loss $L$", xlabel="epoch", yscale="log")
            ax.plot([1, 2, 3])
            canvas.draw()
            return np.asarray(canvas.buffer_rgba()).copy()

    assert np.array_equal(pixels(RC["font.family"]), pixels(["DejaVu Sans"]))


def test_a_formula_may_stand_beside_them(caplog):
    """Matplotlib takes such a text from one font, and only logs that a character is missing."""
    fig, ax = figure(title="三 $L$ × η", xlabel="百 $x^2$", width=6.5)
    ax.plot([0, 1], label="千 $w$")
    ax.legend()
    png(fig)
    canvas = Canvas(200, 100)
    canvas.axes(50, 30, 100, 50, title="三 $L$", xlabel="百")
    canvas.frame()
    assert caplog.records == []


def test_a_label_takes_each_character_from_the_font_that_has_it():
    mixed = _text_pixels("η 三", None, 24, "#000000", None)
    greek, space, chinese = (
        _text_pixels(text, family, 24, "#000000", None)
        for text, family in (("η", None), (" ", None), ("三", style.CHINESE_FONT))
    )
    assert mixed.shape[1] == pytest.approx(greek.shape[1] + space.shape[1] + chinese.shape[1] - 4 * _MARGIN, abs=2)
    assert np.array_equal(mixed[:, : greek.shape[1] - _MARGIN], greek[:, : greek.shape[1] - _MARGIN])


def test_a_label_of_a_lab_draws_each_of_them_differently():
    pixels = [_text_pixels(symbol, style.CHINESE_FONT, 24, "#000000", None).tobytes() for symbol in CHINESE[3:]]
    assert len(set(pixels)) == len(pixels)
    canvas = Canvas(100, 50)
    blank = canvas.frame()
    canvas.moving(Label(canvas.figure, (50, 25), "万", family=style.CHINESE_FONT))
    assert canvas.frame() != blank


def test_the_font_holds_what_figures_can_show_and_nothing_else():
    """Run `make font` and commit it when this fails."""
    held, wanted = set(map(chr, TTFont(style.CHINESE_FONT_FILE).getBestCmap())), chinese_font.characters()
    assert sorted(filter(style.CHINESE.match, wanted - held)) == []
    assert sorted(held - wanted) == []
    assert set("".join(CHINESE[3:])) <= wanted
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / "OFL.txt").read_text(encoding="utf-8")


def test_the_characters_are_the_common_ones_and_those_of_catalogue_and_notebooks(tmp_path, monkeypatch):
    (tmp_path / "part.po").write_text('msgid "loss"\nmsgstr "损失，{value}"', encoding="utf-8")
    cells = [new_markdown_cell("正文"), new_code_cell("x = 1  # 注释\nprint(f'第 {x} 轮', \"梯\")")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "chapter.ipynb")
    monkeypatch.setattr(chinese_font, "LOCALE", tmp_path)
    monkeypatch.setattr(chinese_font, "NOTEBOOKS", tmp_path)
    found = {character for character in chinese_font.characters() if ord(character) > 0x7F}
    assert found == {*chinese_font.COMMON, *"".join(CHINESE[3:]), *"损失，第轮梯"}
    assert set("北京的温度和猫狗") <= found  # what somebody writes above a figure of one's own


@pytest.mark.slow
@pytest.mark.skipif(not Path(chinese_font.SOURCE).exists(), reason="Debian's fonts-noto-cjk is not installed")
def test_the_font_is_the_one_that_the_script_makes(tmp_path, monkeypatch):
    monkeypatch.setattr(chinese_font, "FONT", tmp_path / "font.otf")
    chinese_font.main()
    # Compared outside the assertion: pytest would search for what differs, for minutes.
    same = (tmp_path / "font.otf").read_bytes() == Path(style.CHINESE_FONT_FILE).read_bytes()
    assert same, "expected the stored font to be what `make font` makes"


def test_bold_text_is_drawn_without_a_warning():
    """In a process of its own: Matplotlib warns once for each font and weight."""
    draw = "from course_lib.pictures.figures import figure, png; fig, _ = figure(title='Loss'); png(fig)"
    result = subprocess.run([sys.executable, "-c", draw], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stderr == ""
