"""The lab `speed`: model.py is plain Python, view.py shows it."""
