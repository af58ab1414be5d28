"""The lab `cost`: model.py is plain Python, view.py shows it."""
