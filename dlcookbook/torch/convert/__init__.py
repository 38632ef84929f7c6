"""Weights from one framework to the other."""
