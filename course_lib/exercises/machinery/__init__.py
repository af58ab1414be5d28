"""What exercises are made of: exercises and chapters, judges of answers, what a reader sees, what is remembered."""
