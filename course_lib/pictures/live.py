"""Shows a panel while its kernel lives, and what is stored with the notebook once the kernel is gone.

JupyterLab shows a widget whose kernel has ended as "Error displaying widget: model not found", and looks at nothing else in
the output. So an output there becomes two: the panel alone, and after it text and picture. A style in the second hides one
of them: the second while the panel before it lives, and the panel when it does not. Where a page tells the kernel no cell
ids (nbclient, nbval, Voila), one output holds all, as notebooks store it.
"""

import html
import sys

from ..text import say

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_LIVE = ":has(.jp-OutputArea-output > .jupyter-widgets:not(.jupyter-widgets-disconnected))"
_CHILD = ".jp-OutputArea-child"
STYLE = f"""<style>
.course-earlier, .course-earlier ~ * {{ display: none; }}
@supports selector(:has(*)) {{
{_CHILD} .course-earlier, {_CHILD} .course-earlier ~ * {{ display: revert; }}
{_CHILD}{_LIVE} + {_CHILD}:has(.course-earlier), {_CHILD}:not({_LIVE}):has(+ {_CHILD} .course-earlier) {{ display: none; }}
}}
</style>"""


def with_panel(bundle, widget):
    """The bundle of an output that shows a widget while its kernel lives.

    bundle   {"text/plain": ..., "text/html": ...}: what is shown elsewhere and afterwards
    """
    view = {WIDGET_VIEW: widget._repr_mimebundle_()[WIDGET_VIEW]}
    if not _page_names_cells():
        return bundle | view
    from IPython.display import display

    display(view, raw=True)
    note = html.escape(say("This is from an earlier run. Run this cell again to use it."))
    return bundle | {"text/html": f'{STYLE}<p class="course-earlier">{note}</p>{bundle["text/html"]}'}


def _page_names_cells():
    """Whether the cell that runs came with its id, as JupyterLab and Notebook 7 send it."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if not hasattr(shell, "kernel"):
        return False
    return bool((shell.kernel.get_parent() or {}).get("metadata", {}).get("cellId"))
