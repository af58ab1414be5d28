"""The reader's answers file: its store (one file, many kernels) and its format."""
