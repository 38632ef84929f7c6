"""Table of a model: shapes, parameters, multiply-adds, receptive field, memory."""

import re
from dataclasses import dataclass
from math import prod
from typing import Any

import keras

__all__ = ["LayerRow", "ModelTable", "model_table"]

# (size, stride, start) along each axis
Field = tuple[tuple[int, int, int], ...]
SUMS = ("trainable", "fixed", "multiply_adds", "memory")
# where Keras keeps layers that multiply no number by a weight and sum up, and
# operations of which only those do that have such a name
FREE = re.compile(
    r"keras\.src\.(layers\.(activations|merging|normalization|pooling|preprocessing"
    r"|regularization|reshaping|core\.(embedding|identity|masking))"
    r"|ops\.(nn|numpy|core\.(Cast|ConvertToTensor)))\b"
)
PRODUCTS = re.compile(r"Conv|Dot|Mat|Einsum|Inner|Outer|Corr|Spectral|Attention|FFT")
KEEPS_PLACES = re.compile(
    r"activations|merging|normalization|preprocessing\.(rescal|normal)|regularization"
    r"|core\.identity|ops\.nn\.\w*(elu|sigmoid|silu|swish|mish|tanh|soft(plus|sign))$"
    r"|ops\.numpy\.(add|subtract|multiply|(true_?)?divide|maximum|minimum|clip"
    r"|concatenate|tanh|abs|exp|log|square|sqrt)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LayerRow:
    """One call of a layer.

    Parameters
    ----------
    path, kind : str
        Where the layer stands in the model, and its class.
    shape : tuple of int
        Of its (first) output; empty for weights that no call used.
    trainable, fixed : int
        Weights that are first used here: those to learn; those that are frozen, and
        running statistics.
    multiply_adds : int
        Products that are summed up, for the whole batch.
    not_counted : tuple of str
        Operations whose multiply-adds are not known here, and not in the sum.
    field : tuple of (int, int, int), or None
        Along each axis: how many pixels one place of the output sees, how far apart
        the views of two neighbours are, and the first pixel that the first one sees,
        negative in the padding; the statistics of a normalisation left out. None where
        places are mixed or an image is enlarged.
    memory : int
        Bytes of the outputs, for the whole batch; reshaping, and dropout, which rests,
        have none.

    Examples
    --------
    >>> LayerRow("0", "ReLU", (1, 8), 0, 0, 0, (), None, 32).memory
    32

    References
    ----------
    Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    2019. <https://doi.org/10.23915/distill.00021>
    """

    path: str
    kind: str
    shape: tuple[int, ...]
    trainable: int
    fixed: int
    multiply_adds: int
    not_counted: tuple[str, ...]
    field: Field | None
    memory: int


@dataclass(frozen=True)
class ModelTable:
    """Every call of every layer, in order; its text is a table.

    `trainable`, `fixed`, `multiply_adds` and `memory` are the sums of those columns.

    Parameters
    ----------
    rows : tuple of LayerRow
        The calls. Layers inside of a layer of your own are not seen.

    Examples
    --------
    >>> conv = keras.layers.Conv2D(8, 3, padding="same")
    >>> table = model_table(keras.Sequential([keras.Input((28, 28, 1)), conv]))
    >>> table.trainable, table.multiply_adds, table.memory
    (80, 56448, 25088)

    References
    ----------
    Araujo, Norris, Sim, 2019. <https://doi.org/10.23915/distill.00021>
    """

    rows: tuple[LayerRow, ...]

    def __getattr__(self, name: str) -> int:
        # the sum of a column
        if name not in SUMS:
            raise AttributeError(name)
        return sum(getattr(row, name) for row in self.rows)

    def __repr__(self) -> str:
        def row(path, kind, shape, of, operations, field):
            steps = zip(*field, strict=True) if field else [()] * 3
            return [
                path or "(model)",
                kind,
                " x ".join(map(str, shape)),
                f"{of.trainable:,}",
                f"{of.fixed:,}",
                " + ".join([f"{of.multiply_adds:,}", *operations]),
                # one number where the axes agree
                *("x".join(map(str, s if len(set(s)) > 1 else s[:1])) for s in steps),
                f"{of.memory:,}",
            ]

        names = ("layer", "kind", "output", "trainable", "fixed", "multiply-adds")
        lines = [[*names, "field", "stride", "start", "bytes"]]
        for r in self.rows:
            unknown = [f"{name} (not counted)" for name in r.not_counted]
            lines.append(
                row(r.path, r.kind, r.shape or ("unused",), r, unknown, r.field)
            )
        unknown = sorted({name for r in self.rows for name in r.not_counted})
        lines.append(row("total", "", (), self, unknown, None))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if i < 3 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )


