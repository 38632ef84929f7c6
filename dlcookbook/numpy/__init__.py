"""Recipes in NumPy alone, as fast as it goes: what needs no tensor."""
