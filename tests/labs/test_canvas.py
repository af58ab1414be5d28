"""The folder canvas/ stands alone: copied elsewhere, it draws what its page promises, and brings in nothing of the course."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import course_lib

CANVAS = Path(course_lib.__file__).parent / "canvas"
SEEN = """
show(1.0)
page = canvas._page
page._handle_custom_msg({"ready": True}, [])
slider.value = 2.0
print(page.draws, page._frame, canvas.frame()[:4], [name for name in sys.modules if name.startswith("course_lib")])
"""


def test_a_copy_of_the_folder_draws_without_the_course(tmp_path):
    shutil.copytree(CANVAS, tmp_path / "canvas", ignore=shutil.ignore_patterns("__pycache__"))
    example = re.search(r"```python\n(.*?)```", (CANVAS / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "example.py").write_text(f"import sys\n{example}{SEEN}", encoding="utf-8")
    command = [sys.executable, "example.py"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert shown == "True 2 b'\\x89PNG' []\n"
