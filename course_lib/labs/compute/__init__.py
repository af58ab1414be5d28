"""The lab `compute`: model.py is plain Python, view.py shows it."""
