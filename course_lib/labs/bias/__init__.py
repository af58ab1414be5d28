"""The lab `bias`: model.py is plain Python, view.py shows it."""
