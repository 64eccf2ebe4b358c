"""`gatepath snapshot`: the group of the commands about snapshots."""

from gatepath.cli.lazy import LazyGroup

snapshot = LazyGroup(
    "snapshot",
    {
        "record": "gatepath.cli.record:record",
        "show": "gatepath.cli.snapshot_show:show",
        "import": "gatepath.cli.snapshot_import:import_command",
        "redact": "gatepath.cli.snapshot_redact:redact_command",
    },
    prefix="help.command.snapshot-",
)
