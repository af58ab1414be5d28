"""The lab `translation_training`: model.py is plain Python, view.py shows it."""
