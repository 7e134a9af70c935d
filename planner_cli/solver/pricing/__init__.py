"""Pricing: the columns of best reduced cost, listed or by branch and bound."""
