"""What the tests of exercises share."""

import pytest

from course_lib.answers import store as answers


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The answers file of every chapter in the test; it does not exist yet, and no kernel knows of another one."""
    monkeypatch.setenv(answers.VARIABLE, str(tmp_path / "answers.json"))
    monkeypatch.setattr(answers, "_stores", {})
    return tmp_path / "answers.json"
