"""Networks that are trained in spikes, with the tables of Bondarev and of the recurrent networks."""
