"""Texts in English and Japanese by code."""
