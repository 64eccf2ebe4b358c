"""AWS nouns and the question as frozen values."""
