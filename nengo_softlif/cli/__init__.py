"""The command ``nengo-softlif``. What is heavy is imported by the commands when they run."""

from nengo_softlif.cli.main import main

__all__ = ["main"]
