"""Training recipes for Keras."""
