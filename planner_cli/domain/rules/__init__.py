"""The rules of the clinical year: one family per file, the named packs in `catalogue`."""
