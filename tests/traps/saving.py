"""What goes wrong with files. The page prints each body as a snippet that runs."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def a_state_dict_is_no_copy():
    """The best weights kept as a `state_dict`: how far the model has moved from them.

    It holds the weights themselves, and they go on learning. Keep a
    `copy.deepcopy(model.state_dict())`, or write the file at once.
    """
    import copy

    import torch

    torch.manual_seed(0)
    model = torch.nn.Linear(4, 1)
    best, kept = model.state_dict(), copy.deepcopy(model.state_dict())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        model(torch.ones(1, 4)).square().sum().backward()
        optimizer.step()
    wrong = float((model.weight - best["weight"]).detach().norm())
    right = float((model.weight - kept["weight"]).detach().norm())
    return Shown(wrong, right, "vanishes")


def strict_false_loads_nothing():
    """`strict=False` with names that have a prefix: the share of weights that was read.

    `DataParallel`, `DistributedDataParallel` and `torch.compile` put `module.` or
    `_orig_mod.` in front of every name. Nothing fits then, nothing is read, nothing is
    said. Take the prefix off and leave `strict` alone.
    """
    import torch

    torch.manual_seed(0)
    trained, model = torch.nn.Linear(4, 3), torch.nn.Linear(4, 3)
    found = {f"module.{name}": w for name, w in trained.state_dict().items()}
    model.load_state_dict(found, strict=False)
    wrong = float((model.weight == trained.weight).float().mean())
    model.load_state_dict({n.removeprefix("module."): w for n, w in found.items()})
    right = float((model.weight == trained.weight).float().mean())
    return Shown(wrong, right, "vanishes")


def keras_weights_go_by_position():
    """Weights read by a model with the layers in another order: the largest in `first`.

    `load_weights` goes by kind and position of the layers, not by their names. Both
    layers are 4 x 4, so that nothing is refused: `first` gets what `second` learned.
    """
    import tempfile

    import keras
    import numpy as np

    def model(*names):
        layers = [keras.layers.Dense(4, use_bias=False, name=name) for name in names]
        return keras.Sequential([keras.Input((4,)), *layers])

    trained, other = model("first", "second"), model("second", "first")
    weights = {"first": np.diag([1.0, 0, 0, 0]), "second": np.full((4, 4), 2.0)}
    for layer in trained.layers:
        layer.set_weights([weights[layer.name]])
    with tempfile.TemporaryDirectory() as folder:
        trained.save_weights(f"{folder}/model.weights.h5")
        other.load_weights(f"{folder}/model.weights.h5")
    wrong = float(keras.ops.max(other.get_layer("first").kernel))
    right = float(weights["first"].max())
    return Shown(wrong, right)


def a_new_optimizer_forgets():
    """A run that goes on with a new optimizer: how far it ends from one without a stop.

    Adam remembers two numbers per weight. Without them the next steps are as long as
    the rate allows: here a run of 40 steps stops after 20, beside one that does not.
    Keep the optimizer's `state_dict` too.
    """
    import copy

    import torch

    def train(model, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            (model(x) - y).square().mean().backward()
            optimizer.step()

    torch.manual_seed(0)
    x = torch.randn(32, 4)
    y = x.sum(1, keepdim=True)
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    train(model, optimizer, 20)
    stopped, state = copy.deepcopy(model), copy.deepcopy(optimizer.state_dict())
    train(model, optimizer, 20)

    apart = []
    for remembers in (False, True):
        again = copy.deepcopy(stopped)
        optimizer = torch.optim.Adam(again.parameters(), lr=0.1)
        if remembers:
            optimizer.load_state_dict(state)
        train(again, optimizer, 20)
        apart.append(float((again.weight - model.weight).detach().norm()))
    wrong, right = apart
    return Shown(wrong, right)


def exported_while_training():
    """A model exported in training mode: how far two answers to one input are apart.

    The mode is frozen into the program: dropout goes on dropping wherever it is read.
    Call `model.eval()` before the export.
    """
    import torch

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Dropout(0.5))
    x = torch.ones(1, 8)
    apart = []
    for training in (True, False):
        program = torch.export.export(model.train(training), (x,)).module()
        apart.append(float((program(x) - program(x)).detach().abs().max()))
    wrong, right = apart
    return Shown(wrong, right)
