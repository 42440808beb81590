"""Short vectors of numbers that live in the processor's registers.

A compiled loop over arrays is turned into vector instructions by LLVM, unless which elements it
touches depends on data, as it does for spikes. Such loops are written with these: each function,
and ``+ - * /``, is an instruction or two on `WIDTH` numbers, and LLVM splits them on processors
whose registers are narrower.

Arrays are addressed by element and without any check: reading up to ``WIDTH - 1`` elements behind
the end of data is fine where memory comes from `nengo_softlif.simulator.memory`, which pads it.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import intrinsic, overload, register_model

__all__ = [
    "LINE",
    "WIDTH",
    "add_line",
    "array",
    "call",
    "cycles",
    "integers",
    "load",
    "multiply_add",
    "nonzero",
    "number",
    "part",
    "splat",
    "store",
    "store_first",
    "sum_of",
    "trailing_zeros",
    "where_less",
]

WIDTH = 16
LINE = 64  # bytes of a cache line


class _Lanes(types.Type):
    """`WIDTH` numbers of one type."""

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype})")

    @property
    def key(self):
        return self.dtype


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, _vector(dmm.lookup(fe_type.dtype).get_value_type()))


def _vector(element):
    return ir.VectorType(element, WIDTH)


def _broadcast(builder, value):
    """The same value in every element of a vector."""
    nothing = ir.Constant(_vector(value.type), ir.Undefined)
    start = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
    order = ir.Constant(_vector(ir.IntType(32)), [0] * WIDTH)
    return builder.shuffle_vector(start, nothing, order)


def _pointer(context, builder, array_type, value, index, width=WIDTH):
    data = context.make_array(array_type)(context, builder, value).data
    vector = ir.VectorType(data.type.pointee, width)
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


@intrinsic
def load(typingctx, source, index):
    """``source[index : index + WIDTH]``."""

    def generate(context, builder, signature, args):
        pointer = _pointer(context, builder, signature.args[0], *args)
        value = builder.load(pointer)
        value.align = source.dtype.bitwidth // 8
        return value

    return _Lanes(source.dtype)(source, types.intp), generate


@intrinsic
def store(typingctx, target, index, lanes):
    """``target[index : index + WIDTH] = lanes``."""

    def generate(context, builder, signature, args):
        pointer = _pointer(context, builder, signature.args[0], *args[:2])
        instruction = builder.store(args[2], pointer)
        instruction.align = target.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(target, types.intp, lanes), generate


@intrinsic
def store_first(typingctx, target, index, lanes, count):
    """``target[index : index + count]`` becomes the first of the lanes, up to all of them."""

    def generate(context, builder, signature, args):
        pointer = _pointer(context, builder, signature.args[0], *args[:2])
        vector = args[2].type
        number = ir.IntType(32)
        counts = _broadcast(builder, builder.trunc(args[3], number))
        mask = builder.icmp_signed("<", ir.Constant(_vector(number), list(range(WIDTH))), counts)
        bits = target.dtype.bitwidth
        name = f"llvm.masked.store.v{WIDTH}f{bits}.p0v{WIDTH}f{bits}"
        function_type = ir.FunctionType(ir.VoidType(), [vector, pointer.type, number, mask.type])
        function = cgutils.get_or_insert_function(builder.module, function_type, name)
        builder.call(function, [args[2], pointer, ir.Constant(number, bits // 8), mask])
        return context.get_dummy_value()

    return types.void(target, types.intp, lanes, types.int64), generate


@intrinsic
def add_line(typingctx, source, start, target, place):
    """Add to as many numbers as `LINE` bytes hold, ``target[place:...] += source[start:...]``.

    Both of the same type, of any size; whole numbers wrap around.
    """
    itemsize = source.dtype.bitwidth // 8

    def generate(context, builder, signature, args):
        types_of = signature.args
        a = _pointer(context, builder, types_of[0], *args[:2], LINE // itemsize)
        b = _pointer(context, builder, types_of[2], *args[2:], LINE // itemsize)
        x, y = builder.load(a), builder.load(b)
        add = builder.fadd if isinstance(source.dtype, types.Float) else builder.add
        result = builder.store(add(y, x), b)
        for instruction in (x, y, result):
            instruction.align = itemsize
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp), generate


@intrinsic
def splat(typingctx, number):
    """The same number in every lane."""

    def generate(context, builder, signature, args):
        return _broadcast(builder, args[0])

    return _Lanes(number)(number), generate


@intrinsic
def multiply_add(typingctx, a, b, c):
    """``a * b + c``, rounded once."""

    def generate(context, builder, signature, args):
        vector = args[0].type
        name = f"llvm.fma.v{WIDTH}f{a.dtype.bitwidth}"
        function_type = ir.FunctionType(vector, [vector] * 3)
        function = cgutils.get_or_insert_function(builder.module, function_type, name)
        return builder.call(function, args)

    return a(a, b, c), generate


def _infix(symbol, instruction):
    """Let an infix operator between lanes be an instruction, whose name in LLVM this is."""

    @intrinsic
    def apply(typingctx, a, b):
        def generate(context, builder, signature, args):
            return getattr(builder, instruction)(*args)

        return a(a, b), generate

    @overload(symbol)
    def of_lanes(a, b):
        return (lambda a, b: apply(a, b)) if isinstance(a, _Lanes) and a == b else None


_infix(operator.add, "fadd")
_infix(operator.sub, "fsub")
_infix(operator.mul, "fmul")
_infix(operator.truediv, "fdiv")


@intrinsic
def where_less(typingctx, a, b, x, y):
    """``x`` in the lanes where ``a < b``, ``y`` in the others, also where one is NaN."""

    def generate(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered("<", *args[:2]), *args[2:])

    return x(a, b, x, y), generate


@intrinsic
def sum_of(typingctx, lanes):
    """The sum of all lanes, added up in pairs."""

    def generate(context, builder, signature, args):
        vector = args[0].type
        name = f"llvm.vector.reduce.fadd.v{WIDTH}f{lanes.dtype.bitwidth}"
        function_type = ir.FunctionType(vector.element, [vector.element, vector])
        function = cgutils.get_or_insert_function(builder.module, function_type, name)
        zero = ir.Constant(vector.element, 0.0)
        return builder.call(function, [zero, args[0]], fastmath=("reassoc",))

    return lanes.dtype(lanes), generate


@intrinsic
def nonzero(typingctx, lanes):
    """A number whose bit ``i`` says whether lane ``i`` isn't zero."""

    def generate(context, builder, signature, args):
        is_nonzero = builder.fcmp_unordered("!=", args[0], ir.Constant(args[0].type, None))
        bits = builder.bitcast(is_nonzero, ir.IntType(WIDTH))
        return builder.zext(bits, ir.IntType(64))

    return types.uint64(lanes), generate


