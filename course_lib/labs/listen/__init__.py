"""The lab `listen`: model.py is plain Python, view.py shows it."""
