"""The lab `training`: model.py is plain Python, lab.py shows it."""
