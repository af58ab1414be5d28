"""A short test in two equivalent forms, taken before chapter 1, after chapter 5 and after chapter 9."""
