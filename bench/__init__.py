"""Measurements of speed and accuracy; nothing of the product imports them."""
