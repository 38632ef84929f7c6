"""Initialisers and layers: what a framework lacks, or does in its own way."""
