"""Complete trainings in PyTorch, from the data to the saved model."""