def model_table(model: keras.Model, *shapes: tuple[int, ...]) -> ModelTable:
    r"""Table of a model, from walking through its graph; nothing is computed.

    Models in models and layers of your own are walked through as well. Counted are
    convolutions, $n_\mathrm{out} \cdot k^d \, C_\mathrm{in} / \mathrm{groups}$, dense
    and recurrent layers, multi-head attention and `ops.matmul`; sums, norms, pooling
    and activations count 0. What is neither is named in the table. A layer that is
    called twice has two rows, and its weights in the first.

    Parameters
    ----------
    model : keras.Model
        Functional, or sequential and built. It is left as it was.
    *shapes : tuple of int, shape (N, ...)
        One for each input, batch first. None takes those of the model and a batch of
        1: not possible where it leaves an axis open.

    Returns
    -------
    ModelTable
        Of the batch of N. Print it, or read its rows and its sums.

    Raises
    ------
    ValueError
        If the model has no graph, or a shape does not fit or has an unknown axis.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((28, 28, 1))])
    >>> model.add(keras.layers.Conv2D(8, 3, name="conv"))
    >>> model.add(keras.layers.ReLU(name="relu"))
    >>> print(model_table(model))  # doctest: +NORMALIZE_WHITESPACE
    layer kind output trainable fixed multiply-adds field stride start bytes
    conv Conv2D 1 x 26 x 26 x 8 80 0 48,672 3 1 0 21,632
    relu ReLU 1 x 26 x 26 x 8 0 0 0 3 1 0 21,632
    total 80 0 48,672 43,264

    References
    ----------
    Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    2019. <https://doi.org/10.23915/distill.00021>
    """
    graph = _graph(model)
    if graph is None:
        raise ValueError(
            "model must be functional, or sequential and built. "
            f"Received: {type(model).__name__}"
        )
    shapes = shapes or tuple((x.shape[0] or 1, *x.shape[1:]) for x in graph.inputs)
    wanted = [tuple(x.shape) for x in graph.inputs]
    fits = len(shapes) == len(wanted) and all(
        len(shape) == len(want)
        and all(n and m in (n, None) for n, m in zip(shape, want, strict=True))
        for shape, want in zip(shapes, wanted, strict=True)
    )
    if not fits:
        raise ValueError(
            f"shapes must give every axis of {wanted} a size. Received: {shapes}"
        )
    walk = _Walk()
    inputs = [
        keras.KerasTensor(shape, dtype=x.dtype)
        for shape, x in zip(shapes, graph.inputs, strict=True)
    ]
    for x in inputs:
        rank = len(x.shape) - 2
        walk.see(x, ((1, 1, 0),) * rank if rank in (1, 2, 3) else None)
    walk.through(graph, inputs, "")
    return ModelTable(tuple(walk.rows))


def _graph(model: Any) -> Any:
    """Return what can be walked through, or None."""
    if isinstance(model, keras.Sequential):
        return keras.Model(model.inputs, model.outputs) if model.built else None
    is_graph = isinstance(model, keras.Model) and hasattr(model, "_run_through_graph")
    return model if is_graph else None


def inside(op: Any, args: Any, kwargs: Any) -> Any:
    """Return the graph of what a layer of your own calls, or None."""
    if not isinstance(op, keras.Layer) or type(op).__module__.startswith("keras.src."):
        return None
    fresh = {
        id(t): keras.Input(batch_shape=t.shape, dtype=t.dtype)
        for t in _tensors((args, kwargs))
    }
    args, kwargs = keras.tree.map_structure(
        lambda t: fresh.get(id(t), t), (args, kwargs)
    )
    nodes = [(layer, len(layer._inbound_nodes)) for layer in op._flatten_layers()]
    try:
        return keras.Function([*fresh.values()], op.call(*args, **kwargs))
    except Exception:
        # it needs values, not shapes alone
        return None
    finally:
        # the layers inside must not remember the visit
        for layer, n in nodes:
            del layer._inbound_nodes[n:]


