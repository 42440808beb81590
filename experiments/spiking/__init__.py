"""Networks that are trained in spikes: Bondarev's, recurrent ones, and those on event data."""
