"""Sizes of NengoDL's TensorNodes, as integers of Python.

NumPy's product of a shape is an integer of NumPy, which layers of Keras 2 that make weights of the
shape of their input, such as PReLU, don't take.
"""


def repair(tensor_node):
    """Let TensorNodes have sizes that are integers of Python."""
    cls = tensor_node.TensorNode
    for name in ("size_in", "size_out"):
        size = getattr(cls, name)
        setattr(cls, name, _as_int(size))


def _as_int(size):
    return property(lambda node: int(size.fget(node)), doc=size.__doc__)
