"""Choosing between plans: k best, fronts, prices, regret and selection odds."""
