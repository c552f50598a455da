"""Scenes to learn from: artwork on grounds, with the masks a designer would paint and captions in their words.

Everything is composed in batches of tensors, on the device that trains.
"""
