"""The lab `stepper`: model.py is plain Python, lab.py shows it."""
