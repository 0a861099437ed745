"""Values as plain data: what may cross from a process that ran a learner's code to another.

`encode` turns a value into JSON-compatible data, `decode` rebuilds it. Only exact built-in, NumPy,
pandas and torch types cross; a subclass, a function or any other object crosses as `Opaque`, its
type's name. So nothing that a learner wrote (an `__eq__`, a `__reduce__`, a number that says it
equals everything) is ever executed by the side that decodes, and `decode` trusts nothing: data of
another shape than `encode` writes raises `NotPlainData`.

An object that occurs several times, within one call of `encode`, is one object again after
`decode`, and views of one array are views of one array again: tests may ask `is` and
`np.shares_memory`.
"""

import base64
import binascii
import contextlib
import datetime
import decimal
import fractions
import math
import sys
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

#: An answer larger than this is not a result but an attempt to fill the memory.
LARGEST = 256 << 20
_DEEPEST = 200
_LONGEST_INTEGER = 1 << 16  # hexadecimal digits
_NUMPY_KINDS = "biufcSUmM"
#: Types whose values JSON keeps.
_AS_THEY_ARE = {type(None), bool, str}


class NotPlainData(ValueError):
    """Received data that `encode` does not write."""


@dataclass(frozen=True)
class Opaque:
    """What stands for an object that cannot cross: it equals nothing that a test could want."""

    type_name: str
    callable: bool = False

    def __repr__(self) -> str:
        return f"<{self.type_name} object>"


# ---------------------------------------------------------------------------------------- encoding


def encode(value: Any) -> Any:
    """`value` as JSON-compatible data; what cannot cross is in it as its type's name."""
    return _Encoder().encode(value, 0)


