"""The lab `graph`: model.py is plain Python, view.py shows it."""
