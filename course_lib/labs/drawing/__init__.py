"""The lab `drawing`: model.py is plain Python, view.py shows it."""
