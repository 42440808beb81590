"""Neurons without a kernel, of many ensembles: stepped together, by one call into Python."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nengo.builder.neurons import SimNeurons
from nengo.builder.operator import Operator
from nengo.utils.graphs import toposort
from nengo.utils.simulator import operator_dependency_graph

from nengo_softlif.simulator.layout import Layout

__all__ = ["NeuronGroup", "group_neurons"]


class NeuronGroup(Operator):
    """Neurons of several ensembles, whose signals lie next to each other.

    Parameters
    ----------
    members : sequence of nengo.builder.neurons.SimNeurons
        Of the same neuron type, none of which depends on another within a step.
    """

    def __init__(self, members: Sequence[SimNeurons]) -> None:
        super().__init__(tag=f"{len(members)} ensembles of {members[0].neurons}")
        self.members = members
        self.neurons = members[0].neurons
        self.sets = [signal for op in members for signal in op.sets]
        self.incs = []
        self.reads = [signal for op in members for signal in op.reads]
        self.updates = []

    def signals_by_role(self) -> list[list]:
        """Signals of the members that play the same role: input, output, and each state."""
        return [list(role) for role in zip(*map(_signals, self.members), strict=True)]

    def make_step(self, signals, dt, rng):
        """Make the step of all members; ``signals`` are those of an `Execution`."""
        current, output, *states = map(signals.joined, self.signals_by_role())
        state = dict(zip(self.members[0].state, states, strict=True))

        def step():
            self.neurons.step(dt, current, output, **state)

        return step


def group_neurons(
    operators: Sequence[Operator], python: Collection[Operator], layout: Layout
) -> list[Operator]:
    """Group neurons that run in Python, as far as they don't depend on each other.

    As in Nengo's optimizer, neurons of equal types are stepped as if they were one ensemble.

    Parameters
    ----------
    operators : sequence of nengo.builder.Operator
    python : collection of nengo.builder.Operator
        Those without kernels.
    layout : Layout
        Gets the signals of groups, next to each other.

    Returns
    -------
    operators : list of nengo.builder.Operator
        In an order in which they can run, with a `NeuronGroup` in the place of its members.
    """
    candidates = {op for op in python if _can_be_grouped(op, layout)}
    if len(candidates) < 2:
        return list(operators)
    dependents = operator_dependency_graph(operators)
    stands_for = {op: op for op in operators}
    for members in _independent(candidates, dependents):
        group = NeuronGroup(members)
        for signals in group.signals_by_role():
            layout.join(signals)
        stands_for.update(dict.fromkeys(members, group))
    graph = {stands_for[op]: set() for op in operators}
    for op, later in dependents.items():
        graph[stands_for[op]].update(stands_for[other] for other in later)
    return toposort(graph)


def _signals(op):
    return [op.J, op.output, *op.state.values()]


def _can_be_grouped(op, layout):
    """Whether the signals of neurons can be placed anywhere, and no generator is theirs alone."""
    return (
        type(op) is SimNeurons
        and not op.state_extra
        and all(not s.is_view and s.ndim == 1 and s in layout for s in _signals(op))
    )


def _independent(candidates, dependents):
    """Lists of two or more neurons of a type, none of which depends on another in a step.

    Those that have equally many others on the longest path to them can't be on one path.
    """
    depth = dict.fromkeys(dependents, 0)
    groups = []
    for op in toposort(dependents):
        below = depth[op] + (op in candidates)
        for other in dependents[op]:
            depth[other] = max(depth[other], below)
        if op in candidates:
            for level, members in groups:
                if level == depth[op] and _are_alike(op, members[0]):
                    members.append(op)
                    break
            else:
                groups.append((depth[op], [op]))
    return [members for _, members in groups if len(members) > 1]


def _are_alike(op, other):
    """Whether two neuron types do the same, with states of the same names."""
    if list(op.state) != list(other.state):
        return False
    mine, theirs = op.neurons, other.neurons
    try:
        return mine is theirs or (mine == theirs and _attributes(mine) == _attributes(theirs))
    except ValueError:  # attributes that are arrays have no single truth
        return False


def _attributes(neurons):
    """Attributes that are no parameters, and no notes of Nengo's about those."""
    notes = ("_paramdict", "_FrozenObject__argreprs")
    return {name: value for name, value in vars(neurons).items() if name not in notes}
