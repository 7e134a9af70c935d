"""From columns to lines: types to terms, and positions to types."""
