"""Figures: how they look (`style`), how they reach the page with their alternative text (`figures`), what several are made of
(`parts`), and those of each chapter in a module with its notebook's name.

Matplotlib is imported when a figure is asked for: the colours alone need none of it.
"""
