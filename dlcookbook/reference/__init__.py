"""Definitions in NumPy and float64: slow, plain, and what every recipe must equal."""
