"""``python -m nengo_softlif`` is the command ``nengo-softlif``."""

from nengo_softlif.cli import main

main()
