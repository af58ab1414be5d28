"""The lab `autograd`: model.py is plain Python, view.py shows it."""
