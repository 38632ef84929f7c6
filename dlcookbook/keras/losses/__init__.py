"""Losses: one value per element, example or image; reduce them yourself."""
