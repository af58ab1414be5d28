"""What all tests share."""

import os
from pathlib import Path

import numpy as np
import pytest

# Kernels and programs that a test starts find course_lib, whether or not it is installed.
os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)


@pytest.fixture
def rng():
    """The same random numbers in every run, anew for each test."""
    return np.random.default_rng(0)
