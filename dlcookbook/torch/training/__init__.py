"""Training recipes for PyTorch."""
