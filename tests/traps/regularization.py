"""What goes wrong with regularization. The page prints each body as a snippet."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def min_delta_swallows_the_loss():
    """A `min_delta` of 0.01, and a loss that falls by 0.004 an epoch: it stops.

    Three such epochs are better by 0.012, but a patience of 2 does not wait for the
    third. The number of epochs trained, of 50. Let patience times the usual fall be
    more than `min_delta`, or leave it at 0.
    """
    import keras

    trained = []
    for min_delta in (0.01, 0.0):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(loss="mse")
        stopping = keras.callbacks.EarlyStopping(
            "val_loss", min_delta=min_delta, patience=2
        )
        stopping.set_model(model)
        stopping.on_train_begin()
        for epoch in range(50):
            stopping.on_epoch_end(epoch, {"val_loss": 1 - 0.004 * epoch})
            if model.stop_training:
                break
        trained.append(epoch + 1)
    wrong, right = trained
    return Shown(wrong, right)


def l2_of_keras_is_twice_weight_decay():
    """`L2(0.01)` is not `weight_decay=0.01`: it pulls twice as hard.

    Keras adds 0.01 times the square, whose slope is 0.02 w; PyTorch's SGD adds 0.01 w
    to the slope. Both weights start at 1 and take one step at a rate of 1.
    """
    import keras
    import numpy as np
    import torch

    layer = keras.layers.Dense(
        1, kernel_regularizer=keras.regularizers.L2(0.01), kernel_initializer="ones"
    )
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))
    weight = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0, weight_decay=0.01)
    weight.grad = torch.zeros(1)
    optimizer.step()
    wrong = 100 * (1 - layer.get_weights()[0].item())
    right = 100 * (1 - weight.item())
    return Shown(wrong, right, "factor", 2.0)


def losses_of_a_model_are_dropped():
    """A loop of your own in Keras: the regularizers of the layers are left out.

    They wait in `model.losses`, and only `fit` adds them. In a loop of your own:
    `loss + sum(model.losses)`.
    """
    import keras
    import numpy as np

    layer = keras.layers.Dense(1, kernel_regularizer="l2", kernel_initializer="ones")
    model = keras.Sequential([keras.Input((100,)), layer])
    x, y = np.ones((8, 100)), np.full((8, 1), 100.0)
    loss = keras.losses.MeanSquaredError()(y, model(x))
    wrong = float(loss)
    right = float(loss + sum(model.losses))
    return Shown(wrong, right, "vanishes")


def l1_by_its_slope_gives_no_zeros():
    """L1 in the loss: the number of weights that are exactly 0, of 90 useless ones.

    The slope of |w| is 1 on one side of 0 and -1 on the other, and a step jumps over
    it. Shrinking after the step gives zeros.
    """
    import torch
    from torch import nn

    from dlcookbook.torch.regularization.penalty import penalty, shrink_

    zeros = []
    for is_exact in (False, True):
        torch.manual_seed(0)
        x = torch.randn(200, 100)
        y = x[:, :10].sum(dim=1, keepdim=True)
        model = nn.Linear(100, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        for _ in range(300):
            loss = ((model(x) - y) ** 2).mean()
            if not is_exact:
                loss = loss + penalty(model, l1=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if is_exact:
                shrink_(model, 0.05 * 0.1)
        zeros.append((model.weight[0, 10:] == 0).sum().item())
    wrong, right = zeros
    return Shown(wrong, right, "vanishes")


def biases_in_the_penalty():
    """`weight_decay` on all parameters: the offset of the targets is not reached.

    All targets are 5. The bias alone could say so, and is held back. A group of its own
    without decay, or a penalty on weights of two axes.
    """
    import torch
    from torch import nn

    said = []
    for is_apart in (False, True):
        model = nn.Linear(3, 1)
        groups = [
            {"params": [model.weight], "weight_decay": 0.5},
            {"params": [model.bias], "weight_decay": 0.0 if is_apart else 0.5},
        ]
        optimizer = torch.optim.SGD(groups, lr=0.1)
        for _ in range(200):
            optimizer.zero_grad()
            ((model(torch.zeros(8, 3)) - 5) ** 2).mean().backward()
            optimizer.step()
        said.append(model.bias.item())
    wrong, right = said
    return Shown(wrong, right)


def tensorflow_soft_shrink_hides_a_nan():
    """`ops.soft_shrink` of NaN on TensorFlow: how many NaN are left of three.

    The training has failed, and the weights say 0; PyTorch's `F.softshrink` keeps
    them. So does taking off what is within the band.
    """
    from keras import ops

    weight = ops.convert_to_tensor([1.0, float("nan"), float("nan"), float("nan")])
    wrong = int(ops.sum(ops.isnan(ops.soft_shrink(weight, 0.1))))
    right = int(ops.sum(ops.isnan(weight - ops.clip(weight, -0.1, 0.1))))
    return Shown(wrong, right, "vanishes")


def orthogonal_rows_are_inputs():
    """`OrthogonalRegularizer()` on a dense layer of two equal units: no penalty.

    Its rows are those of the kernel, which are the inputs. The units are the columns:
    `mode="columns"`. Times 100 here.
    """
    import keras

    kernel = keras.ops.convert_to_tensor([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    orthogonal = keras.regularizers.OrthogonalRegularizer
    wrong = 100 * float(orthogonal(0.01)(kernel))
    right = 100 * float(orthogonal(0.01, mode="columns")(kernel))
    return Shown(wrong, right, "vanishes")


def max_norm_of_a_convolution():
    """`MaxNorm(1.0)` on a convolution: the norm of a filter is still above 1.

    Its axis is 0, the rows of the filter. All axes but the last: `axis=(0, 1, 2)`.
    """
    import keras

    kernel = keras.ops.ones((3, 3, 16, 1))
    norms = []
    for axis in (0, (0, 1, 2)):
        bound = keras.constraints.MaxNorm(1.0, axis=axis)
        norms.append(float(keras.ops.norm(keras.ops.reshape(bound(kernel), (-1,)))))
    wrong, right = norms
    return Shown(wrong, right)


def renorm_of_the_other_axis():
    """`torch.renorm(..., dim=1)` on a linear layer: the norm of a unit, bound to 1.

    Its `dim` is the axis that stays, not the one that is summed over, as everywhere
    else. Units are the first axis: `dim=0`.
    """
    import torch

    weight = torch.ones(8, 4)
    wrong = torch.renorm(weight, p=2, dim=1, maxnorm=1.0)[0].norm().item()
    right = torch.renorm(weight, p=2, dim=0, maxnorm=1.0)[0].norm().item()
    return Shown(wrong, right)


def functional_dropout_in_inference():
    """`F.dropout(x)` drops in inference too: the spread of one and the same answer.

    Its `training` is True if nothing is said, and it does not know of `eval()`. Hand it
    `self.training`, or take `nn.Dropout`.
    """
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Model(nn.Module):
        def __init__(self, told):
            super().__init__()
            self.told = told

        def forward(self, x):
            options = {"training": self.training} if self.told else {}
            return F.dropout(x, 0.5, **options).mean()

    torch.manual_seed(0)
    spreads = []
    for told in (False, True):
        model = Model(told).eval()
        answers = torch.stack([model(torch.ones(16)) for _ in range(100)])
        spreads.append(answers.std().item())
    wrong, right = spreads
    return Shown(wrong, right)


def keras_dropout_in_a_loop_of_ones_own():
    """`model(x)` in a training loop of your own in Keras: no value is dropped.

    Called from outside, a layer takes itself to be in inference; only `fit` says
    otherwise. `model(x, training=True)`.
    """
    import keras

    drop = keras.layers.Dropout(0.5, seed=0)
    model = keras.Sequential([keras.Input((1000,)), drop])
    x = keras.ops.ones((1, 1000))
    shares = []
    for options in ({}, {"training": True}):
        dropped = keras.ops.equal(model(x, **options), 0)
        shares.append(float(keras.ops.mean(keras.ops.cast(dropped, "float32"))))
    wrong, right = shares
    return Shown(wrong, right, "vanishes")


def dropout_of_one_lstm():
    """`nn.LSTM(dropout=0.5)` of one layer: two passes differ by nothing.

    It is between stacked layers, and there is none. PyTorch warns, once. What acts on
    inputs and states is the recipe, or `layers.LSTM(recurrent_dropout=...)`.
    """
    import warnings

    import torch
    from torch import nn

    from dlcookbook.torch.regularization.variational_dropout import VariationalLSTM

    torch.manual_seed(0)
    x = torch.randn(4, 6, 8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = nn.LSTM(8, 16, batch_first=True, dropout=0.5)
    ours = VariationalLSTM(8, 16, recurrent_dropout=0.5)
    differences = []
    for model in (plain, ours):
        model.train()
        differences.append((model(x)[0] - model(x)[0]).abs().max().item())
    wrong, right = differences
    return Shown(wrong, right, "vanishes")


def dropout1d_of_time_steps():
    """`nn.Dropout1d` on (N, T, C): whole steps of time vanish, in place of features.

    It drops the second axis, which is C in PyTorch's own order (N, C, T). The share of
    steps of which nothing is left.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    x, drop = torch.ones(50, 20, 8), nn.Dropout1d(0.5)
    wrong = (drop(x) == 0).all(dim=2).float().mean().item()
    swapped = drop(x.transpose(1, 2)).transpose(1, 2)
    right = (swapped == 0).all(dim=2).float().mean().item()
    return Shown(wrong, right)


