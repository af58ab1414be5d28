"""The lab `cnn`: model.py is plain Python, view.py shows it."""
