"""The p-median: interchange, Lagrangian bounds and branch and bound."""
