"""The lab `translation`: model.py is plain Python, view.py shows it."""
