"""Openly licensed artwork, fetched by package name and rendered into one compact file."""
