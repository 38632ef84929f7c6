"""Loaders of real data that return NumPy arrays; no framework is imported."""
