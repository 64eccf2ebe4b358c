"""A diagnosis as text or data."""
