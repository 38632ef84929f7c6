"""What goes wrong with trained weights, without an error. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def features_in_training_mode():
    """Features computed twice of one picture, the base in training mode: how far apart.

    Dropout draws anew, and batch norm takes the batch's own mean. `eval()` before the
    base is asked, also when nothing of it is trained.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    base = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.Dropout(0.5))
    picture, others = torch.randn(1, 8), torch.randn(2, 7, 8)
    apart = []
    with torch.no_grad():
        for mode in (True, False):
            base.train(mode)
            one, two = (base(torch.cat([picture, batch]))[0] for batch in others)
            apart.append(float((one - two).abs().max()))
    wrong, right = apart
    return Shown(wrong, right)


def resnet50_of_pictures_from_0_to_1():
    """Pictures divided by 255, then given to ResNet50 of Keras: their contrast.

    Its `preprocess_input` wants 0 to 255: it takes the mean of ImageNet off and swaps
    red and blue, it does not divide. Every picture is nearly black
    then. Other families want other things: the table above.
    """
    import keras
    import numpy as np

    pictures = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 3))
    prepare = keras.applications.resnet50.preprocess_input
    wrong = float(prepare(pictures / 255)[..., 0].std())
    right = float(prepare(pictures.copy())[..., 0].std())
    return Shown(wrong, right, "factor", factor=1 / 255)


def unfrozen_after_the_optimizer_was_made():
    """The base set free after the optimizer was made: how far its weights move.

    The optimizer was given the trainable weights of that moment: the head. Make a new
    one, or give it the base with `add_param_group`.
    """
    import torch
    from torch import nn

    moved = []
    for anew in (False, True):
        torch.manual_seed(0)
        base, head = nn.Linear(4, 4).requires_grad_(False), nn.Linear(4, 1)
        model = nn.Sequential(base, head)
        free = [weight for weight in model.parameters() if weight.requires_grad]
        optimizer = torch.optim.SGD(free, lr=0.1)
        base.requires_grad_(True)
        if anew:
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        before = base.weight.detach().clone()
        model(torch.ones(1, 4)).sum().backward()
        optimizer.step()
        moved.append(float((base.weight - before).detach().abs().max()))
    wrong, right = moved
    return Shown(wrong, right, "vanishes")


def keras_frozen_after_compile():
    """The base frozen in Keras after `compile`: how far its answers still move.

    `fit` goes on with the step that it has made. After every change of `trainable`,
    `compile` again.
    """
    import keras
    import numpy as np
    from keras import ops

    x, y = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")
    moved = []
    for again in (False, True):
        keras.utils.set_random_seed(0)
        base = keras.layers.Dense(4)
        model = keras.Sequential([keras.Input((3,)), base, keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        model.train_on_batch(x, y)
        base.trainable = False
        if again:
            model.compile(keras.optimizers.SGD(0.1), "mse")
        before = base(x)
        model.train_on_batch(x, y)
        moved.append(float(ops.max(ops.abs(base(x) - before))))
    wrong, right = moved
    return Shown(wrong, right)
