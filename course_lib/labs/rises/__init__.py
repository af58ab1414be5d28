"""The lab `rises`: model.py is plain Python, view.py shows it."""
