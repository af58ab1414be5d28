"""The browser test finds its browser, and says what to do where there is none."""

import pytest
from chromium import COMMANDS, MISSING_CHROMIUM, find_chromium, require_chromium


def fake_browser(folder, name):
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def no_browser(monkeypatch, tmp_path):
    """An environment in which neither a command nor Playwright's own download is a browser."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "none"))
    return tmp_path


def test_the_variable_wins(no_browser, monkeypatch):
    fake_browser(no_browser, "chromium")
    mine = fake_browser(no_browser, "my-browser")
    monkeypatch.setenv("CHROMIUM", mine)
    assert find_chromium() == mine


def test_a_wrong_variable_is_an_error(no_browser, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(no_browser / "missing"))
    with pytest.raises(FileNotFoundError, match=r"CHROMIUM: expected the path of a browser, got .*missing"):
        find_chromium()


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_found(no_browser, command):
    path = fake_browser(no_browser, command)
    assert find_chromium() == path


def test_no_browser(no_browser):
    assert find_chromium() is None


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_browser_fails_ci_and_is_skipped_with_the_reason_elsewhere(no_browser, monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome) as raised:
        require_chromium()
    assert raised.value.msg == MISSING_CHROMIUM
