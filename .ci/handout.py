"""Make notebooks to hand out: the chapters without outputs, answers and solutions, in build/handout.

python .ci/handout.py [--exam] notebooks/en/05_practice.ipynb      writes build/handout/en/05_practice.ipynb

What is folded on a chapter's page as `<details>` is gone: answers, explanations of results, proofs. A cell that writes out what
an exercise asks for, because the chapter goes on with it, runs from a file of its own in the folder `given`. What comes out
takes the place of the chapter in the class's copy of the course, so its links lead where they led, and it runs to its end.

--exam   the notebook also turns the exam mode of the library on, before it imports anything, and mentions no hints
"""

import argparse
import re
from copy import deepcopy
from pathlib import Path

from built import store
from execute_notebooks import read, to_bytes

# Cells whose code is folded, by notebook: those that write out what an exercise asks for, and all others.
SOLVING = {
    "03_algorithms": {"ten-lines"},
    "04b_theory": {"without-curvature"},
    "05_practice": {"repaired"},
    "06a_images": {"library-gradients", "shift-test"},
    "06b_speech": {"clip-direction"},
    "06c_translation": {"attention-check"},
    "10_language_model": {"mask-test"},
}
HARMLESS = {
    "00_start_here": {"first-look"},
    "02_core_concepts": {"balls"},
    "03_algorithms": {"long-run"},
    "04_mathematics": {"recursion-check", "warm-up"},
}
GIVEN = {
    "en": "# The code is in a file of its own, because it contains what an exercise asks for.",
    "zh": "# 这段代码里有练习要你写的内容，所以放在另一个文件里。",
}
EXAM = "%env COURSE_EXAM=1\n\n"  # before the first import
IMPORTED = re.compile(r"^(from course_lib\.exercises\.\w+ import .*), solution\b", re.MULTILINE)
DETAILS = re.compile(r"<details>.*?</details>\s*", re.DOTALL)
# What the text of a page says, and what a hand-out says there: in each, then in one for an exam as well.
CHANGES = [
    (r"(`hint\(\"[\w-]+\"\)`)(?:, |、)`solution\(\"[\w-]+\"\)`", r"\1"),
    (r"there are (`hint\(\"[\w-]+\"\)`) and `solution\(\"[\w-]+\"\)`", r"there is \1"),
    (r"(`hint\(\"[\w-]+\"\)`) 和 `solution\(\"[\w-]+\"\)`", r"\1"),
    (r", and there is a solution that explains what usually goes wrong|；解答里除了做法，还会说明常见的错误", ""),
    (r" Below the cell you find a line \*What this says\*.*?explanation\.", ""),
    (r"；单元格下面还有一行“这说明了什么”，点开就是解释", ""),
    (
        r" Since it is a part of the solution, its code is folded, [^.]*\.|它属于解答，所以代码是折叠的，[^。]*。",
        "",
    ),
    (r"The next cell shows (one way to write [^.]*), with the labels beside them\.", r"The next cell runs \1."),
    (r"下一个单元格给出(前向传播和梯度的一种写法)，旁边注明了标签。", r"下一个单元格运行\1。"),
    (r" A proof stands folded below its statement[^.]*\.|证明都折叠在结论下面[^。]*。", ""),
    (r" and have seen the hints and the solution|，提示和解答也都看过了", ""),
]
IN_AN_EXAM = [
    (r" ?[(（]`hint\(\"[\w-]+\"\)`[)）]", ""),
    (r"(?m)^(?:If you are stuck, there is|如果卡住了，可以用) `hint\(.*$", ""),
    (
        r", and when it recognises your slip, it tells you where to look|；如果看得出你错在哪里，还会告诉你该从哪里查起",
        "",
    ),
    (r" If you are stuck, there are hints\.|卡住了，可以看提示。", ""),
    (r"(?m)^\*\*(?:If you are stuck|如果卡住了)\*\*.*`take\(.*$", ""),
]
# A remark in brackets about a cell that is folded.
FOLDED = re.compile(r"\s*[(（][^()（）]*(?:is folded|是折叠的|折叠起来了)[^()（）]*[)）]")


def hand_out(notebook, name, language, exam=False):
    """(the notebook to hand out, {path of a file beside it: its Python source}). name: 05_practice."""
    notebook, given, cells = deepcopy(notebook), {}, []
    for cell in notebook.cells:
        folded = cell.metadata.get("jupyter", {}).get("source_hidden")
        cell.metadata = {"jupyter": {"source_hidden": True}} if folded else {}
        if cell.cell_type == "markdown":
            cell.source = _text(cell.source, exam)
        else:
            cell.outputs, cell.execution_count = [], None
            cell.source = IMPORTED.sub(r"\1", cell.source)
        if cell.id in SOLVING.get(name, ()):
            file = f"given/{name}-{cell.id}.py"
            given[file], cell.source = cell.source + "\n", f"{GIVEN[language]}\n%run -i {file}"
            cell.metadata, cells[-1].source = {}, FOLDED.sub("", cells[-1].source)
        if cell.source.strip():
            cells.append(cell)
    if exam:
        first = next(cell for cell in cells if cell.cell_type == "code")
        first.source = EXAM + first.source
    notebook.cells = cells
    return notebook, given


def _text(text, exam):
    text = DETAILS.sub("", text)
    for pattern, new in CHANGES + (IN_AN_EXAM if exam else []):
        text = re.sub(pattern, new, text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Make notebooks to hand out.")
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--exam", action="store_true", help="turn hints and solutions off")
    chosen = parser.parse_args(arguments)
    for path in chosen.notebooks:
        language = path.resolve().parent.name
        notebook, given = hand_out(read(path), path.stem, language, chosen.exam)
        for name, content in {f"{path.stem}.ipynb": to_bytes(notebook), **given}.items():
            store(f"handout/{language}/{name}", content)


if __name__ == "__main__":
    main()