class _Walk:
    """Visits every call of a graph in order, with the shapes that it would have."""

    def __init__(self) -> None:
        self.rows: list[LayerRow] = []
        self.counted: set[int] = set()
        # tensors are kept, or the id of one that is gone would be given to another
        self.seen: dict[int, tuple[Any, Field | None]] = {}

    def see(self, tensor: Any, field: Field | None) -> None:
        self.seen[id(tensor)] = tensor, field

    def through(self, graph: Any, inputs: Any, path: str, owner: Any = None) -> Any:
        # what a layer of your own does by itself goes to it, its owner
        def visit(op):
            inner = _graph(op)

            def call(*args, **kwargs):
                if inner is not None:
                    return self.through(inner, args[0], f"{path}{op.name}/")
                if (own := inside(op, args, kwargs)) is not None:
                    mine: list[LayerRow] = []
                    given = [*{id(t): t for t in _tensors((args, kwargs))}.values()]
                    out = self.through(own, given, f"{path}{op.name}/", mine)
                    self.close(op, f"{path}{op.name}", out, mine)
                    return out
                if type(op).__name__ == "EinsumDense":
                    # remembers the batch that it was built for
                    kernel = keras.KerasTensor(op.kernel.shape)
                    out = keras.ops.einsum(op.equation, args[0], kernel)
                else:
                    out = op.compute_output_spec(*args, **kwargs)
                row = self.record(op, f"{path}{op.name}", args, kwargs, out)
                loose = owner is not None and not isinstance(op, keras.Layer)
                (owner if loose else self.rows).append(row)
                return out

            return call

        return graph._run_through_graph(inputs, operation_fn=visit)

    def new(self, weights: list) -> int:
        """Count the numbers of weights that have not been counted."""
        fresh = {id(w): prod(w.shape) for w in weights if id(w) not in self.counted}
        self.counted |= fresh.keys()
        return sum(fresh.values())

    def close(self, op: Any, path: str, out: Any, mine: list[LayerRow]) -> None:
        """Add the row of a layer of your own, if it computes something itself."""
        weights = self.new(op.trainable_weights), self.new(op.non_trainable_weights)
        if mine or any(weights) or not list(op._flatten_layers(include_self=False)):
            [result, *_] = _tensors(out)
            products = sum(row.multiply_adds for row in mine)
            unknown = tuple(sorted({n for row in mine for n in row.not_counted}))
            field = self.seen.get(id(result), (None, None))[1]
            memory, kind = sum(row.memory for row in mine), type(op).__name__
            columns = (*weights, products, unknown, field, memory)
            self.rows.append(LayerRow(path, kind, tuple(result.shape), *columns))

    def record(self, op: Any, path: str, args: Any, kwargs: Any, out: Any) -> LayerRow:
        given, results = _tensors((args, kwargs)), _tensors(out)
        products, kind = _multiply_adds(op, given, results), type(op).__name__
        home = f"{type(op).__module__}.{kind}"
        is_free = FREE.match(home) and not PRODUCTS.search(kind)
        field = self.field(op, home, given, results)
        for result in results:
            self.see(result, field)
        rests = re.search(r"regularization|flatten|reshape|core\.identity", home)
        return LayerRow(
            path,
            kind,
            tuple(results[0].shape),
            self.new(getattr(op, "trainable_weights", [])),
            self.new(getattr(op, "non_trainable_weights", [])),
            products or 0,
            (kind,) if products is None and not is_free else (),
            field,
            0 if rests else prod(results[0].shape) * _size(results[0].dtype),
        )

    def field(self, op: Any, home: str, given: list, results: list) -> Field | None:
        maps = [self.seen[id(t)] for t in given if id(t) in self.seen]
        seen = [(x, field) for x, field in maps if field is not None]
        if not seen or len(seen) < len(maps):
            return None
        (x, field), kind = seen[0], type(op).__name__
        before, after = _places(op, x), _places(op, results[0])
        if kind.startswith(("GlobalM", "GlobalA")):
            return _slid(field, before, 1, 0, 1)
        if kind.startswith("ZeroPadding"):
            edges = [
                edge[0] if isinstance(edge, tuple) else edge for edge in op.padding
            ]
            return _slid(field, 1, 1, edges[: len(field)], 1)
        is_conv = re.fullmatch(r"(Depthwise|Separable)?Conv\dD", kind)
        if is_conv or re.fullmatch(r"(Max|Average)Pooling\dD", kind):
            kernel = op.kernel_size if is_conv else op.pool_size
            dilation = _spread(op.dilation_rate if is_conv else 1, len(field))
            kernel, stride = (
                _spread(kernel, len(field)),
                _spread(op.strides, len(field)),
            )
            spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
            padding = [0] * len(field)
            if op.padding == "causal":
                padding = [spans[0] - 1]
            elif op.padding == "same":
                # the odd pixel goes behind, and none where the stride leaves no need
                padding = [
                    max((m - 1) * s + span - n, 0) // 2
                    for n, m, s, span in zip(before, after, stride, spans, strict=True)
                ]
            return _slid(field, kernel, stride, padding, dilation)
        if KEEPS_PLACES.search(home):
            return _union([(_places(op, t), f) for t, f in seen], after)
        return None


