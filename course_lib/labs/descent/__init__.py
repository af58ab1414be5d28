"""The lab `descent`: model.py is plain Python, lab.py shows it."""
