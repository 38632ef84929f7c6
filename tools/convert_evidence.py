"""Move random weights both ways, row after row; write how far the outputs are apart.

`python -m tools.convert_evidence` writes `docs/evidence/convert.json`.
"""

from __future__ import annotations

import importlib
import json
from typing import Any

import numpy as np
from torch import nn

from tools.places import ROOT

FILE = ROOT / "docs" / "evidence" / "convert.json"


class Last(nn.Module):
    """What a recurrent layer says after the last step, for a `Sequential`."""

    def __init__(self, rnn: nn.RNNBase) -> None:
        super().__init__()
        self.rnn = rnn

    def forward(self, x: Any) -> Any:
        """Return the last step, (N, C)."""
        return self.rnn(x)[0][:, -1]


def recipe(wing: str) -> Any:
    """Return the converter of a wing."""
    return importlib.import_module(f"dlcookbook.{wing}.convert.weights").import_weights


def pair(row: Any, seed: int = 0) -> tuple[Any, Any]:
    """Return the two layers of a row, built, each with random weights of its own."""
    import keras
    import torch

    torch.manual_seed(seed)
    keras.utils.set_random_seed(seed)
    names = {"nn": nn, "torch": torch, "keras": keras, "Last": Last}
    module, layer = eval(row.torch, names), eval(row.keras, names)
    shape = eval(row.keras_input)
    if isinstance(layer, keras.layers.MultiHeadAttention):
        layer.build(shape, shape)
    elif not layer.built:
        layer.build((None, *shape[1:]))
    return shaken(module.eval(), seed), shaken(layer, seed + 1)


def shaken(model: Any, seed: int) -> Any:
    """Give every weight and every statistic random values, so that none can hide."""
    import keras
    import torch

    rng = np.random.default_rng(seed)
    # with torch as backend a layer of Keras is a module too
    if not isinstance(model, keras.Layer):
        found = {k: v for k, v in model.state_dict().items() if v.is_floating_point()}
        arrays = {name: noise(rng, name, tuple(v.shape)) for name, v in found.items()}
        model.load_state_dict(
            {name: torch.tensor(array) for name, array in arrays.items()}, strict=False
        )
    else:
        for variable in model.weights:
            variable.assign(noise(rng, variable.name, tuple(variable.shape)))
    return model


def noise(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return random values, positive for a variance."""
    if "var" in name:
        return rng.uniform(0.5, 2, shape).astype("float32")
    return rng.normal(0, 0.4, shape).astype("float32")


def inputs(row: Any, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the same batch in the layout of either framework."""
    rng = np.random.default_rng(seed)
    shape, other = eval(row.torch_input), eval(row.keras_input)
    if "Embedding" in row.torch:
        x = rng.integers(0, 50, shape)
        return x, x
    x = rng.normal(size=shape).astype("float32")
    return x, np.moveaxis(x, 1, -1) if shape != other else x


def outputs(row: Any, module: Any, layer: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return what both say to the same batch, in the layout of Keras."""
    import keras
    import torch

    x, moved = inputs(row)
    batch = torch.from_numpy(x)
    attends = isinstance(module, nn.MultiheadAttention)
    with torch.no_grad():
        said = module(batch, batch, batch) if attends else module(batch)
        if isinstance(said, tuple):
            said = said[0]
    ours = np.asarray(said)
    theirs = layer(moved, moved) if attends else layer(moved, training=False)
    if moved is not x and ours.ndim > 2:
        ours = np.moveaxis(ours, 1, -1)
    return ours, keras.ops.convert_to_numpy(theirs)


def apart(row: Any, module: Any, layer: Any) -> float:
    """Return the largest difference over the largest output."""
    ours, theirs = outputs(row, module, layer)
    if ours.shape != theirs.shape or not np.isfinite(ours).all():
        raise ValueError(f"{row.torch} gives {ours.shape}, {row.keras} {theirs.shape}")
    return float(np.abs(ours - theirs).max() / np.abs(ours).max())


def arrays(layer: Any) -> dict[str, np.ndarray]:
    """Return the weights of Keras by their paths."""
    return {w.path: w.numpy() for w in layer.weights}


def moved(row: Any, target: str) -> dict[str, float]:
    """Return how far the outputs are apart, before and after one conversion."""
    module, layer = pair(row)
    before = apart(row, module, layer)
    if target == "keras":
        recipe("keras")(layer, module.state_dict())
    else:
        recipe("torch")(module, arrays(layer))
    return {"before": before, "after": apart(row, module, layer)}


def measure() -> dict[str, dict[str, dict[str, float]]]:
    """Return it for each row and both directions."""
    from dlcookbook.sheet.converting import ROWS

    return {row.slug: {to: moved(row, to) for to in ("keras", "torch")} for row in ROWS}


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(measure(), indent=1) + "\n", encoding="utf-8")
    print(f"wrote {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
