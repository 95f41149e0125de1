"""Attributes: how they are declared, and each one's way to and from its stored form."""
