"""Random requests through our policy evaluator and through an independent one, in a process of its own."""
