"""The lab `fit`: model.py is plain Python, view.py shows it."""
