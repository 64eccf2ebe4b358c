"""Answers to questions about all requests at once, as text and as JSON values."""
