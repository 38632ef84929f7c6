"""Schedules: how the learning rate moves, and which one to start from."""
