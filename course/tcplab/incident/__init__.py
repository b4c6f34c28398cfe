"""Outages made from a seed: something breaks them, users report them, and what was mended is put under load."""
