"""The lab `language`: model.py is plain Python, lab.py shows it."""
