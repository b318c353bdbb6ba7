"""Stores of a workspace."""
