"""What single chapters need besides their sentences: judges of their own, and wrong functions that readers write."""
