"""The lab `rate_theory`: model.py is plain Python, view.py shows it."""
