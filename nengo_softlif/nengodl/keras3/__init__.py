"""Objects of Keras 3 that are handed to NengoDL, which works with Keras 2.

Layers, optimizers, losses, metrics and their parts become objects of tf-keras with the same class
name and configuration. Layers, losses, metrics and callbacks of other classes are called from an
object of tf-keras, where Keras 3 computes with TensorFlow.
"""
