"""The lab `search`: model.py is plain Python, view.py shows it."""
