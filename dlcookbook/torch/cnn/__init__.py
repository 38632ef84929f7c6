"""Convolutional networks: what they compute, what they cost, how far they see."""