class _Encoder:
    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []  # alive, so that no id is used twice
        self._open: set[int] = set()
        self._bytes = 0

    def encode(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _AS_THEY_ARE:
            return value
        if kind is int:
            return ["int", hex(value)]
        if kind is float:
            return ["float", value.hex()]
        if kind is complex:
            return ["complex", value.real.hex(), value.imag.hex()]
        if kind in _SCALARS:
            return [kind.__name__, *_SCALARS[kind][0](value)]
        if kind is datetime.datetime and (zone := _zone_of(value)) is not None:
            return ["datetime", value.replace(tzinfo=None).isoformat(), value.fold, zone]
        if value is Ellipsis or value is NotImplemented:
            return ["constant", str(value)]
        pandas = sys.modules.get("pandas")
        if pandas is not None and (value is pandas.NaT or value is pandas.NA):
            return ["constant", "NaT" if value is pandas.NaT else "NA"]
        if isinstance(value, np.generic) and kind.__module__ == "numpy":
            if value.dtype.kind in _NUMPY_KINDS:
                return ["scalar", value.dtype.str, _pack(value.tobytes())]
            return _opaque(value)
        encoder = _containers().get(kind)
        if encoder is None or depth > _DEEPEST or id(value) in self._open:
            return _opaque(value)
        if id(value) in self._seen:
            return ["again", self._seen[id(value)]]
        number = self._seen[id(value)] = len(self._kept)
        self._kept.append(value)
        self._open.add(id(value))
        try:
            return [encoder[0], number, *encoder[1](self, value, depth + 1)]
        finally:
            self._open.discard(id(value))

    def many(self, values: Any, depth: int) -> list[Any] | str:
        """Numbers of one kind as one string of bytes, anything else one by one."""
        items = list(values)
        kinds = set(map(type, items))
        if kinds <= _AS_THEY_ARE:
            return items
        if kinds == {float}:
            return "f" + self.bytes(np.array(items, "<f8").tobytes())
        if kinds == {int}:
            with contextlib.suppress(OverflowError):
                return "i" + self.bytes(np.array(items, "<i8").tobytes())
        return [self.encode(one, depth) for one in items]

    def bytes(self, content: bytes | memoryview) -> str:
        self._bytes += len(content)
        if self._bytes > LARGEST:
            raise NotPlainData(f"The answer holds more than {LARGEST >> 20} MiB of data.")
        return _pack(content)


def _pack(content: bytes | memoryview) -> str:
    return base64.b64encode(content).decode("ascii")


def _zone_of(moment: datetime.datetime) -> str | None:
    """The zone's name, "" if there is none, None if it has no name."""
    if moment.tzinfo is None:
        return ""
    if moment.tzinfo is datetime.UTC:
        return "datetime.UTC"
    return moment.tzinfo.key if type(moment.tzinfo) is zoneinfo.ZoneInfo else None


def _opaque(value: Any) -> list[Any]:
    name = getattr(type(value), "__name__", "object")
    return ["opaque", str(name)[:60], callable(value)]


def _encode_array(encoder: _Encoder, array: np.ndarray, depth: int) -> list[Any]:
    if array.dtype.kind not in _NUMPY_KINDS:
        if array.dtype.kind == "O":
            return ["O", list(array.shape), encoder.many(array.ravel().tolist(), depth)]
        return ["?", array.dtype.str]
    base = array
    while type(below := _below(base)) is np.ndarray:
        base = below
    shared = base is not array and base.nbytes <= max(1 << 20, 4 * array.nbytes)
    whole = base.T if base.flags.f_contiguous else base
    if not shared or not whole.flags.c_contiguous or base.dtype.kind not in _NUMPY_KINDS:
        order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        content = encoder.bytes(array.tobytes(order="A"))
        return [
            "own",
            array.dtype.str,
            list(array.shape),
            order,
            array.flags.writeable,
            content,
        ]
    start = array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    place = [
        array.dtype.str,
        list(array.shape),
        list(array.strides),
        start,
        array.flags.writeable,
    ]
    return ["view", *place, encoder.encode(base, depth)]


def _below(array: np.ndarray) -> Any:
    """What the array's memory belongs to; `as_strided` puts an object of its own in between."""
    below = array.base
    return below.base if type(below).__name__ == "DummyArray" else below


def _encode_column(encoder: _Encoder, values: Any, depth: int) -> list[Any]:
    """The values of a Series or Index, as the dtype's name and plain parts."""
    import pandas as pd

    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        return ["numpy", encoder.encode(np.asarray(values), depth)]
    name = str(dtype)
    if isinstance(dtype, pd.DatetimeTZDtype):
        instants = values.astype("int64") if not isinstance(values, pd.Index) else values.asi8
        return ["zoned", name, encoder.encode(np.asarray(instants), depth)]
    if isinstance(dtype, pd.CategoricalDtype):
        codes = values.codes if isinstance(values, pd.CategoricalIndex) else values.cat.codes
        categories = _encode_column(encoder, dtype.categories, depth)
        return [
            "category",
            encoder.encode(np.asarray(codes), depth),
            categories,
            dtype.ordered,
        ]
    if isinstance(dtype, pd.StringDtype) or name in _NULLABLE:
        holes = values.isna()
        items = [None if hole else one for one, hole in zip(values, holes, strict=True)]
        return ["nullable", name, encoder.many(items, depth)]
    return ["?", name]


def _encode_index(encoder: _Encoder, index: Any, depth: int) -> list[Any]:
    import pandas as pd

    names = encoder.many(list(index.names), depth)
    if isinstance(index, pd.RangeIndex):
        return ["range", index.start, index.stop, index.step, names]
    if isinstance(index, pd.MultiIndex):
        levels = [_encode_column(encoder, level, depth) for level in index.levels]
        codes = [np.asarray(one).tolist() for one in index.codes]
        return ["multi", levels, codes, names]
    frequency = getattr(index, "freqstr", None)
    return ["flat", _encode_column(encoder, index, depth), frequency, names]


def _encode_series(encoder: _Encoder, series: Any, depth: int) -> list[Any]:
    values = _encode_column(encoder, series, depth)
    return [
        values,
        encoder.encode(series.index, depth),
        encoder.encode(series.name, depth),
    ]


def _encode_frame(encoder: _Encoder, frame: Any, depth: int) -> list[Any]:
    columns = [_encode_column(encoder, frame.iloc[:, i], depth) for i in range(frame.shape[1])]
    return [
        columns,
        encoder.encode(frame.index, depth),
        encoder.encode(frame.columns, depth),
    ]


def _encode_tensor(encoder: _Encoder, tensor: Any, depth: int) -> list[Any]:
    import torch

    plain = tensor.detach().cpu()
    if plain.layout is not torch.strided:
        return ["?", str(plain.layout)]
    content = plain.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    gradient = encoder.encode(tensor.grad, depth) if tensor.is_leaf else None
    name = str(tensor.dtype).removeprefix("torch.")
    return [
        name,
        list(plain.shape),
        encoder.bytes(content),
        tensor.requires_grad,
        gradient,
    ]


def _containers() -> dict[type, tuple[str, Callable[..., list[Any]]]]:
    """Exact type → (tag, encoder); pandas and torch only where they are already imported."""
    return _containers_with("pandas" in sys.modules, "torch" in sys.modules)


@cache
def _containers_with(pandas: bool, torch: bool) -> dict[type, tuple[str, Callable[..., list[Any]]]]:
    known = dict(_CONTAINERS)
    if pandas:
        import pandas as pd

        for kind in (
            *(
                pd.Index,
                pd.RangeIndex,
                pd.MultiIndex,
                pd.DatetimeIndex,
                pd.TimedeltaIndex,
            ),
            pd.CategoricalIndex,
        ):
            known[kind] = ("index", _encode_index)
        known[pd.Series] = ("series", _encode_series)
        known[pd.DataFrame] = ("frame", _encode_frame)
        known[pd.Timestamp] = ("pd_timestamp", _encode_timestamp)
        known[pd.Timedelta] = (
            "pd_timedelta",
            lambda e, v, d: [v.unit, str(v.asm8.astype("int64"))],
        )
    if torch:
        import torch as t

        known[t.Tensor] = known[t.nn.Parameter] = ("tensor", _encode_tensor)
        known[t.Size] = ("size", lambda e, v, d: [list(v)])
        known[t.dtype] = ("dtype", lambda e, v, d: [str(v)])
    return known


def _encode_timestamp(encoder: _Encoder, value: Any, depth: int) -> list[Any]:
    zone = str(value.tz) if value.tz is not None else None
    return [value.unit, str(value.asm8.astype("int64")), zone]


def _state(encoder: _Encoder, generator: np.random.Generator, depth: int) -> Any:
    return encoder.encode(generator.bit_generator.state, depth)


def _encode_map(encoder: _Encoder, value: dict[Any, Any], depth: int) -> list[Any]:
    return [encoder.many(value.keys(), depth), encoder.many(value.values(), depth)]


_CONTAINERS: dict[type, tuple[str, Callable[..., list[Any]]]] = {
    list: ("list", lambda e, v, d: [e.many(v, d)]),
    tuple: ("tuple", lambda e, v, d: [e.many(v, d)]),
    set: ("set", lambda e, v, d: [e.many(v, d)]),
    frozenset: ("frozenset", lambda e, v, d: [e.many(v, d)]),
    dict: ("dict", _encode_map),
    bytes: ("bytes", lambda e, v, d: [e.bytes(v)]),
    bytearray: ("bytearray", lambda e, v, d: [e.bytes(bytes(v))]),
    range: ("range", lambda e, v, d: [v.start, v.stop, v.step]),
    slice: ("slice", lambda e, v, d: [e.many((v.start, v.stop, v.step), d)]),
    np.ndarray: ("array", _encode_array),
    np.random.Generator: ("generator", lambda e, v, d: [_state(e, v, d)]),
}


def _whole(text: str) -> int:
    """The integer of `hex`; so long a one that arithmetic with it takes minutes is refused."""
    _check(type(text) is str and len(text) <= _LONGEST_INTEGER)
    return int(text, 16)


_SCALARS: dict[type, tuple[Callable[[Any], list[str]], Callable[..., Any]]] = {
    decimal.Decimal: (lambda v: [str(v)], decimal.Decimal),
    fractions.Fraction: (
        lambda v: [hex(v.numerator), hex(v.denominator)],
        lambda above, below: fractions.Fraction(_whole(above), _whole(below)),
    ),
    datetime.date: (lambda v: [v.isoformat()], datetime.date.fromisoformat),
    datetime.timedelta: (
        lambda v: [str(v // datetime.timedelta(microseconds=1))],
        lambda text: datetime.timedelta(microseconds=int(text)),
    ),
}
_NULLABLE = {
    *(f"{sign}Int{bits}".replace("uI", "UI") for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *("Float32", "Float64", "boolean"),
}


# ---------------------------------------------------------------------------------------- decoding


def decode(data: Any) -> Any:
    """The value that `encode` turned into `data`.

    Raises:
        NotPlainData: `data` is not something that `encode` writes.
    """
    try:
        return _Decoder().decode(data, 0)
    except NotPlainData:
        raise
    except (
        *(ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError),
        *(binascii.Error, RecursionError, ArithmeticError, LookupError),
    ) as error:
        raise NotPlainData(f"{type(error).__name__}: {error}") from None


def _check(condition: bool) -> None:
    if not condition:
        raise NotPlainData("The data has another shape than expected.")


class _Decoder:
    def __init__(self) -> None:
        self._objects: dict[int, Any] = {}

    def decode(self, data: Any, depth: int) -> Any:
        if type(data) in _AS_THEY_ARE:
            return data
        _check(type(data) is list and len(data) > 1 and type(data[0]) is str)
        _check(depth <= _DEEPEST + 5)
        tag, *parts = data
        if tag == "again":
            return self._objects[parts[0]]
        if tag in _SIMPLE:
            return _SIMPLE[tag](*parts)
        _check(tag in _TAGS)
        number, *parts = parts
        _check(type(number) is int and number not in self._objects)
        result = getattr(self, f"_{tag}")(number, depth + 1, *parts)
        self._objects[number] = result
        return result

    def many(self, items: Any, depth: int) -> list[Any]:
        if type(items) is str:
            dtype = {"f": "<f8", "i": "<i8"}[items[:1]]
            return np.frombuffer(_unpack(items[1:]), dtype).tolist()
        _check(type(items) is list)
        if set(map(type, items)) <= _AS_THEY_ARE:
            return items
        return [self.decode(one, depth) for one in items]

    def _list(self, number: int, depth: int, items: Any) -> list[Any]:
        return self.many(items, depth)

    def _tuple(self, number: int, depth: int, items: Any) -> tuple[Any, ...]:
        return tuple(self.many(items, depth))

    def _set(self, number: int, depth: int, items: Any) -> set[Any]:
        return set(self.many(items, depth))

    def _frozenset(self, number: int, depth: int, items: Any) -> frozenset[Any]:
        return frozenset(self.many(items, depth))

    def _dict(self, number: int, depth: int, keys: Any, values: Any) -> dict[Any, Any]:
        return dict(zip(self.many(keys, depth), self.many(values, depth), strict=True))

    def _bytes(self, number: int, depth: int, content: str) -> bytes:
        return _unpack(content)

    def _bytearray(self, number: int, depth: int, content: str) -> bytearray:
        return bytearray(_unpack(content))

    def _range(self, number: int, depth: int, start: int, stop: int, step: int) -> range:
        return range(start, stop, step)

    def _slice(self, number: int, depth: int, parts: Any) -> slice:
        start, stop, step = self.many(parts, depth)
        return slice(start, stop, step)

    def _array(self, number: int, depth: int, kind: str, *parts: Any) -> Any:
        if kind == "?":
            return Opaque(f"array of {parts[0]}")
        if kind == "O":
            shape, items = parts
            items = self.many(items, depth)
            array = np.empty(len(items), dtype=object)
            for place, item in enumerate(items):  # at once would unpack lists
                array[place] = item
            return array.reshape(_shape(shape))
        dtype = np.dtype(parts[0])
        _check(dtype.kind in _NUMPY_KINDS)
        if kind == "own":
            _, shape, order, writeable, content = parts
            flat = np.frombuffer(bytearray(_unpack(content)), dtype)
            _check(flat.size == math.prod(_shape(shape)))
            array = flat.reshape(_shape(shape), order="F" if order == "F" else "C")
            array = array.copy(order="K")
        else:
            _check(kind == "view")
            _, shape, strides, start, writeable, base = parts
            base = self.decode(base, depth)
            _check(type(base) is np.ndarray)
            array = _view(base, dtype, _shape(shape), strides, start)
        array.flags.writeable = bool(writeable) and array.flags.writeable
        return array

    def _generator(self, number: int, depth: int, state: Any) -> np.random.Generator:
        state = self.decode(state, depth)
        _check(state["bit_generator"] in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"))
        source = getattr(np.random, state["bit_generator"])()
        source.state = state
        return np.random.Generator(source)

    # pandas

    def _column(self, depth: int, kind: str, *parts: Any) -> Any:
        import pandas as pd

        if kind == "numpy":
            return self.decode(parts[0], depth)
        if kind == "zoned":
            name, instants = parts
            dtype = pd.DatetimeTZDtype(*_zone_and_unit(name))
            instants = self.decode(instants, depth).astype(f"M8[{dtype.unit}]")
            return pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(dtype.tz)
        if kind == "category":
            codes, categories, ordered = parts
            return pd.Categorical.from_codes(
                self.decode(codes, depth),
                categories=self._labels(depth, categories),
                ordered=bool(ordered),
            )
        _check(kind == "nullable")
        name, items = parts
        _check(name in _NULLABLE or name in ("str", "string"))
        return pd.array(self.many(items, depth), dtype=name)

    def _labels(self, depth: int, column: Any) -> Any:
        import pandas as pd

        values = self._column(depth, *column)
        return pd.Index(values, dtype=values.dtype)

    def _index(self, number: int, depth: int, kind: str, *parts: Any) -> Any:
        import pandas as pd

        names = self.many(parts[-1], depth)
        if kind == "range":
            return pd.RangeIndex(*parts[:3], name=names[0])
        if kind == "multi":
            levels = [self._labels(depth, one) for one in parts[0]]
            return pd.MultiIndex(levels=levels, codes=parts[1], names=names)
        _check(kind == "flat")
        index = self._labels(depth, parts[0]).rename(names[0])
        if parts[1] is not None and isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex):
            index.freq = str(parts[1])
        return index

    def _series(self, number: int, depth: int, values: Any, index: Any, name: Any) -> Any:
        import pandas as pd

        if opaque := _or_opaque(values, "Series"):
            return opaque
        column = self._column(depth, *values)
        return pd.Series(
            column,
            dtype=column.dtype,  # or texts of type object become str
            index=self.decode(index, depth),
            name=self.decode(name, depth),
        )

    def _frame(self, number: int, depth: int, columns: Any, index: Any, names: Any) -> Any:
        import pandas as pd

        for one in columns:
            if opaque := _or_opaque(one, "DataFrame"):
                return opaque
        rows = self.decode(index, depth)
        values = [self._column(depth, *one) for one in columns]
        frame = pd.DataFrame(
            {i: pd.Series(one, index=rows, dtype=one.dtype) for i, one in enumerate(values)},
            index=rows,
        )
        frame.columns = self.decode(names, depth)
        return frame

    def _pd_timestamp(
        self, number: int, depth: int, unit: str, instant: str, zone: str | None
    ) -> Any:
        import pandas as pd

        moment = pd.Timestamp(np.datetime64(int(instant), unit))
        return moment if zone is None else moment.tz_localize("UTC").tz_convert(_zone(zone))

    def _pd_timedelta(self, number: int, depth: int, unit: str, length: str) -> Any:
        import pandas as pd

        return pd.Timedelta(np.timedelta64(int(length), unit))

    # torch

    def _tensor(self, number: int, depth: int, name: str, *parts: Any) -> Any:
        if name == "?":
            return Opaque("Tensor")
        import torch

        shape, content, requires_grad, gradient = parts
        dtype = getattr(torch, name)
        _check(isinstance(dtype, torch.dtype))
        raw = torch.frombuffer(bytearray(_unpack(content)) or bytearray(1), dtype=torch.uint8)
        raw = raw if content else raw[:0]
        tensor = raw.clone().view(dtype).reshape(_shape(shape)).requires_grad_(bool(requires_grad))
        if gradient is not None:
            tensor.grad = self.decode(gradient, depth)
        return tensor

    def _size(self, number: int, depth: int, lengths: list[int]) -> Any:
        import torch

        return torch.Size(_shape(lengths))

    def _dtype(self, number: int, depth: int, name: str) -> Any:
        import torch

        dtype = getattr(torch, name.removeprefix("torch."))
        _check(isinstance(dtype, torch.dtype))
        return dtype


def _unpack(content: Any) -> bytes:
    _check(type(content) is str and len(content) <= 2 * LARGEST)
    return base64.b64decode(content, validate=True)


def _shape(lengths: Any) -> tuple[int, ...]:
    _check(type(lengths) is list and all(type(one) is int and one >= 0 for one in lengths))
    return tuple(lengths)


def _view(
    base: np.ndarray, dtype: np.dtype, shape: tuple[int, ...], strides: Any, start: Any
) -> np.ndarray:
    """A view of `base` at byte `start`; refused if any element lies outside of it."""
    _check(type(strides) is list and all(type(one) is int for one in strides))
    _check(len(strides) == len(shape) and type(start) is int)
    reach = [stride * (n - 1) for stride, n in zip(strides, shape, strict=True) if n]
    low = start + sum(one for one in reach if one < 0)
    high = start + sum(one for one in reach if one > 0) + dtype.itemsize
    _check(0 in shape or (low >= 0 and high <= base.nbytes))
    whole = base.T if base.flags.f_contiguous else base
    return np.ndarray(shape, dtype, whole.reshape(-1).view(np.uint8), start, strides)


def _zone_and_unit(name: str) -> tuple[str, str]:
    """("us", "UTC") of the dtype's name "datetime64[us, UTC]"."""
    unit, _, zone = name.removeprefix("datetime64[").removesuffix("]").partition(", ")
    return unit, _zone(zone)


def _zone(name: str) -> str:
    """A zone's name; dateutil's names are paths, and would open any file."""
    _check(type(name) is str and not name.startswith(("dateutil", "tzfile", "/")))
    return name


def _or_opaque(column: Any, owner: str) -> Opaque | None:
    return Opaque(f"{owner} of {column[1]}") if column[0] == "?" else None


def _constant(name: str) -> Any:
    if name in ("NaT", "NA"):
        import pandas as pd

        return getattr(pd, name)
    return {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}[name]


def _scalar(dtype: str, content: str) -> Any:
    kind = np.dtype(dtype)
    _check(kind.kind in _NUMPY_KINDS)
    return np.frombuffer(_unpack(content), kind)[0]


def _moment(text: str, fold: int, zone: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text).replace(fold=fold)
    if zone == "datetime.UTC":
        return moment.replace(tzinfo=datetime.UTC)
    return moment.replace(tzinfo=zoneinfo.ZoneInfo(zone)) if zone else moment


_SIMPLE: dict[str, Callable[..., Any]] = {
    "datetime": _moment,
    "int": _whole,
    "float": float.fromhex,
    "complex": lambda real, imag: complex(float.fromhex(real), float.fromhex(imag)),
    "scalar": _scalar,
    "constant": _constant,
    "opaque": lambda name, is_callable: Opaque(str(name), bool(is_callable)),
    **{kind.__name__: build for kind, (_, build) in _SCALARS.items()},
}
_TAGS = {
    *(
        "list",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "bytes",
        "bytearray",
        "range",
        "array",
        "slice",
        "generator",
    ),
    *(
        "index",
        "series",
        "frame",
        "pd_timestamp",
        "pd_timedelta",
        "tensor",
        "size",
        "dtype",
    ),
}
