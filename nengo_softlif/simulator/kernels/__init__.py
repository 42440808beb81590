"""What runs in a step, as machine code; see `nengo_softlif.simulator.compiling`."""
