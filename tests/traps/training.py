"""What goes wrong in a training loop. The page prints each body as a snippet."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def training_is_not_switched_on_again():
    """`model.train()` once, before the loop: from the second epoch on no dropout.

    Evaluating switches it off, and nothing says so. Here the share of outputs that are
    dropped in the second epoch. Switch it on in every epoch, before the first batch.
    """
    import torch

    shares = []
    for every_epoch in (False, True):
        torch.manual_seed(0)
        model = torch.nn.Dropout(0.5)
        for epoch in range(2):
            if epoch == 0 or every_epoch:
                model.train()
            dropped = (model(torch.ones(1000)) == 0).float().mean()
            model.eval()
        shares.append(dropped.item())
    wrong, right = shares
    return Shown(wrong, right, "vanishes")


def a_flipped_bit_in_a_checkpoint():
    """One bit of a file changes, and `torch.load` loads it without a word.

    The file holds a checksum of each tensor, but it is not compared. `load_checkpoint`
    compares them, and takes the checkpoint before.
    """
    import io

    import torch

    file = io.BytesIO()
    torch.save({"weight": torch.full((8,), 0.5)}, file)
    data = bytearray(file.getvalue())
    number = bytes(torch.full((1,), 0.5).numpy())
    at = data.index(number * 8)
    data[at + 3] ^= 64  # the highest bit of the exponent
    damaged = torch.load(io.BytesIO(data), weights_only=True)
    wrong = damaged["weight"][0].log10().item()
    right = torch.tensor(0.5).log10().item()
    return Shown(wrong, right)


def backup_and_restore_forgets_the_patience():
    """`BackupAndRestore` brings the weights back, and early stopping starts anew.

    The loss never gets better, patience is 4, and after three epochs the process ends.
    The epochs in all; every crash gives the training another four.
    """
    import tempfile

    import keras
    import numpy as np

    def train(folder, epochs):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        backup = keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
        stop = keras.callbacks.EarlyStopping("loss", mode="min", patience=4)
        x = np.ones((8, 1))
        history = model.fit(x, x, epochs=epochs, callbacks=[backup, stop], verbose=0)
        return len(history.epoch)

    with tempfile.TemporaryDirectory() as folder:
        wrong = train(folder, epochs=3) + train(folder, epochs=99)
    with tempfile.TemporaryDirectory() as folder:
        right = train(folder, epochs=99)
    return Shown(wrong, right)


def tensorflow_shuffles_once():
    """Once a seed is set, `fit` on TensorFlow gives every epoch the same batches.

    `shuffle=True` shuffles an epoch, and the next one in the same way, for the random
    numbers start again with it. Without learning the losses of batches tell the order:
    how many orders there are in five epochs. Not so on the torch backend.
    """
    import keras
    import numpy as np

    from dlcookbook.keras.training.checkpoint import ShuffledArrays

    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 1))
    orders = []
    for data in ((x, x), (ShuffledArrays(x, x, batch_size=8, seed=0),)):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        losses = []
        note = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs, losses=losses: losses.append(
                logs["loss"]
            )
        )
        size = None if len(data) == 1 else 8
        model.fit(*data, batch_size=size, epochs=5, callbacks=[note], verbose=0)
        orders.append(len({tuple(epoch) for epoch in np.reshape(losses, (5, 8))}))
    wrong, right = orders
    return Shown(wrong, right)


def nan_gets_into_the_last_checkpoint():
    """`TerminateOnNaN` stops the training, and the checkpoint is written all the same.

    It lets the epoch end in the usual way, with NaN in the only file that there is.
    With `raise_error=True` the callbacks are not called any more.
    """
    import contextlib
    import tempfile

    import keras
    import numpy as np

    x, ends = np.ones((8, 1)), []
    for raise_error in (False, True):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/last.weights.h5"
            stop = keras.callbacks.TerminateOnNaN(raise_error=raise_error)
            keep = keras.callbacks.ModelCheckpoint(file, save_weights_only=True)
            model.fit(x, x, callbacks=[stop, keep], verbose=0)
            with contextlib.suppress(RuntimeError):
                model.fit(x * np.nan, x, callbacks=[stop, keep], verbose=0)
            model.load_weights(file)
        ends.append(float(np.isfinite(model.get_weights()[0]).mean()))
    wrong, right = ends
    return Shown(wrong, right, "vanishes")


def a_monitor_that_is_not_there():
    """A typing error in `monitor`: a warning, and it never stops.

    It stands in the middle of the bar of each epoch. The recipe raises an error that
    lists what there is.
    """
    import warnings

    import keras
    import numpy as np

    x, ran = np.ones((8, 1)), []
    for monitor in ("val_los", "val_loss"):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        stop = keras.callbacks.EarlyStopping(monitor, mode="min", patience=2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = model.fit(
                x, x, epochs=9, validation_data=(x, x), callbacks=[stop], verbose=0
            )
        ran.append(len(history.epoch))
    wrong, right = ran
    return Shown(wrong, right)


def nan_in_the_first_epoch():
    """The first validation loss is NaN, and Keras takes it for the best there will be.

    Nothing is less than NaN: it stops after `patience` epochs of a training that goes
    well. `ReduceLROnPlateau` cuts the rate, `ModelCheckpoint` saves nothing more.
    """
    import keras

    from dlcookbook.keras.training.early_stopping import EarlyStopping

    losses = [float("nan"), 0.9, 0.7, 0.5, 0.4, 0.3]
    best = []
    for kind in (keras.callbacks.EarlyStopping, EarlyStopping):
        stop = kind("val_loss", mode="min", patience=2)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        stop.set_model(model)
        stop.on_train_begin()
        for epoch, loss in enumerate(losses):
            model.stop_training = False
            stop.on_epoch_end(epoch, {"val_loss": loss})
            if model.stop_training:
                break
        best.append(loss)
    wrong, right = best
    return Shown(wrong, right)


def the_best_weights_are_not_kept():
    """`restore_best_weights` is off if not given: the model is `patience` epochs old.

    The weights are those of the last epoch, the worst of the lot. Here the weight
    itself is the loss. The recipe puts the best back, stopped or not.
    """
    import keras
    import numpy as np

    class Walk(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_loss"] = [0.5, 0.2, 0.6, 0.9][epoch]
            self.model.set_weights([np.full((1, 1), logs["val_loss"])])

    x, ends = np.ones((8, 1)), []
    for restore in (False, True):
        layer = keras.layers.Dense(1, use_bias=False)
        model = keras.Sequential([keras.Input((1,)), layer])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        stop = keras.callbacks.EarlyStopping(
            patience=2, mode="min", restore_best_weights=restore
        )
        model.fit(x, x, epochs=4, callbacks=[Walk(), stop], verbose=0)
        ends.append(model.get_weights()[0].item())
    wrong, right = ends
    return Shown(wrong, right)


def the_best_without_validation_is_the_last():
    """`save_best_only` and no validation data: each epoch is saved, good or bad.

    What is monitored is `val_loss`, which is not there: Keras warns and saves. Here
    the rate is so large that every epoch is worse; the loss of what was saved.
    """
    import tempfile
    import warnings

    import keras
    import numpy as np

    x, losses = np.ones((8, 1)), []
    for monitor in ("val_loss", "loss"):
        layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
        model = keras.Sequential([keras.Input((1,)), layer])
        model.compile(keras.optimizers.SGD(1.1), "mse")
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            file = f"{folder}/best.weights.h5"
            keep = keras.callbacks.ModelCheckpoint(
                file, monitor, mode="min", save_best_only=True, save_weights_only=True
            )
            model.fit(x, x, epochs=6, callbacks=[keep], verbose=0)
            model.load_weights(file)
        losses.append(float(model.evaluate(x, x, verbose=0)))
    wrong, right = losses
    return Shown(wrong, right)


def validation_split_takes_the_end():
    """`validation_split` of sorted data: it validates on a class that it never saw.

    The last share is taken as it stands, before any shuffling. Shuffle the arrays
    first, or split them yourself.
    """
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2, 3], 64)
    x = np.eye(4)[y] + 0.1 * rng.normal(size=(256, 4))
    shares = []
    for order in (np.arange(256), rng.permutation(256)):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "softmax")])
        model.compile(
            keras.optimizers.Adam(0.1),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        history = model.fit(
            x[order], y[order], epochs=8, validation_split=0.25, verbose=0
        )
        shares.append(history.history["val_accuracy"][-1])
    wrong, right = shares
    return Shown(wrong, right)


def class_weight_is_not_in_the_validation_loss():
    """With `class_weight` the two curves of the loss are of two kinds.

    The training loss is weighted, the validation loss is not. On the same examples,
    half of each class, weights of 1 and 9 make the one five times the other.
    """
    import keras
    import numpy as np

    x, y = np.zeros((8, 1)), np.tile([0.0, 1.0], 4)
    layer = keras.layers.Dense(1, "sigmoid")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy")
    history = model.fit(
        x, y, class_weight={0: 1.0, 1: 9.0}, validation_data=(x, y), verbose=0
    )
    wrong = history.history["loss"][0]
    right = history.history["val_loss"][0]
    return Shown(wrong, right, "factor", factor=5.0)


def evaluated_in_training_mode():
    """`model.eval()` forgotten: the test loss is that of a model with dropout.

    It is random too: the second time it is another one. `evaluate` switches and
    switches back.
    """
    import torch
    from torch import nn

    from dlcookbook.torch.training.fit import evaluate

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 64), nn.Dropout(0.5), nn.Linear(64, 1))
    x = torch.ones(32, 1)
    with torch.no_grad():
        y = model.eval()(x)
    model.train()
    loss = nn.functional.mse_loss
    wrong = 1000 * loss(model(x), y).item()
    right = 1000 * evaluate(model, loss, [(x, y)])["loss"]
    return Shown(wrong, right)


def mean_of_the_means_of_batches():
    """The losses of batches are averaged, and the last batch is a small one.

    Its two examples count for as much as the 32 of any other. Weigh each mean with its
    number of examples.
    """
    import torch

    losses = torch.cat([torch.full((32,), 0.1), torch.full((2,), 1.9)])
    batches = losses.split(32)
    wrong = sum(batch.mean().item() for batch in batches) / len(batches)
    total = sum(batch.mean().item() * len(batch) for batch in batches)
    right = total / len(losses)
    return Shown(wrong, right)


def gradients_of_an_evaluation():
    """`total += loss` without `no_grad`: every activation of every batch is kept.

    The sum holds on to the graph of each batch until the epoch ends. Here the numbers
    kept for a backward pass that never comes; `loss.item()` in `no_grad` keeps none.
    """
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    x, kept = torch.ones(16, 8), []

    def count(tensor):
        kept[-1] += tensor.numel()
        return tensor

    for gradients in (True, False):
        kept.append(0)
        with (
            torch.set_grad_enabled(gradients),
            torch.autograd.graph.saved_tensors_hooks(count, torch.clone),
        ):
            total = 0.0
            for _ in range(10):
                total += model(x).square().mean()
    wrong, right = kept
    return Shown(wrong, right)
