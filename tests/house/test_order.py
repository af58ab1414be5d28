"""A test that never ends costs the others nothing."""

import subprocess
import sys
from pathlib import Path


def test_a_test_that_takes_for_ever_fails_under_its_name_and_the_others_go_on(tmp_path):
    (tmp_path / "conftest.py").write_text(
        "from order import ByChapter\ndef pytest_xdist_make_scheduler(config, log): return ByChapter(config, log)\n",
        encoding="utf-8",
    )
    (tmp_path / "test_some.py").write_text(
        "def test_first(): pass\ndef test_endless():\n    while True: pass\ndef test_last(): pass\n", encoding="utf-8"
    )
    (tmp_path / "test_more.py").write_text("def test_more(): pass\n", encoding="utf-8")
    unused = [
        option for name in ("cacheprovider", "nbval", "hypothesispytest", "cov") for option in ("-p", f"no:{name}")
    ]
    options = [*unused, "-n2", "--dist=loadscope", "-o", f"pythonpath={Path(__file__).parents[1]}"]
    limits = ["-o", "faulthandler_timeout=2", "-o", "faulthandler_exit_on_timeout=true"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *limits], cwd=tmp_path, capture_output=True, text=True, timeout=200
    )
    assert "FAILED test_some.py::test_endless" in run.stdout and "1 failed, 3 passed" in run.stdout
