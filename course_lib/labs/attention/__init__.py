"""The lab `attention`: model.py is plain Python, view.py shows it."""
