"""What an error text says, what it leaves open, and whether the configuration agrees with it."""
