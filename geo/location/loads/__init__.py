"""Capacities and least loads: demand assigned, facilities opened at a cost."""
