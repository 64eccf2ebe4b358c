"""The demonstration: a broken VPC on a simulated AWS, recorded, diagnosed, repaired."""
