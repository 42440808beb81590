"""TensorFlow steps of our neuron types, registered with NengoDL when it is imported."""
