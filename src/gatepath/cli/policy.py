"""`gatepath policy`: IAM policies; `self` prints the least rights the tool itself needs."""

from gatepath.cli.lazy import LazyGroup

COMMANDS = {
    "blocks": "gatepath.cli.policy_questions:blocks",
    "only-via": "gatepath.cli.policy_questions:only_via",
    "diff": "gatepath.cli.policy_diff:diff",
    "self": "gatepath.cli.policy_self:policy_self",
}
policy = LazyGroup("policy", COMMANDS, prefix="help.policy.")
