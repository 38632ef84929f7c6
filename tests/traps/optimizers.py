"""What goes wrong with optimizers. The page prints each body as a snippet."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def weight_decay_of_adam_is_not_the_same():
    """`Adam(weight_decay=0.1)` is two optimizers, by who is asked.

    PyTorch adds it to the gradient, and the division by the gradient's size takes it
    out again: without any other gradient the weight walks down by one rate per step.
    Keras shrinks the weight by a share, which is AdamW. Say AdamW in both.
    """
    import keras
    import torch

    weight = torch.ones(1, requires_grad=True)
    variable = keras.Variable([1.0])
    ours = torch.optim.Adam([weight], lr=0.01, weight_decay=0.1)
    theirs = keras.optimizers.Adam(0.01, weight_decay=0.1)
    for _ in range(50):
        weight.grad = torch.zeros(1)
        ours.step()
        theirs.apply([keras.ops.zeros(1)], [variable])
    wrong = weight.item()
    right = float(variable[0])
    return Shown(wrong, right)


def l2_in_the_loss_is_not_weight_decay():
    """A penalty of the weights in the loss, and Adam: its strength has no effect.

    With a penalty a hundred times as strong Adam takes the same steps, for it divides
    by the size of what it is given. Decoupled decay is what it says.
    """
    import torch

    moved = []
    for decay in (1e-3, 1e-1):
        penalised, decayed = (torch.ones(1, requires_grad=True) for _ in range(2))
        adam = torch.optim.Adam([penalised], lr=1e-3)
        adamw = torch.optim.AdamW([decayed], lr=1e-3, weight_decay=decay)
        for _ in range(100):
            adam.zero_grad()
            (decay * penalised.square().sum()).backward()
            adam.step()
            decayed.grad = torch.zeros(1)
            adamw.step()
        moved.append([1 - penalised.item(), 1 - decayed.item()])
    wrong, right = (strong / weak for weak, strong in zip(*moved, strict=True))
    return Shown(wrong, right)


def tensorflow_squares_a_repeated_token_wrong():
    """A token twice in a batch, and Keras' Adam steps too far.

    On TensorFlow the gradient of an embedding is a list of rows, two for a token that
    comes twice. Adam adds up the squares of both; it should square their sum. The
    first step, one rate long otherwise, becomes root 2 of it, and root n for n uses.
    PyTorch and JAX add first; so does a penalty of 0, which makes the gradient dense.
    """
    import keras
    import numpy as np

    moved = []
    for penalty in (None, keras.regularizers.L2(0)):
        table = keras.layers.Embedding(2, 1, "zeros", embeddings_regularizer=penalty)
        model = keras.Sequential([keras.Input((2,)), table])
        adam = keras.optimizers.Adam(1.0)
        model.compile(adam, loss=lambda y_true, y_pred: keras.ops.sum(y_pred))
        model.fit(np.array([[1, 1]]), np.zeros((1, 1)), verbose=0)
        moved.append(-float(keras.ops.ravel(table.embeddings)[1]))
    wrong, right = moved
    return Shown(wrong, right)


def a_gradient_of_zero_does_not_freeze():
    """Frozen by a gradient of 0, and the weight moves on.

    Momentum carries it, and weight decay shrinks it. A gradient of None is skipped:
    `requires_grad_(False)`, or leave the weight out of the optimizer.
    """
    import torch

    moved = []
    for frozen in (torch.zeros(1), None):
        weight = torch.ones(1, requires_grad=True)
        optimizer = torch.optim.AdamW([weight], lr=0.01)
        weight.grad = torch.ones(1)
        optimizer.step()
        start = weight.item()
        for _ in range(10):
            weight.grad = frozen
            optimizer.step()
        moved.append(start - weight.item())
    wrong, right = moved
    return Shown(wrong, right)


def nesterov_without_momentum():
    """`nesterov=True` and no momentum: Keras takes plain steps and says nothing.

    There is nothing to look ahead along. PyTorch refuses it.
    """
    import keras

    moved = []
    for options in ({}, {"momentum": 0.9}):
        variable = keras.Variable(0.0)
        optimizer = keras.optimizers.SGD(0.1, nesterov=True, **options)
        for _ in range(20):
            optimizer.apply([keras.ops.ones(())], [variable])
        moved.append(-float(variable))
    wrong, right = moved
    return Shown(wrong, right)


def epsilon_of_adam():
    """An epsilon of 1e-7 in Keras, 1e-8 in PyTorch, and they do not add it to the same.

    Where the gradient is as small as 1e-7, Keras' first step is a thirtieth of the
    rate: it adds the epsilon before the correction of the start, PyTorch after it.
    Gradients of such a size come with float16, with long sums, with large models.
    """
    import keras
    import torch

    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.full((1,), -1e-7)
    torch.optim.Adam([weight], lr=1.0).step()
    variable = keras.Variable([0.0])
    keras.optimizers.Adam(1.0).apply([keras.ops.full((1,), -1e-7)], [variable])
    wrong = float(variable[0])
    right = weight.item()
    return Shown(wrong, right)


def gradients_add_up():
    """`zero_grad` forgotten: step three takes the gradients of all three batches.

    PyTorch adds to what is there, so that a batch can be taken in parts. Keras
    computes every gradient anew.
    """
    import torch

    ends = []
    for clears in (False, True):
        weight = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=0.1)
        for _ in range(3):
            if clears:
                optimizer.zero_grad()
            (-weight).sum().backward()
            optimizer.step()
        ends.append(weight.item())
    wrong, right = ends
    return Shown(wrong, right, "factor", 2.0)


def an_optimizer_of_other_parameters():
    """The head is replaced after the optimizer was made: it never learns.

    The optimizer holds the old one's weights. Make it last, after every change of the
    model; `model.to(device)` changes them in place and is safe.
    """
    import torch
    from torch import nn

    moved = []
    for late in (False, True):
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1000))
        optimizer = torch.optim.Adam(model.parameters())
        model[2] = nn.Linear(8, 10)
        if late:
            optimizer = torch.optim.Adam(model.parameters())
        before = model[2].bias.detach().clone()
        model(torch.ones(2, 4)).square().mean().backward()
        optimizer.step()
        moved.append((model[2].bias - before).abs().sum().item())
    wrong, right = moved
    return Shown(wrong, right, "vanishes")


def only_the_weights_were_saved():
    """The weights were saved and the optimizer was not: Adam's first step anew.

    It has forgotten how large the gradients were and takes a full step where a small
    one was due. Save `optimizer.state_dict()` too; Keras' `model.save` does,
    `save_weights` does not. Here that step, in rates.
    """
    import torch

    steps = []
    for remembers in (False, True):
        weight = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.Adam([weight], lr=1e-3)
        for step in range(100):
            weight.grad = torch.full((1,), -(0.95**step))  # nearly there
            optimizer.step()
        saved = optimizer.state_dict()
        optimizer = torch.optim.Adam([weight], lr=1e-3)
        if remembers:
            optimizer.load_state_dict(saved)
        before = weight.item()
        weight.grad = torch.full((1,), -(0.95**100))
        optimizer.step()
        steps.append(1e3 * (weight.item() - before))
    wrong, right = steps
    return Shown(wrong, right)


def setting_lr_in_keras():
    """`optimizer.lr = 0.01` in Keras: no error, and nothing changes.

    It was an alias once and is a new attribute now. `SGD(lr=0.01)` is refused. The
    name is `learning_rate`.
    """
    import keras

    optimizer = keras.optimizers.Adam(0.001)
    optimizer.lr = 0.01
    wrong = 1000 * float(optimizer.learning_rate)
    optimizer.learning_rate = 0.01
    right = 1000 * float(optimizer.learning_rate)
    return Shown(wrong, right)


def accumulator_of_adagrad():
    """Adagrad's sum starts at 0 in PyTorch and at 0.1 in Keras.

    With gradients of 0.01 the first step is 32 times as short. Keras:
    `initial_accumulator_value=0.0`.
    """
    import keras
    import torch

    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.full((1,), -0.01)
    torch.optim.Adagrad([weight], lr=1.0).step()
    variable = keras.Variable([0.0])
    keras.optimizers.Adagrad(1.0).apply([keras.ops.full((1,), -0.01)], [variable])
    wrong = float(variable[0])
    right = weight.item()
    return Shown(wrong, right)


def adam_moves_what_is_not_in_the_batch():
    """A word that is in no batch any more: Adam moves its vector all the same.

    A gradient of 0 does not stop its momentum. Adagrad has none; so does PyTorch's
    SparseAdam with `Embedding(sparse=True)`, which leaves such rows alone.
    """
    import torch

    moved = []
    for kind in (torch.optim.Adam, torch.optim.Adagrad):
        words = torch.nn.Embedding(2, 1)
        optimizer = kind(words.parameters(), lr=0.01)
        for word in [0] + [1] * 20:
            optimizer.zero_grad()
            words(torch.tensor([word])).sum().backward()
            optimizer.step()
            if word == 0:
                before = words.weight[0].item()
        moved.append(before - words.weight[0].item())
    wrong, right = moved
    return Shown(wrong, right)


def ftrl_forgets_where_it_started():
    """FTRL in Keras: the first step takes every weight to 0, whatever it was.

    The rule knows gradients alone, and none of them speaks of the start. It is made for
    linear models that start at 0. The recipe for PyTorch counts the start in.
    """
    import keras
    import torch

    from dlcookbook.torch.optimizers.ftrl import Ftrl

    weight = torch.ones(1, requires_grad=True)
    weight.grad = torch.zeros(1)
    Ftrl([weight], lr=0.1).step()
    variable = keras.Variable([1.0])
    keras.optimizers.Ftrl(0.1).apply([keras.ops.zeros(1)], [variable])
    wrong = float(variable[0])
    right = weight.item()
    return Shown(wrong, right, "vanishes")


def l1_in_the_loss_gives_no_zeros():
    """A penalty of absolute values, and no weight is 0.

    Steps along a slope jump to and fro across 0. FTRL sets a weight to exactly 0 while
    its gradients do not add up to more than the penalty.
    """
    import numpy as np

    from dlcookbook.reference.optimizers.ftrl import ftrl

    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 20))
    y = x[:, 0] - x[:, 1] + 0.1 * rng.normal(size=500)  # two weights of twenty
    stepped, followed, state = np.zeros(20), np.zeros(20), {}
    for example, target in zip(x, y, strict=True):
        slope = 2 * (stepped @ example - target) * example
        stepped = stepped - 0.01 * (slope + 0.5 * np.sign(stepped))
        slope = 2 * (followed @ example - target) * example
        followed, state = ftrl(followed, slope, state, lr=0.5, l1=30.0)
    wrong = (stepped == 0).sum()
    right = (followed == 0).sum()
    return Shown(wrong, right, "vanishes")


def adafactor_of_keras_saves_nothing():
    """Adafactor is there to save memory, and in Keras it does not.

    Beside the sums per row and per column Keras 3.15 keeps their product, as large as
    the weights. Here numbers kept per weight, of 256 x 256.
    """
    import keras
    import torch

    weight = torch.zeros(256, 256, requires_grad=True)
    weight.grad = torch.ones(256, 256)
    optimizer = torch.optim.Adafactor([weight])
    optimizer.step()
    right = sum(kept.numel() for kept in optimizer.state[weight].values()) / 256**2
    variable = keras.Variable(keras.ops.zeros((256, 256)))
    optimizer = keras.optimizers.Adafactor()
    optimizer.apply([keras.ops.ones((256, 256))], [variable])
    wrong = sum(keras.ops.size(kept) for kept in optimizer.variables) / 256**2
    return Shown(wrong, right)


def schedule_free_at_the_wrong_point():
    """Schedule-Free: the weights that are trained are not the answer.

    They are a mixture of the average, which is the answer, and a tenth of a point that
    runs ahead. The recipes' `eval()` puts the average into the model; Keras' own class
    has no switch for it. Here ten steps of 1: the average of 1 to 10 is 5.5.
    """
    from dlcookbook.reference.optimizers import schedule_free

    weight, state = 0.0, {}
    for _ in range(10):
        weight, state = schedule_free.schedule_free_adamw(weight, -1.0, state, lr=1.0)
    wrong = weight
    right = schedule_free.schedule_free_average(weight, state)
    return Shown(wrong, right)


def tensorflow_schedule_free_loses_its_place():
    """Keras' Schedule-Free overwrites the number that it is about to read.

    It keeps "the old momentum" by reference, so that with TensorFlow (and PyTorch)
    below it is the new one. The average lags behind. Keras 3.15; with JAX it is right.
    """
    import keras

    from dlcookbook.reference.optimizers.schedule_free import schedule_free_adamw

    variable = keras.Variable([0.0])
    optimizer = keras.optimizers.ScheduleFreeAdamW(1.0)
    weight, state = 0.0, {}
    for _ in range(10):
        optimizer.apply([-keras.ops.ones(1)], [variable])
        weight, state = schedule_free_adamw(weight, -1.0, state, lr=1.0)
    wrong = float(variable[0])
    right = float(weight)
    return Shown(wrong, right)


def defaults_of_rmsprop():
    """RMSprop with everything left out: PyTorch's first step is 32 times Keras'.

    A rate of 0.01 and an alpha of 0.99 against 0.001 and 0.9. The mean starts at 0, so
    that the first step is rate / sqrt(1 - alpha). Here the step in thousandths.
    """
    import keras
    import torch

    weight = torch.zeros(1, requires_grad=True)
    weight.grad = -torch.ones(1)
    torch.optim.RMSprop([weight]).step()
    variable = keras.Variable([0.0])
    keras.optimizers.RMSprop().apply([-keras.ops.ones(1)], [variable])
    wrong = 1e3 * weight.item()
    right = 1e3 * float(variable[0])
    return Shown(wrong, right)


def sgd_on_all_of_the_data():
    """The optimizer named SGD is as stochastic as its batch: here not at all.

    It takes whatever batch it is given. One batch of all 1000 examples is one step per
    epoch; batches of 32, Keras' default, are 32.
    """
    import keras
    import numpy as np

    x = np.ones((1000, 1), "float32")
    steps = []
    for batch_size in (1000, 32):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(optimizer="sgd", loss="mse")
        model.fit(x, x, batch_size=batch_size, verbose=0)
        steps.append(int(model.optimizer.iterations))
    wrong, right = steps
    return Shown(wrong, right)


def a_sum_instead_of_a_mean():
    """The loss summed over the batch: the rate is 32 times what was said.

    And the last, smaller batch has another one. Average, and the rate means the same
    for every batch. Adam hides it, for it divides by the size of the gradient.
    """
    import torch

    moved = []
    for average in (torch.sum, torch.mean):
        weight = torch.zeros(1, requires_grad=True)
        average((weight - torch.ones(32)) ** 2).backward()
        torch.optim.SGD([weight], lr=0.001).step()
        moved.append(weight.item())
    wrong, right = moved
    return Shown(wrong, right, "factor", 32.0)


def one_rate_for_every_optimizer():
    """Adam's rate of 0.001 given to SGD: 60 steps, and next to nothing is learnt.

    SGD's step is the gradient times the rate, Adam's is the rate, whatever the
    gradient. PyTorch's SGD has 0.001 as its default; start from 0.1 or 0.01.
    """
    import torch
    from torch import nn
    from torch.nn import functional as F

    losses = []
    for rate in (0.001, 0.1):
        torch.manual_seed(0)
        x = torch.randn(256, 64)
        labels = x[:, :10].argmax(1)
        model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
        optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
        for _ in range(60):
            loss = F.cross_entropy(model(x), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    wrong, right = losses
    return Shown(wrong, right)


def momentum_and_a_changed_rate():
    """The rate drops to a tenth, and Keras goes on for ten steps at the old one.

    PyTorch multiplies its momentum by the rate of today, Keras has multiplied each
    gradient by the rate of its own day. With a constant rate it is the same; with a
    schedule no argument turns one into the other. Here the next step, the old being 1.
    """
    import keras
    import torch

    weight = torch.zeros(1, requires_grad=True)
    variable = keras.Variable([0.0])
    ours = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    theirs = keras.optimizers.SGD(0.1, momentum=0.9)
    for step in range(101):
        if step == 100:
            before = weight.item(), float(variable[0])
            ours.param_groups[0]["lr"] = 0.01
            theirs.learning_rate = 0.01
        weight.grad = -torch.ones(1)
        ours.step()
        theirs.apply([-keras.ops.ones(1)], [variable])
    wrong = float(variable[0]) - before[1]
    right = weight.item() - before[0]
    return Shown(wrong, right)


def factor_two_of_l2():
    """`L2(0.01)` in Keras pulls twice as hard as `weight_decay=0.01` in PyTorch.

    Keras adds 0.01 times the squares to the loss, whose slope is 0.02 times the
    weight. PyTorch's number is the slope itself. Keras shows the penalty in its loss,
    PyTorch does not.
    """
    import keras
    import torch

    weight = torch.full((1,), 3.0, requires_grad=True)
    weight.grad = torch.zeros(1)
    torch.optim.SGD([weight], lr=1.0, weight_decay=0.01).step()
    right = 3 - weight.item()
    one, nothing = torch.tensor(3.0 + 1e-3), torch.tensor(3.0 - 1e-3)
    penalty = keras.regularizers.L2(0.01)
    ends = [float(penalty(keras.ops.array([float(x)]))) for x in (one, nothing)]
    wrong = (ends[0] - ends[1]) / 2e-3
    return Shown(wrong, right, "factor", 2.0)


def rate_of_adadelta():
    """Adadelta's rate is 1 in the paper and in PyTorch, 0.001 in Keras.

    It finds the length of its steps itself. With Keras' default it stands still for a
    thousand times as long. Here the sum of ten steps, in thousandths.
    """
    import keras

    moved = []
    for options in ({}, {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-6}):
        variable = keras.Variable([0.0])
        optimizer = keras.optimizers.Adadelta(**options)
        for _ in range(10):
            optimizer.apply([-keras.ops.ones(1)], [variable])
        moved.append(1e3 * float(variable[0]))
    wrong, right = moved
    return Shown(wrong, right)


def lion_at_the_rate_of_adam():
    """Lion at Adam's rate: every step has full size, next to the goal too.

    It takes the sign of the gradient alone. A third to a tenth of Adam's rate, with a
    schedule down to 0. Here how far from the goal it stays, in thousandths.
    """
    import numpy as np

    from dlcookbook.reference.optimizers.lion import lion

    far = []
    for share in (1.0, 0.1):
        rng = np.random.default_rng(0)
        weights, state, seen = np.zeros(1000), {}, []
        for _ in range(1000):
            slope = weights + rng.normal(size=1000)
            weights, state = lion(weights, slope, state, lr=1e-2 * share)
            seen.append(1e3 * np.abs(weights).mean())
        far.append(np.mean(seen[-250:]))
    wrong, right = far
    return Shown(wrong, right)
