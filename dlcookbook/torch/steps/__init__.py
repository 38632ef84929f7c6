"""Training step: parameter groups, clipping, accumulation, averages of weights."""
