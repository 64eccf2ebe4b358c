"""AWS policy evaluation: parse, match, evaluate. Pure; usable alone.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""
