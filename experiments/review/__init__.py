"""Systems of the review "Deep learning in spiking neural networks", on its data sets."""
