"""Our neuron types on NengoLoihi, registered when it is imported."""
