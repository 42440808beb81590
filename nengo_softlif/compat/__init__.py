"""NengoDL 3.6 and NengoLoihi 1.1 on today's TensorFlow, Keras 3, NumPy 2 and Nengo 4."""

from nengo_softlif.compat.hook import install

__all__ = ["install"]
