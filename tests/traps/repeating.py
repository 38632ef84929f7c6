"""What goes wrong with chance. The page prints each body as a snippet that runs."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def a_seed_after_the_model():
    """A seed that comes after the model: two starts differ (1), or do not (0).

    The weights are drawn when the layer is made.
    """
    import torch

    torch.seed()
    starts = []
    for _ in range(2):
        model = torch.nn.Linear(4, 3)
        torch.manual_seed(0)
        starts.append(model.weight.detach().clone())
        torch.seed()
    wrong = float((starts[0] - starts[1]).abs().max() > 0)

    starts = []
    for _ in range(2):
        torch.manual_seed(0)
        starts.append(torch.nn.Linear(4, 3).weight.detach())
    right = float((starts[0] - starts[1]).abs().max() > 0)
    return Shown(wrong, right)


def two_layers_with_one_seed():
    """Two layers of Keras with `seed=0` each: the correlation of their weights.

    An initializer with a number for a seed draws the same every time. Give it none, and
    call `keras.utils.set_random_seed`.
    """
    import keras
    import numpy as np

    def correlation(**kwargs):
        kernels = []
        for _ in range(2):
            layer = keras.layers.Dense(
                8, kernel_initializer=keras.initializers.GlorotUniform(**kwargs)
            )
            layer.build((None, 8))
            kernels.append(keras.ops.convert_to_numpy(layer.kernel).ravel())
        return float(np.corrcoef(*kernels)[0, 1])

    keras.utils.set_random_seed(1)
    wrong, right = correlation(seed=0), correlation()
    return Shown(wrong, right)


def a_draw_more_moves_the_order():
    """One random number more before the epoch: the share of examples in their place.

    Without a generator the loader draws its seed from the state that everything shares.
    """
    import torch

    data = list(range(100))

    def order(generator, draws):
        torch.manual_seed(0)
        torch.rand(draws)
        loader = torch.utils.data.DataLoader(data, shuffle=True, generator=generator)
        return torch.cat(list(loader))

    shares = []
    for seed in (None, 0):
        both = [
            order(None if seed is None else torch.Generator().manual_seed(seed), draws)
            for draws in (0, 1)
        ]
        shares.append(float((both[0] == both[1]).float().mean()))
    wrong, right = shares
    return Shown(wrong, right)


def classes_from_a_set():
    """Classes numbered in the order of a `set`: the share that keeps its number.

    Python orders text anew in every process. Sort the names first.
    """
    import os
    import subprocess
    import sys

    def numbered(names, process):
        code = f"print(list({names}))"
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": process},
            capture_output=True,
            text=True,
            check=True,
        )
        return eval(ran.stdout)

    names = "{f'class {n}' for n in range(50)}"
    shares = []
    for source in (names, f"sorted({names})"):
        one, two = (numbered(source, process) for process in ("1", "2"))
        shares.append(sum(a == b for a, b in zip(one, two, strict=True)) / 50)
    wrong, right = shares
    return Shown(wrong, right)


def a_generator_copied_to_every_worker():
    """A NumPy generator made in `__init__`: the share of draws that are not repeats.

    Every worker gets a copy of the data set, and of its generator: all copies draw the
    same. Use torch's own functions there, which each worker seeds for itself.
    """
    import copy

    import numpy as np

    class Noisy:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def __getitem__(self, index):
            return float(self.rng.normal())

    data = Noisy()
    # what two workers receive
    workers = [copy.deepcopy(data) for _ in range(2)]
    drawn = [worker[index] for worker in workers for index in range(50)]
    wrong = len(set(drawn)) / len(drawn)
    drawn = [data[index] for index in range(100)]
    right = len(set(drawn)) / len(drawn)
    return Shown(wrong, right)
