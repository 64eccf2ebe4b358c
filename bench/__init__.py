"""Figures of speed and memory: `make bench`."""
