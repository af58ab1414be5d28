"""The configuration of Sphinx for one language: `sphinx-build -t zh` takes the Chinese edition, without it the English one."""

from docutils import nodes
from latex2mathml.converter import convert

from website import addresses
from website.search import ChineseSearch
from website.words import WORDS

LANGUAGE = "zh" if tags.has("zh") else "en"  # noqa: F821 (Sphinx puts the tags there)
OTHER = {"en": "zh", "zh": "en"}[LANGUAGE]
ANCHOR = "anchor "
SITE = addresses.site()

project = html_title = WORDS[LANGUAGE]["title"]
language = WORDS[LANGUAGE]["locale"]
author = ""
copyright = WORDS[LANGUAGE]["licence"]
extensions = ["myst_nb"]
templates_path = ["templates"]

nb_execution_mode = "off"
nb_code_prompt_show, nb_code_prompt_hide = WORDS[LANGUAGE]["show"], WORDS[LANGUAGE]["hide"]
myst_enable_extensions = ["dollarmath"]
myst_all_links_external = True  # `sources.py` has made all links, and a test follows them

html_theme = "sphinx_book_theme"
html_theme_options = {
    "article_header_end": ["language-switch.html", "article-header-buttons.html"],
    "repository_url": addresses.repository() or "",
    "use_repository_button": bool(addresses.repository()),
    "use_download_button": False,
    "use_fullscreen_button": False,
    "search_bar_text": WORDS[LANGUAGE]["search"],
    "navbar_persistent": [],
    "show_toc_level": 2,
}
html_context = {"default_mode": "auto"}
html_static_path = ["static"]
html_css_files = ["course.css"]
html_js_files = [("course.js", {"defer": "defer"}), ("recordings.js", {"type": "module"})]
html_math_renderer = "mathml"
html_favicon = "static/favicon.svg"
html_copy_source = False
html_use_index = False
html_domain_indices = False


def same_anchors(app, doctree):
    """Give sections and cells the names that `sources.py` has noted: the same in both languages."""
    anchor, comment, count = None, None, 0
    for node in list(doctree.findall()):
        if isinstance(node, nodes.comment) and node.astext().startswith(ANCHOR):
            anchor, comment, count = node.astext().removeprefix(ANCHOR), node, 0
        elif isinstance(node, nodes.section):
            if count or comment is None:
                count += 1
                node["ids"] = [f"{anchor}-{count}"]
            else:
                node["ids"], count = [anchor], 1
                comment.parent.remove(comment)
                comment = None
        elif isinstance(node, nodes.container) and "cell_metadata" in node:
            if name := node["cell_metadata"].get("anchor"):
                node["ids"] = [name]
        elif comment is not None and not isinstance(node, nodes.Text):
            comment.replace_self(nodes.raw("", f'<span id="{anchor}"></span>', format="html"))
            comment = None


def page_context(app, pagename, templatename, context, doctree):
    """What the templates need: the page in the other language, its address, and what other sites show of it."""
    other, page = WORDS[OTHER], f"{pagename}.html"
    picture = addresses.ROOT / "notebooks" / "en" / "pictures" / f"{pagename}.webp"
    context["course"] = {
        "language": LANGUAGE,
        "other": {"language": OTHER, "name": other["name"], "hint": other["switch"], "page": f"../{OTHER}/{page}"},
        "root": SITE or "../",
        "page": page,
        "card": f"cards/{LANGUAGE}/{pagename if picture.exists() else 'index'}.png",
        "description": (context.get("meta") or {}).get("description") or WORDS[LANGUAGE]["description"],
    }


def formula(writer, node):
    """A formula as MathML, which browsers draw and screen readers read by themselves."""
    inline = isinstance(node, nodes.math)
    mathml = convert(node.astext(), display="inline" if inline else "block")
    writer.body.append(mathml if inline else f'<div class="math">{mathml}</div>')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    app.add_search_language(ChineseSearch)
    app.connect("doctree-read", same_anchors, priority=100)
    app.connect("html-page-context", page_context)
