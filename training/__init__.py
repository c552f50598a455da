"""Trains, evaluates and exports Overpaint's starter packs. README.md beside this file walks through it."""
