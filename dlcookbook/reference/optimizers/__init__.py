"""Optimizers: the rule of each paper, and where two frameworks differ."""
