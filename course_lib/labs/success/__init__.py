"""The lab `success`: model.py is plain Python, view.py shows it."""
