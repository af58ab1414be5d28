"""The lab `descent`: model.py is plain Python, view.py shows it."""