def _tensors(x: Any) -> list:
    return [t for t in keras.tree.flatten(x) if isinstance(t, keras.KerasTensor)]


def _size(dtype: str) -> int:
    bits = re.search(r"\d+", dtype)
    return int(bits[0]) // 8 if bits else 1


def _places(op: Any, x: Any) -> tuple[int, ...]:
    order = getattr(op, "data_format", None) or keras.config.image_data_format()
    return tuple(x.shape[2:] if order == "channels_first" else x.shape[1:-1])


def _multiply_adds(op: Any, given: list, results: list) -> int | None:
    kind = type(op).__name__
    # a class of your own may be called like one of Keras
    if not type(op).__module__.startswith("keras.src.") or not given:
        return None
    x, out = given[0].shape, results[0].shape
    if kind == "Dense":
        return prod(x) * op.units
    if kind == "EinsumDense":
        read, kernel = op.equation.split("->")[0].split(",")
        sizes = dict(zip(kernel, op.kernel.shape, strict=True))
        shared = prod(size for letter, size in sizes.items() if letter in read)
        return prod(x) * prod(op.kernel.shape) // shared
    if re.fullmatch(r"(Depthwise)?Conv\dD", kind):
        return x[0] * prod(_places(op, results[0])) * prod(op.kernel.shape)
    if re.fullmatch(r"Conv\dDTranspose", kind):
        # every place of the input is spread
        return x[0] * prod(_places(op, given[0])) * prod(op.kernel.shape)
    if kind.startswith("SeparableConv"):
        sizes = prod(op.depthwise_kernel.shape) + prod(op.pointwise_kernel.shape)
        return x[0] * prod(_places(op, results[0])) * sizes
    if kind in ("SimpleRNN", "LSTM", "GRU"):
        cell = op.cell
        return (
            x[0] * x[1] * (prod(cell.kernel.shape) + prod(cell.recurrent_kernel.shape))
        )
    if kind == "Bidirectional":
        one_way = _multiply_adds(op.forward_layer, given, results)
        return None if one_way is None else 2 * one_way
    if kind == "MultiHeadAttention":
        # query, value and, if it differs, key
        value = given[1].shape
        key = given[2].shape if len(given) > 2 else value
        of = op.get_config()
        heads, width = of["num_heads"], of["key_dim"]
        deep = of["value_dim"] or width
        into = prod(x) * width + prod(key) * width + prod(value) * deep
        return heads * (
            into + prod(x[:-1]) * (key[1] * (width + deep) + deep * out[-1])
        )
    if kind == "Matmul":
        return prod(out) * x[-1]
    return None


def _spread(option: Any, rank: int) -> list[int]:
    return [option] * rank if isinstance(option, int) else [*option]


def _slid(field: Field, kernel, stride, padding, dilation) -> Field:
    """Let a window slide over what a map sees."""
    options = [_spread(o, len(field)) for o in (kernel, stride, padding, dilation)]
    return tuple(
        (size + (k - 1) * d * jump, jump * s, start - p * jump)
        for (size, jump, start), k, s, p, d in zip(field, *options, strict=True)
    )


def _union(maps: list[tuple[tuple[int, ...], Field]], places) -> Field | None:
    """Join branches: from the first pixel that any sees to the last."""
    # a map of one place is spread over the others
    whole = [field for shape, field in maps if tuple(shape) == tuple(places)]
    spread = [field for shape, field in maps if set(shape) == {1}]
    if len({*whole, *spread}) == 0 or len(whole) + len(spread) < len(maps) or not whole:
        return None
    axes = []
    for axis, (_, jump, _) in enumerate(whole[0]):
        ends = [(f[axis][2], f[axis][2] + f[axis][0]) for f in (*whole, *spread)]
        if any(f[axis][1] != jump for f in whole):
            return None
        first = min(first for first, _ in ends)
        axes.append((max(last for _, last in ends) - first, jump, first))
    return tuple(axes)
