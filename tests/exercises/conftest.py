"""What the tests of exercises share."""

import pytest
from sample_chapter import make_chapter

from course_lib.answers import store as answers


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    """Each test is a kernel of its own, with or without a file."""
    monkeypatch.setattr(answers, "_memory", answers.Memory())


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The answers file of every chapter in the test; it does not exist yet, nor a home, and no kernel knows of another one."""
    monkeypatch.setenv(answers.VARIABLE, str(tmp_path / "answers.json"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(answers, "_stores", {})
    return tmp_path / "answers.json"


@pytest.fixture
def new_kernel(path, monkeypatch):
    """A function that gives the sample chapter as a new kernel imports it."""

    def start():
        monkeypatch.setattr(answers, "_stores", {})
        return make_chapter()

    return start
