"""Measures exported packs: what a designer would see, not what the training saw."""
