"""The lab `through_time`: model.py is plain Python, view.py shows it."""
