"""Activations: value and slope exact from -1e4 to 1e4, in half precision too."""
