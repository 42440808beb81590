"""The table of rules, by type of operator, neuron or process."""

from __future__ import annotations

from nengo.builder.operator import TimeUpdate

__all__ = ["rule", "translate"]

_RULES = {}


def rule(*types):
    """Make a function the rule of operators of some types, or that hold such an object.

    Parameters
    ----------
    *types : type or str
        Of Nengo operators; or of neuron types and processes, for `SimNeurons` and `SimProcess`.
        A subclass has no rule until it gets one, since it may do something else. A type of a
        package that need not be installed, or is slow to import, is given as "module.Name".

    Examples
    --------
    See docs/simulator.md.
    """

    def register(function):
        for type_ in types:
            _RULES[type_] = function
        return function

    return register


def translate(operator, layout):
    """Find the instructions for an operator.

    Parameters
    ----------
    operator : nengo.builder.Operator
    layout : Layout

    Returns
    -------
    instructions : list of Instruction or None
        None if there are no kernels for it.
    """
    held = getattr(operator, "neurons", getattr(operator, "process", None))
    function = _RULES.get(type(operator)) or _RULES.get(type(held)) or _RULES.get(_name(type(held)))
    # whole numbers are known to one kernel only, that of the clock
    signals = operator.reads if type(operator) is TimeUpdate else operator.all_signals
    if function is None or not all(_is_usable(s, layout) for s in signals):
        return None
    return function(operator, layout)


def _name(type_):
    return f"{type_.__module__}.{type_.__qualname__}"


def _is_usable(signal, layout):
    if signal.base.sparse:
        return layout.is_constant(signal)
    return signal in layout
