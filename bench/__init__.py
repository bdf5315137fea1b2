"""Measurements of the reading: how fast it is, how often it is right, how far thresholds lie from what is measured."""
