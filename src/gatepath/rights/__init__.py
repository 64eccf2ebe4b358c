"""Whether the service allows a request that gets through: who signs, what is needed, what the service sees."""
