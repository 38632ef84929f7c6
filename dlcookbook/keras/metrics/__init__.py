"""Metrics: exact, streaming, mergeable; nothing is guessed from the values."""
