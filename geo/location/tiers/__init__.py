"""Hierarchical location: tiers placed together or one after the other, with flows."""