def noise_in_the_unit_of_the_pixels():
    """`GaussianNoise(0.1)` on pixels from 0 to 255: the noise as a share of the range.

    The deviation has the unit of the input. Scale first.
    """
    import keras

    keras.utils.set_random_seed(0)
    noise = keras.layers.GaussianNoise(0.1)
    pixels = keras.ops.full((1, 10_000), 128.0)
    added = noise(pixels, training=True) - pixels
    wrong = float(keras.ops.std(added)) / 255
    added = noise(pixels / 255, training=True) - pixels / 255
    right = float(keras.ops.std(added))
    return Shown(wrong, right)


def smoothed_loss_is_not_the_loss():
    """With label smoothing in training alone, the two losses cannot be compared.

    The same model and the same data: the training loss stands above the validation
    loss, and never comes near 0. Watch the loss without smoothing, on both.
    """
    import torch
    from torch.nn import functional as F

    logits, labels = 6 * torch.eye(10), torch.arange(10)
    wrong = F.cross_entropy(logits, labels, label_smoothing=0.1).item()
    right = F.cross_entropy(logits, labels).item()
    return Shown(wrong, right)


def training_true_moves_the_batch_norm():
    """`model(x, training=True)` for dropout in use: the batch norm learns from it.

    And it normalises by this batch, not by what was learnt: one shifted batch moves
    its mean for good. The recipe `monte_carlo` keeps it in inference.
    """
    import keras
    import numpy as np

    from dlcookbook.keras.regularization.mc_dropout import monte_carlo

    means = []
    for is_recipe in (False, True):
        norm = keras.layers.BatchNormalization()
        model = keras.Sequential([keras.Input((4,)), norm, keras.layers.Dropout(0.5)])
        x = np.full((8, 4), 10.0, "float32")
        if is_recipe:
            monte_carlo(model, x, samples=20)
        else:
            for _ in range(20):
                model(x, training=True)
        means.append(float(norm.moving_mean[0]))
    wrong, right = means
    return Shown(wrong, right)


