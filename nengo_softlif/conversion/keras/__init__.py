"""Read Keras models: which layers there are, and what each becomes in the graph."""
