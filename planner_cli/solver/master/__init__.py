"""The master problem: how often to use each column, in fractions and in whole numbers."""
