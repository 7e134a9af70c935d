"""The use cases: answer a run, sweep."""
