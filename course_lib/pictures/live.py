"""Shows a panel while its kernel lives, and what is stored with the notebook once the kernel is gone.

JupyterLab shows a widget whose kernel has ended as "Error displaying widget: model not found", and looks at nothing else in
the output. So an output there becomes two: the panel alone, and after it text and picture. A style in the second hides one
of them: the second while the panel before it lives, and the panel when it does not. Where a page tells the kernel no cell
ids (nbclient, nbval, Voila), one output holds all, as notebooks store it.

Widgets live until they are closed, on the page or not. A cell that is run again therefore closes those that it showed before.
"""

import html
import re
import sys
from weakref import WeakSet

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
    if not cell_of_page():
        return bundle | view
    from IPython.display import display

    display(view, raw=True)
    note = html.escape(
        say(
            "This is from an earlier run. To use it, choose Run, then Run All Above Selected Cell, and run this cell again."
        )
    )
    note = re.sub("`(.+?)`", r"<code>\1</code>", note)  # a menu's English name, in Chinese
    return bundle | {"text/html": f'{STYLE}<p class="course-earlier">{note}</p>{bundle["text/html"]}'}


class Widgets:
    """A module of widgets, and all that has been made with it, to be closed together.

    widgets = Widgets(ipywidgets); box = widgets.VBox([widgets.HTML()]); widgets.close()

    Widgets(widgets) makes some of them that can be closed before the others.
    """

    def __init__(self, module):
        self._module, self._made = module, WeakSet()

    def __getattr__(self, name):
        kind = getattr(self._module, name)

        def make(*arguments, **options):
            widget = kind(*arguments, **options)
            self._made.add(widget)
            return widget

        return make

    def keep(self, widget):
        """A widget that was made elsewhere, to be closed with these."""
        self._made.add(widget)
        return widget

    def close(self):
        """Take them all off the page and out of the kernel, each with its layout and style."""
        for widget in [*self._made]:
            for part in (widget, getattr(widget, "layout", None), getattr(widget, "style", None)):
                if part is not None:
                    part.close()


_shown = {}  # cell: (which of its runs, the Widgets that this run has shown)


def until_run_again(widgets):
    """Close the `Widgets` that an earlier run of the present cell has shown; these stay until it is run again."""
    cell, run = _present_cell()
    if cell is None:
        return
    last, shown = _shown.get(cell, (run, []))
    if last != run:
        for earlier in shown:
            earlier.close()
        shown = []
    _shown[cell] = run, [*shown, widgets]


def _present_cell():
    """(the cell that runs, by its id or else by its source; which run of it this is), or (None, None): none does."""
    shell, request = running_shell(), _request()
    if not hasattr(shell, "execution_count") or request.get("msg_type", "execute_request") != "execute_request":
        return None, None
    cell = request.get("metadata", {}).get("cellId") or shell.user_ns.get("In", [""])[-1]
    return cell, request.get("msg_id") or shell.execution_count


def cell_of_page():
    """The id of the cell that runs, as JupyterLab and Notebook 7 send it; None where a page names no cells."""
    return _request().get("metadata", {}).get("cellId")


def _request():
    """The message that the kernel works on; an empty one outside of a kernel."""
    shell = running_shell()
    return (shell.kernel.get_parent() or {}) if hasattr(shell, "kernel") else {}


def running_shell():
    """The IPython of a notebook's kernel, or of a terminal; None outside of both."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
