"""Table of a model: shapes, parameters, multiply-adds, receptive field, memory."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = ["LayerRow", "ModelTable", "model_table"]

# (size, stride, start) along each axis
Field = tuple[tuple[int, int, int], ...]
SUMS = ("trainable", "fixed", "multiply_adds", "memory")
COUNTS = (*SUMS, "computes")
# what moves, compares or averages numbers and multiplies none by a weight
FREE = re.compile(
    r"norm|pool|softmax|pad|upsample|embedding|split|chunk|cat|stack|mean|sum|max|min"
    r"|clone|copy|view|index|gather|scatter|select|fill|where|transpose|repeat|flip"
    r"|roll|sort|topk|empty|zeros|ones|full|any|all|one_hot|shuffle|detach|alias|var"
)
KEEPS_PLACES = re.compile(
    r"batch_norm|group_norm|layer_norm|clone|copy|cat$|view|alias"
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
        Bytes of the outputs, for the whole batch; a view or a change in place has none.

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
        The calls. A container has a row if it computes something itself.

    Examples
    --------
    >>> table = model_table(nn.Conv2d(1, 8, 3, padding=1), (1, 1, 28, 28))
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


def model_table(model: nn.Module, *inputs: Tensor | tuple[int, ...]) -> ModelTable:
    r"""Table of a model, from watching the operations of one forward pass.

    Every tensor operation is seen, in a layer or in a `forward` of your own. Counted
    are convolutions, $n_\mathrm{out} \cdot k^d \, C_\mathrm{in} / \mathrm{groups}$,
    matrix products and attention; sums, norms, activations and pooling count 0. An
    operation that is neither is named in the table. A layer that is called twice has
    two rows, and its weights in the first.

    Parameters
    ----------
    model : nn.Module
        In any mode: it is watched in evaluation mode, and left as it was.
    *inputs : Tensor or tuple of int, shape (N, ...)
        What `forward` takes: examples, or shapes, batch first. For shapes nothing is
        computed or allocated: all happens on the device "meta", which knows no values.

    Returns
    -------
    ModelTable
        Of the batch of N. Print it, or read its rows and its sums.

    Raises
    ------
    ValueError
        If there is neither an example nor a shape, a shape has an unknown axis, or
        `forward` fails.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2))
    >>> print(model_table(model, (1, 1, 28, 28)))  # doctest: +NORMALIZE_WHITESPACE
    layer kind output trainable fixed multiply-adds field stride start bytes
    0 Conv2d 1 x 8 x 26 x 26 80 0 48,672 3 1 0 21,632
    1 ReLU 1 x 8 x 26 x 26 0 0 0 3 1 0 21,632
    2 MaxPool2d 1 x 8 x 13 x 13 0 0 0 4 2 0 5,408
    total 80 0 48,672 48,672

    References
    ----------
    Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    2019. <https://doi.org/10.23915/distill.00021>
    """
    if not inputs:
        raise ValueError("inputs must hold an example or a shape. Received: nothing")
    for shape in (x for x in inputs if not isinstance(x, Tensor)):
        if not all(isinstance(n, int) and n > 0 for n in shape):
            raise ValueError(f"inputs need a size for every axis. Received: {shape}")
    dtype = next((p.dtype for p in model.parameters()), torch.float32)
    examples = tuple(
        x.detach()
        if isinstance(x, Tensor)
        else torch.empty(x, dtype=dtype, device="meta")
        for x in inputs
    )
    named = [*model.named_parameters(), *model.named_buffers()]
    if any(x.is_meta for x in examples):
        # nothing is computed, and no layer takes a way of its own on some device
        named = [(name, weight.to("meta")) for name, weight in named]
    watch = _Watch(named, {n for n, p in model.named_parameters() if p.requires_grad})
    for x in examples:
        watch.see(x, ((1, 1, 0),) * (x.ndim - 2) if x.ndim in (3, 4, 5) else None)
    try:
        with _watched(model, watch), torch.no_grad(), watch:
            functional_call(model, dict(named), examples)
    except RuntimeError as error:
        shapes = ", ".join(str(tuple(x.shape)) for x in examples)
        raise ValueError(
            f"inputs do not go through {watch.place()}: {error}. Received: {shapes}"
        ) from error
    return ModelTable((*watch.rows, *watch.unused(model)))


class _Watch(TorchDispatchMode):
    """Adds every tensor operation up in the row of the module that runs it."""

    def __init__(self, named: list[tuple[str, Tensor]], trainable: set[str]) -> None:
        super().__init__()
        self.weights = {
            id(t): (name, "trainable" if name in trainable else "fixed", t.numel())
            for name, t in named
            if t.is_floating_point()
        }
        self.rows: list[LayerRow] = []
        self.open: list[dict[str, Any]] = []
        # tensors are kept, or the id of one that is gone would be given to another
        self.seen: dict[int, tuple[Tensor, Field | None]] = {}

    def see(self, tensor: Tensor, field: Field | None) -> None:
        self.seen[id(tensor)] = tensor, field

    def place(self) -> str:
        return repr(self.open[-1]["path"] if self.open else "") + " of the model"

    def begin(self, path: str) -> None:
        self.open.append({"path": path, "not_counted": (), **dict.fromkeys(COUNTS, 0)})

    def end(self, module: nn.Module, output: object) -> None:
        counts = self.open.pop()
        tensor = next(_tensors(output), None)
        if counts["computes"] or not [*module.children()]:
            shape = () if tensor is None else tuple(tensor.shape)
            field = self.seen.get(id(tensor), (None, None))[1]
            columns = {c: counts[c] for c in ("path", "not_counted", *SUMS)}
            kind = type(module).__name__
            row = LayerRow(kind=kind, shape=shape, field=field, **columns)
            self.rows.append(row)

    def unused(self, model: nn.Module) -> Iterator[LayerRow]:
        left: dict[str, Counter[str]] = {}
        for name, column, size in self.weights.values():
            left.setdefault(name.rpartition(".")[0], Counter())[column] += size
        for path, sums in left.items():
            kind = type(model.get_submodule(path)).__name__
            weights = sums["trainable"], sums["fixed"]
            yield LayerRow(path, kind, (), *weights, 0, (), None, 0)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        name, given = func.overloadpacket.__name__, [*_tensors((args, kwargs or {}))]
        results = [*_tensors(out)]
        # a view or a change in place; two of the views do not say so
        shares = any(r.alias_info for r in func._schema.returns) or "unsafe_" in name
        row = self.open[-1]
        for tensor in given:
            if found := self.weights.pop(id(tensor), None):
                row[found[1]] += found[2]
                row["computes"] += 1
        products = _multiply_adds(name, args, results)
        if products is None:
            products = 0
            is_free = shares or torch.Tag.pointwise in func.tags or FREE.search(name)
            if given and not is_free:
                row["not_counted"] = tuple({*row["not_counted"], name})
        row["multiply_adds"] += products
        row["computes"] += not func.is_view
        if not shares and results:
            row["memory"] += results[0].numel() * results[0].itemsize
        # what comes of weights alone has no field, and takes none from others
        if any(id(tensor) in self.seen for tensor in given):
            field = self._field(func, name, args, given, results)
            for result in results:
                self.see(result, field)
        return out

    def _field(self, func, name, args, given, results) -> Field | None:
        maps = [self.seen[id(t)] for t in given if id(t) in self.seen]
        seen = [(x, field) for x, field in maps if field is not None]
        if not results or not seen or len(seen) < len(maps):
            return None
        x, field = seen[0]
        rank = len(field)
        places = results[0].shape[-rank:]
        if name == "convolution":
            stride, padding, dilation, transposed = args[3:7]
            kernel = given[1].shape[2:]
            return (
                None if transposed else _slid(field, kernel, stride, padding, dilation)
            )
        if re.fullmatch(r"(max|avg)_pool\dd(_with_indices)?", name):
            kernel, stride, padding, dilation = (
                args[at] if len(args) > at else default
                for at, default in ((1, 1), (2, None), (3, 0), (4, 1))
            )
            dilation = dilation if "max" in name else 1
            return _slid(field, kernel, stride or kernel, padding, dilation)
        if "adaptive" in name:
            if any(n % m for n, m in zip(x.shape[-rank:], places, strict=True)):
                return None
            window = [n // m for n, m in zip(x.shape[-rank:], places, strict=True)]
            return _slid(field, window, window, 0, 1)
        if name in ("mean", "sum", "amax"):
            axes = {axis % x.ndim for axis in args[1]} if len(args) > 1 else set()
            if axes == set(range(2, x.ndim)):
                return _slid(field, x.shape[2:], 1, 0, 1)
            return field if axes == {1} and results[0].ndim == x.ndim else None
        if name.endswith("pad_nd") or re.search(r"_pad\dd", name):
            before = [*args[1][::2], *[0] * rank][:rank][::-1]
            return _slid(field, 1, 1, before, 1)
        if torch.Tag.pointwise in func.tags or KEEPS_PLACES.search(name):
            return _union([(t.shape[-rank:], f) for t, f in seen], places)
        return None


@contextmanager
def _watched(model: nn.Module, watch: _Watch) -> Iterator[None]:
    modes = {module: module.training for module in model.modules()}
    fused = torch.backends.mha.get_fastpath_enabled()
    with ExitStack() as stack:
        stack.callback(torch.backends.mha.set_fastpath_enabled, fused)
        torch.backends.mha.set_fastpath_enabled(False)
        for path, module in model.named_modules():
            stack.callback(setattr, module, "training", modes[module])
            module.training = False
            hook = module.register_forward_pre_hook(
                lambda module, _, path=path: watch.begin(path)
            )
            stack.callback(hook.remove)
            hook = module.register_forward_hook(
                lambda module, _, output: watch.end(module, output)
            )
            stack.callback(hook.remove)
        yield


def _tensors(x: Any) -> Iterator[Tensor]:
    if isinstance(x, Tensor):
        yield x
    elif isinstance(x, dict):
        yield from _tensors([*x.values()])
    elif isinstance(x, list | tuple):
        for part in x:
            yield from _tensors(part)


def _multiply_adds(name: str, args: tuple, out: list[Tensor]) -> int | None:
    if name == "convolution":
        x, weight, transposed = args[0], args[1], args[6]
        # a transposed one spreads every place of its input
        return len(x) * prod((x if transposed else out[0]).shape[2:]) * weight.numel()
    if re.fullmatch(r"_?(add|badd)?b?mm(_activation)?|mv|addmv|dot", name):
        a, b = [x for x in args if isinstance(x, Tensor)][-2:]
        return a.numel() * (b.shape[-1] if b.ndim > 1 else 1)
    if "scaled_dot_product" in name:
        query, key, value = args[:3]
        return query.numel() * key.shape[-2] + out[0].numel() * value.shape[-2]
    return None


def _slid(field: Field, kernel, stride, padding, dilation) -> Field:
    """Let a window slide over what a map sees."""

    def spread(option):
        option = [option] if isinstance(option, int) else [*option]
        return option * len(field) if len(option) == 1 else option

    options = zip(field, *map(spread, (kernel, stride, padding, dilation)), strict=True)
    return tuple(
        (size + (k - 1) * d * jump, jump * s, start - p * jump)
        for (size, jump, start), k, s, p, d in options
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
