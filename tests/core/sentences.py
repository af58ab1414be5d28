"""The library speaks to readers in whole sentences; this compares them."""

import pytest


def says(error, sentence, call):
    """Fail unless the call raises exactly this error with exactly this sentence; return the error."""
    with pytest.raises(error) as caught:
        call()
    assert caught.type is error, f"expected {error.__name__}, got {caught.type.__name__}: {caught.value}"
    assert str(caught.value) == sentence
    return caught.value