def class_weight_is_in_the_reported_loss():
    """`class_weight` in `fit`: the loss that it prints is the weighted one.

    A rate of 0, the same data, and `evaluate` says another thing. Losses of two
    settings of the weights cannot be compared.
    """
    import keras
    import numpy as np

    layer = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy")
    x, y = np.zeros((20, 1)), np.array([0.0] * 18 + [1.0] * 2)
    log = model.fit(x, y, class_weight={0: 1.0, 1: 9.0}, verbose=0).history
    wrong = log["loss"][0]
    right = model.evaluate(x, y, verbose=0)
    return Shown(wrong, right)


def weights_and_sampling():
    """Balanced batches and class weights: the rare class counts twice.

    One example in ten is positive and nothing tells which: balanced, the answer should
    be 0.5. With a weight of 9 on top it is 0.9.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.regularization.balanced_sampling import BalancedSampler

    labels = torch.tensor([0.0] * 90 + [1.0] * 10)
    said = []
    for weight in (9.0, 1.0):
        logit = torch.zeros((), requires_grad=True)
        optimizer = torch.optim.Adam([logit], lr=0.1)
        for _ in range(200):
            batch = labels[list(BalancedSampler(labels.int(), mode="over"))]
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(
                logit.expand(len(batch)), batch, pos_weight=torch.tensor(weight)
            ).backward()
            optimizer.step()
        said.append(logit.sigmoid().item())
    wrong, right = said
    return Shown(wrong, right)


def sampler_with_a_weight_per_class():
    """`WeightedRandomSampler` with a weight for each class: it draws two examples.

    It wants one for each example; of two weights it draws the indices 0 and 1, over and
    over, and says nothing. How many different examples an epoch of 100 has.
    """
    import torch
    from torch.utils.data import WeightedRandomSampler

    torch.manual_seed(0)
    labels = torch.tensor([0] * 90 + [1] * 10)
    per_class = 1 / torch.bincount(labels)
    wrong = len(set(WeightedRandomSampler(per_class, 100)))
    right = len(set(WeightedRandomSampler(per_class[labels], 100)))
    return Shown(wrong, right)


def with_replacement_leaves_out_a_third():
    """`WeightedRandomSampler` of equal weights: the share of the examples in an epoch.

    It draws with replacement: of N draws from N, 1/e never come. The recipe repeats the
    rare ones and leaves out none.
    """
    import torch
    from torch.utils.data import WeightedRandomSampler

    from dlcookbook.torch.regularization.balanced_sampling import BalancedSampler

    torch.manual_seed(0)
    labels = torch.arange(1000) % 2
    wrong = len(set(WeightedRandomSampler(torch.ones(1000), 1000))) / 1000
    right = len(set(BalancedSampler(labels, mode="over"))) / 1000
    return Shown(wrong, right)


def oversampling_before_the_split():
    """Oversampled, then split: the rare class is found in noise.

    There is nothing to learn here. But copies of an example are on both sides, and the
    nearest neighbour knows them by heart. Recall of the rare class; split first.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(1000, 5)), np.arange(1000) % 20 == 0
    order = rng.permutation(1000)

    def oversampled(rows):
        yes, no = rows[y[rows]], rows[~y[rows]]
        return np.concatenate([no, np.resize(yes, len(no))])

    def recall(train, test):
        test = test[y[test]]
        apart = ((x[test, None] - x[train]) ** 2).sum(axis=2)
        return y[train[apart.argmin(axis=1)]].mean()

    everything = rng.permutation(oversampled(order))
    half = len(everything) // 2
    wrong = recall(everything[:half], everything[half:])
    right = recall(oversampled(order[:500]), order[500:])
    return Shown(wrong, right)


def resampled_probabilities():
    """Trained on balanced classes: the mean probability of a class of 5 percent.

    The model answers for a world in which the classes are as frequent as in its
    batches. Add the logarithm of the true share over that of the training.
    """
    import torch
    from torch.nn import functional as F

    torch.manual_seed(0)
    balanced, rare = torch.arange(4000) % 2, (torch.arange(4000) % 20 == 0).long()
    x = torch.randn(4000, 1)
    model = torch.nn.Linear(1, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        F.cross_entropy(model(x + 2 * balanced[:, None]), balanced).backward()
        optimizer.step()
    with torch.no_grad():
        logits = model(x + 2 * rare[:, None])
    share = torch.tensor([0.95, 0.05])
    wrong = logits.softmax(dim=1)[:, 1].mean().item()
    right = (logits + torch.log(share / 0.5)).softmax(dim=1)[:, 1].mean().item()
    return Shown(wrong, right)
