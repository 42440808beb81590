"""NengoDL's linear filters, on Nengo 4.

The passthrough matrix ``D`` of a filter step had one axis in Nengo 3. In Nengo 4 it has as many
as the state, two, and NengoDL adds its own to that: filters with a passthrough don't build.
"""

import functools


def repair(process_builders):
    """Let the builder of linear filters see the ``D`` of Nengo 3."""
    builder = process_builders.LinearFilterBuilder
    original = builder.build_pre

    @functools.wraps(original)
    def build_pre(self, *args, **kwargs):
        ops = self.ops
        self.ops = [_Operator(op) for op in ops]
        try:
            original(self, *args, **kwargs)
        finally:
            self.ops = ops

    builder.build_pre = build_pre


class _Proxy:
    def __init__(self, wrapped):
        self._wrapped = wrapped

    def __getattr__(self, name):
        return getattr(self._wrapped, name)


class _Operator(_Proxy):
    @property
    def process(self):
        return _Process(self._wrapped.process)


class _Process(_Proxy):
    def make_step(self, *args, **kwargs):
        step = self._wrapped.make_step(*args, **kwargs)
        step.D = step.D.ravel()
        return step
