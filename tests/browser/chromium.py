"""Find the browser for the tests that drive a real JupyterLab, and the Chinese font of what it prints."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
MISSING_CHROMIUM = (
    "Expected Chromium, which browser tests and PDFs need, and found none: apt-get install chromium "
    "(or set CHROMIUM to the path of a Chromium or Chrome)"
)


def find_chromium():
    """What CHROMIUM names, else the first known command on PATH, else Playwright's own browser, else None."""
    if named := os.environ.get("CHROMIUM"):
        if not shutil.which(named):
            raise FileNotFoundError(f"CHROMIUM: expected the path of a browser, got {named}")
        return shutil.which(named)
    for command in COMMANDS:
        if path := shutil.which(command):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def require_chromium():
    """The path of a browser; without one the test cannot be run."""
    path = find_chromium()
    if path is None:
        cannot_run(MISSING_CHROMIUM)
    return path


def require_chinese_font():
    """Without one, a browser shows a box for each Chinese character, and the test cannot be run."""
    fonts = shutil.which("fc-list")
    if not (fonts and subprocess.run([fonts, ":lang=zh"], capture_output=True, check=True).stdout):
        cannot_run("Expected a font with Chinese characters, and found none: apt-get install fonts-noto-cjk")


def cannot_run(reason):
    """The test is skipped with the reason; under CI=true it fails."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
