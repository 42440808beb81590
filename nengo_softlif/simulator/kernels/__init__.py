"""What runs in a step, as machine code; see `nengo_softlif.compiled.compiler`."""
