"""The scripts that made the shipped data. They need the network or speech synthesisers, and run once."""
