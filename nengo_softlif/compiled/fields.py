"""What a kernel is given: values at an address, of one type, that have names."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, lower_getattr_generic, register_model

__all__ = ["Fields"]


class Fields(types.Type):
    """Pointer to values of one type; in compiled code ``fields.name`` is the value of that name.

    Reading a field is a load from a place that is known when the code is compiled, as
    ``pointer[3]`` is. A name that there isn't is an error of the compiler.

    Parameters
    ----------
    names : tuple of str
        In the order of the values.
    dtype : numba.types.Type
        Of each value.
    """

    def __init__(self, names: tuple[str, ...], dtype: types.Type):
        self.names = names
        self.dtype = dtype
        super().__init__(name=f"Fields({' '.join(names)}: {dtype})")


@register_model(Fields)
class _FieldsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, fields: Fields):
        element = manager.lookup(fields.dtype).get_value_type()
        super().__init__(manager, fields, element.as_pointer())


@infer_getattr
class _FieldsAttributes(AttributeTemplate):
    key = Fields

    def generic_resolve(self, fields: Fields, name: str) -> types.Type | None:
        return fields.dtype if name in fields.names else None


@lower_getattr_generic(Fields)
def _read(context: Any, builder: ir.IRBuilder, fields: Fields, pointer: ir.Value, name: str):
    place = ir.Constant(ir.IntType(64), fields.names.index(name))
    return builder.load(builder.gep(pointer, [place]))