@intrinsic
def trailing_zeros(typingctx, bits):
    """Position of the lowest bit that is set, in a number that isn't zero."""

    def generate(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


def _as_array(context, builder, array_type, address, size):
    element = context.get_data_type(array_type.dtype)
    result = context.make_array(array_type)(context, builder)
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(element))
    context.populate_array(
        result,
        data=builder.inttoptr(address, element.as_pointer()),
        shape=cgutils.pack_array(builder, [size]),
        strides=cgutils.pack_array(builder, [itemsize]),
        itemsize=itemsize,
        meminfo=None,
    )
    return result._getvalue()


@intrinsic
def array(typingctx, address, size, real):
    """The numbers at an address, in the precision of the pointer ``real``."""
    array_type = types.Array(real.dtype, 1, "C")

    def generate(context, builder, signature, args):
        return _as_array(context, builder, array_type, args[0], args[1])

    return array_type(types.int64, types.int64, real), generate


@intrinsic
def part(typingctx, source, start, size):
    """``source[start : start + size]``.

    For all that the compiler knows, an index that is a sum may be negative, and would then count
    from the end, so that a loop fetches its elements one at a time. Loops over a part of an array
    become vector instructions.
    """
    array_type = types.Array(source.dtype, 1, "C")

    def generate(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        address = builder.ptrtoint(builder.gep(data, [args[1]]), args[1].type)
        return _as_array(context, builder, array_type, address, args[2])

    return array_type(source, types.int64, types.int64), generate


@intrinsic
def integers(typingctx, address, size):
    """The 64-bit whole numbers at an address."""
    array_type = types.Array(types.int64, 1, "C")

    def generate(context, builder, signature, args):
        return _as_array(context, builder, array_type, args[0], args[1])

    return array_type(types.int64, types.int64), generate


@intrinsic
def number(typingctx, value, real):
    """A number in the precision of the pointer ``real``.

    In compiled code a single-precision number times a whole number is a double-precision one, as
    in NumPy's old rules, and takes a loop twice the time.
    """

    def generate(context, builder, signature, args):
        return context.cast(builder, args[0], signature.args[0], real.dtype)

    return real.dtype(types.unliteral(value), real), generate


@intrinsic
def call(typingctx, address, first, second):
    """Call the kernel at an address with two pointers, given as addresses too."""

    def generate(context, builder, signature, args):
        pointer = ir.IntType(8).as_pointer()
        function_type = ir.FunctionType(ir.VoidType(), [pointer, pointer])
        function = builder.inttoptr(args[0], function_type.as_pointer())
        builder.call(function, [builder.inttoptr(value, pointer) for value in args[1:]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def cycles(typingctx):
    """The processor's clock."""

    def generate(context, builder, signature, args):
        function_type = ir.FunctionType(ir.IntType(64), [])
        name = "llvm.readcyclecounter"
        return builder.call(cgutils.get_or_insert_function(builder.module, function_type, name), [])

    return types.int64(), generate
