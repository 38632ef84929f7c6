"""dlcookbook: deep-learning recipes in which every line runs."""

__version__ = "0.1.0"
