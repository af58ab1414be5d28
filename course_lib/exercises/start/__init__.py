"""The start page: which chapters there are, how far the reader has come, saving and restoring."""

from .page import Start

__all__ = ["Start"]
