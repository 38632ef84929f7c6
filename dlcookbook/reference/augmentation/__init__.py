"""Augmentation: new images, masks and boxes from those there are, label kept right."""
