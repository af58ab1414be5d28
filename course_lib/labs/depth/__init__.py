"""The lab `depth`: model.py is plain Python, view.py shows it."""
