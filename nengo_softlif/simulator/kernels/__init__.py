"""What runs in a step, as machine code. `nengo_softlif.simulator.compiling` says what a kernel is."""
