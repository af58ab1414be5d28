"""A small notebook with every kind of output that the course stores, for the tests of the notebook tools."""

import execute_notebooks
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SHOW_LOSS = """\
import base64, io
from IPython.display import HTML, display
from PIL import Image, ImageDraw

figure = Image.new("RGB", (200, 100), "white")
ImageDraw.Draw(figure).line([(20, 20), (60, 70), (180, 85)], fill="black", width=3)
pixels = io.BytesIO()
figure.save(pixels, "PNG")
text = base64.b64encode(pixels.getvalue()).decode()
display(HTML(f'<figure><img alt="loss falls to 0.01" src="data:image/png;base64,{text}"></figure>'))"""

SHOW_LAB = """\
import ipywidgets


class Lab(ipywidgets.IntSlider):
    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": "Lab at rate 0.5", "text/html": "<p>Lab at rate 0.5</p>"}


Lab()"""

SHARES = """\
from course_lib.text import measured

print("right:", measured(0.9778, 0.97, form=".1%"), "and", measured([0.9, 0.98], 0.95, form=".0%"))"""


def small_notebook():
    """A notebook that has not been run."""
    return new_notebook(
        cells=[
            new_markdown_cell("# A small notebook", id="title"),
            new_code_cell("print('loss', 0.25)\nprint('done')", id="print-loss"),
            new_code_cell(SHOW_LOSS, id="show-loss"),
            new_code_cell(SHOW_LAB, id="show-lab"),
            new_code_cell("2 + 3", id="value"),
            new_code_cell("2 * 3", id="another-value"),
            new_code_cell(SHARES, id="shares"),
        ]
    )


def stored_notebook(folder):
    """The same with stored outputs, as the course's script leaves them."""
    notebook = execute_notebooks.execute(small_notebook(), folder)
    return execute_notebooks.normalise(notebook)


def write(notebook, path):
    nbformat.write(notebook, path)
    return path


def cell(notebook, cell_id):
    return next(cell for cell in notebook.cells if cell.id == cell_id)
