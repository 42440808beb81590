"""The command ``nengo-softlif``. What is heavy is imported by the commands when they run."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments of the process name."""
    try:
        from nengo_softlif.cli.commands import commands
    except Exception as error:  # a broken click, which the doctor has to tell of
        if sys.argv[1:2] != ["doctor"]:
            raise
        from nengo_softlif.cli.diagnosis import diagnose

        print(f"The commands can't run: {type(error).__name__}: {error}\n")
        diagnose(imports="--imports" in sys.argv)
        sys.exit(1)
    commands(prog_name="nengo-softlif")
