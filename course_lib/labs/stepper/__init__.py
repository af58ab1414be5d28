"""The lab `stepper`: model.py is plain Python, view.py shows it."""
