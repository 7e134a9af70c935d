"""Columns: what one line may hold, listed."""
