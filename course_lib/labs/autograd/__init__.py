"""The lab `autograd`: model.py is plain Python, lab.py shows it."""
