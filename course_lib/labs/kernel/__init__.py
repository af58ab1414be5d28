"""The lab `kernel`: model.py is plain Python, view.py shows it."""
