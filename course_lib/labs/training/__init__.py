"""The lab `training`: model.py is plain Python, view.py shows it."""
