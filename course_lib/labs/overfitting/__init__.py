"""The lab `overfitting`: model.py is plain Python, view.py shows it."""
