"""Systems of the review "Deep learning in spiking neural networks": learning rules for spikes."""
