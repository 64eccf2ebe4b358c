"""Recordings of AWS read calls: reading, writing, redacting, and what they mean."""
