"""The lab `voices`: model.py is plain Python, view.py shows it."""
