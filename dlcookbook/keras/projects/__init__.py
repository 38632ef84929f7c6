"""Complete trainings in Keras, from the data to the saved model."""
