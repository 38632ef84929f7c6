"""Regularization: against learning by heart, and classes that are rare."""
