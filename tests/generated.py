"""Tables that a command writes into a page of the course, between the marks `<!-- NAME -->` and `<!-- end -->`."""

import re


def table_in(page, name):
    """The table marked `name`, as text. Raises ValueError when there is not exactly one."""
    found = _mark(name).findall(page)
    if len(found) != 1:
        raise ValueError(f"expected one table marked {name}, got {len(found)}")
    return found[0][1]


def with_table(page, name, table):
    """The page with another table between its two marks. Raises ValueError as `table_in` does."""
    table_in(page, name)
    return _mark(name).sub(lambda marks: f"{marks[1]}{table}{marks[3]}", page)


def _mark(name):
    return re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- end -->)", re.DOTALL)
