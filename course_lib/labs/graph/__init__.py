"""The lab `graph`: model.py is plain Python, lab.py shows it."""
