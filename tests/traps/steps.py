"""What goes wrong in a training step. The page prints each body as a snippet."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def clipnorm_is_per_variable():
    """`clipnorm=1` in Keras: a gradient ten times as long ends twice as long.

    It clips every variable by itself, so the small ones keep their length and the step
    turns. PyTorch's `clip_grad_norm_` takes one norm over all: `global_clipnorm`.
    """
    import keras

    longer = []
    for option in ("clipnorm", "global_clipnorm"):
        large, small = keras.Variable([0.0, 0.0]), keras.Variable([0.0, 0.0])
        optimizer = keras.optimizers.SGD(1.0, **{option: 1.0})
        gradients = [keras.ops.array([3.0, 4.0]), keras.ops.array([0.3, 0.4])]
        optimizer.apply(gradients, [large, small])
        longer.append(float(large[0] / small[0]))
    wrong, right = longer
    return Shown(wrong, right)


def one_infinity_stops_everything():
    """One infinite number, and the gradients of all other weights are 0.

    The norm is infinite, so PyTorch multiplies by 0, and the infinity itself becomes
    NaN. `error_if_nonfinite=True` raises; a `GradScaler` skips the step. Keras'
    `global_clipnorm` makes everything NaN.
    """
    import torch

    left = []
    for first in (torch.inf, 1.0):
        one, other = (torch.zeros(1, requires_grad=True) for _ in range(2))
        one.grad, other.grad = torch.tensor([first]), torch.ones(1)
        torch.nn.utils.clip_grad_norm_([one, other], 1.0)
        left.append(other.grad.item())
    wrong, right = left
    return Shown(wrong, right, "vanishes")


def tensorflow_clips_a_repeated_token_wrong():
    """`global_clipnorm=0.5`, and an embedding still moves further.

    On TensorFlow the gradient of an embedding is a list of rows, and a token that comes
    three times is three of them. Keras squares the rows before it adds them up, so the
    norm is too small (and the squares of Adam too). PyTorch and JAX add first.
    """
    import keras
    import numpy as np

    table = keras.layers.Embedding(3, 2, embeddings_initializer="zeros")
    model = keras.Sequential([keras.Input((4,)), table])
    optimizer = keras.optimizers.SGD(1.0, global_clipnorm=0.5)
    model.compile(optimizer, loss=lambda y_true, y_pred: keras.ops.sum(y_pred))
    model.fit(np.array([[0, 0, 0, 2]]), np.zeros((1, 1)), verbose=0)
    wrong = np.linalg.norm(keras.ops.convert_to_numpy(table.embeddings))
    right = 0.5
    return Shown(wrong, right)


def clipped_before_it_was_unscaled():
    """Clipped to 1 while the `GradScaler` still has it multiplied: hardly a step.

    The order is scale, backward, `scaler.unscale_(optimizer)`, clip, `scaler.step`,
    `scaler.update`.
    """
    import torch

    moved = []
    for unscale in (False, True):
        weight = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=1.0)
        scaler = torch.amp.GradScaler("cpu", init_scale=64.0)
        scaler.scale((weight * 2.0).sum()).backward()
        if unscale:
            scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_([weight], 1.0)
        scaler.step(optimizer)
        scaler.update()
        moved.append(-weight.item())
    wrong, right = moved
    return Shown(wrong, right)


def clipping_by_value_turns_the_step():
    """Clipped by value, a gradient that is 100 times steeper one way points midway.

    Both numbers are cut to 0.5. The norm keeps the direction.
    """
    import torch

    steeper = []
    for clip in (torch.nn.utils.clip_grad_value_, torch.nn.utils.clip_grad_norm_):
        weight = torch.zeros(2, requires_grad=True)
        weight.grad = torch.tensor([100.0, 1.0])
        clip([weight], 0.5)
        steeper.append((weight.grad[0] / weight.grad[1]).item())
    wrong, right = steeper
    return Shown(wrong, right)


def tensorflow_spares_a_layer_called_unbiased():
    """`var_names=["bias"]`, and the kernel of a layer called unbiased does not decay.

    The name that is searched has the layer's on TensorFlow, and only "kernel" on the
    other backends. Give the variables themselves, by their number of axes.
    """
    import keras

    kept = []
    for by_name in (True, False):
        layer = keras.layers.Dense(1, name="unbiased", kernel_initializer="ones")
        model = keras.Sequential([keras.Input((1,)), layer])
        optimizer = keras.optimizers.AdamW(0.1, weight_decay=1.0)
        if by_name:
            optimizer.exclude_from_weight_decay(var_names=["bias"])
        else:
            some = [v for v in model.trainable_variables if len(v.shape) < 2]
            optimizer.exclude_from_weight_decay(some)
        nothing = [keras.ops.zeros(v.shape) for v in model.trainable_variables]
        optimizer.apply(nothing, model.trainable_variables)
        kept.append(float(layer.kernel[0, 0]))
    wrong, right = kept
    return Shown(wrong, right)


def excluding_twice_keeps_the_last():
    """`exclude_from_weight_decay` called twice: what the first call named decays again.

    A call replaces the one before it. Give everything at once.
    """
    import keras

    kept = []
    for calls in ([["bias"], ["gamma"]], [["bias", "gamma"]]):
        bias = keras.Variable([1.0], name="bias")
        optimizer = keras.optimizers.AdamW(0.1, weight_decay=1.0)
        for names in calls:
            optimizer.exclude_from_weight_decay(var_names=names)
        optimizer.apply([keras.ops.zeros(1)], [bias])
        kept.append(float(bias[0]))
    wrong, right = kept
    return Shown(wrong, right)


def a_saved_model_decays_its_biases():
    """Saved and loaded, the optimizer has forgotten which weights do not decay.

    The list is not in its configuration, and after loading it cannot be given any more.
    Load the weights instead, and compile with a new optimizer.
    """
    import keras

    optimizer = keras.optimizers.AdamW(0.1, weight_decay=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    loaded = keras.optimizers.AdamW.from_config(optimizer.get_config())
    kept = []
    for one in (loaded, optimizer):
        bias = keras.Variable([1.0], name="bias")
        one.apply([keras.ops.zeros(1)], [bias])
        kept.append(float(bias[0]))
    wrong, right = kept
    return Shown(wrong, right)


def a_rate_for_a_path_that_is_not_there():
    """A rate for `body/.*`, and the body learns at the rate of the others.

    The paths of a Sequential begin with its own name, and after loading they do not: a
    pattern that fits nothing is not told. `(.*/)?body/.*` fits both; count what fits.
    """
    import keras

    moved = []
    for pattern in ("body/.*", "(.*/)?body/.*"):
        body = keras.layers.Dense(1, name="body", kernel_initializer="zeros")
        model = keras.Sequential([keras.Input((1,)), body])
        rates = keras.optimizers.OptimizerMap(keras.optimizers.SGD(1.0))
        rates[pattern] = keras.optimizers.SGD(0.25)
        optimizer = keras.optimizers.MultiOptimizer(rates)
        ones = [keras.ops.ones(v.shape) for v in model.trainable_variables]
        optimizer.apply(ones, model.trainable_variables)
        moved.append(-float(body.kernel[0, 0]))
    wrong, right = moved
    return Shown(wrong, right)


def mean_of_means_of_uneven_parts():
    """Three parts, the last of one example: it counts as much as four others.

    Divide by the number of examples of all parts and not by the number of parts.
    """
    import torch

    weight = torch.zeros(1, requires_grad=True)
    x = torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 10.0])
    for part in x.split(4):
        loss = (weight * part).mean() / 3
        loss.backward()
    wrong = weight.grad.item()
    right = x.mean().item()
    return Shown(wrong, right)


def mean_of_means_of_tokens():
    """Two texts of 20 and 2 words, one part each: the short one's words count tenfold.

    The cross-entropy of a part is a mean over its own words. Count the words of all
    parts first, and divide the sums by that.
    """
    import torch
    from torch.nn.functional import cross_entropy

    logits = torch.zeros(2, 20, 2, requires_grad=True)
    labels = torch.full((2, 20), -100)  # no word there
    labels[0, :20], labels[1, :2] = 0, 1
    for text, words in zip(logits, labels, strict=True):
        (cross_entropy(text, words) / 2).backward(retain_graph=True)
    wrong = logits.grad[1, 0, 0].item() / logits.grad[0, 0, 1].item()
    logits.grad = None
    cross_entropy(logits.flatten(0, 1), labels.flatten()).backward()
    right = logits.grad[1, 0, 0].item() / logits.grad[0, 0, 1].item()
    return Shown(wrong, right)


def keras_accumulation_drops_the_rest():
    """Six batches, accumulated by four: the last two of the training change nothing.

    They wait for two more, of the next epoch if there is one. Choose a number of steps
    that divides those of an epoch, or take a recipe that cuts each batch.
    """
    import keras
    import numpy as np

    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), layer])
    optimizer = keras.optimizers.SGD(1.0, gradient_accumulation_steps=4)
    model.compile(optimizer, loss=lambda y_true, y_pred: y_pred)
    model.fit(np.ones((6, 1)), np.ones((6, 1)), batch_size=1, verbose=0)
    wrong = -float(layer.kernel[0, 0])
    right = 2.0  # a step of four and one of two, each of slope 1
    return Shown(wrong, right)


def keras_accumulation_runs_the_schedule_faster():
    """Accumulated by four, the schedule is over after a quarter of the steps.

    It counts batches, the optimizer's `iterations` count steps. Make its lengths four
    times as long. `use_ema` averages after every batch too.
    """
    import keras

    class Count(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return keras.ops.cast(step, "float32")

    weight = keras.Variable([0.0])
    optimizer = keras.optimizers.SGD(Count(), gradient_accumulation_steps=4)
    for _ in range(8):
        optimizer.apply([keras.ops.ones(1)], [weight])
    wrong = -float(weight[0])  # rates 3 and 7
    right = 0.0 + 1.0
    return Shown(wrong, right)


def batch_norm_sees_the_small_batch():
    """Accumulated exactly, and BatchNorm's gradient is another one all the same.

    It normalises by the mean of the part that it sees: here two classes that come in
    parts of their own can no longer be told apart. LayerNorm and GroupNorm do not mind.
    """
    import torch

    x = torch.tensor([[1.0], [1.2], [3.0], [3.2]])
    norm = torch.nn.BatchNorm1d(1)
    for part in (x[:2], x[2:]):
        (norm(part) * torch.sign(part - 2)).mean().div(2).backward()
    wrong = norm.weight.grad.item()
    norm.weight.grad = None
    (norm(x) * torch.sign(x - 2)).mean().backward()
    right = norm.weight.grad.item()
    return Shown(wrong, right, "vanishes") if wrong == 0 else Shown(wrong, right)


def ema_in_bfloat16_stands_still():
    """An average of bfloat16 weights, and after 3000 steps it is where it began.

    A thousandth of the way is less than bfloat16 can add. Keep the average in float32.
    """
    import torch
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    ends = []
    for kind in (torch.bfloat16, torch.float32):
        model = torch.nn.Linear(1, 1, bias=False, dtype=kind)
        torch.nn.init.ones_(model.weight)
        average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.999))
        average.update_parameters(model)
        torch.nn.init.constant_(model.weight, 2.0)
        for _ in range(3000):
            average.update_parameters(model)
        ends.append(average.module.weight.item())
    wrong, right = ends
    return Shown(wrong, right)


def averaged_model_is_no_ema_by_default():
    """`AveragedModel(model)` counts the first step as much as the last: it is SWA.

    The average of all 100 weights on a line from 1 to 100. For a moving average give
    `multi_avg_fn=get_ema_multi_avg_fn(0.9)`.
    """
    import torch
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    ends = []
    for options in ({}, {"multi_avg_fn": get_ema_multi_avg_fn(0.9)}):
        model = torch.nn.Linear(1, 1, bias=False)
        average = AveragedModel(model, **options)
        for step in range(1, 101):
            torch.nn.init.constant_(model.weight, step)
            average.update_parameters(model)
        ends.append(average.module.weight.item())
    wrong, right = ends
    return Shown(wrong, right)


def keras_validates_the_raw_weights():
    """`use_ema=True`, and `val_loss` is not that of the average which you keep.

    During `fit` the model holds the raw weights; only at its end the averages are put
    in. Add `keras.callbacks.SwapEMAWeights()` to validate them.
    """
    import keras
    import numpy as np

    x = np.ones((8, 1))
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), layer])
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9)
    model.compile(optimizer, loss="mse")
    history = model.fit(
        x, 2 * x, batch_size=1, epochs=2, validation_data=(x, 2 * x), verbose=0
    )
    wrong = history.history["val_loss"][-1]
    right = model.evaluate(x, 2 * x, verbose=0)
    return Shown(wrong, right)


def ema_remembers_the_start():
    """A decay of 0.999 and 100 steps: nine tenths of the average are its start.

    A short training needs a smaller decay, a warm-up of it, or a correction.
    """
    import torch
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.999))
    average.update_parameters(model)
    torch.nn.init.ones_(model.weight)  # learned in one step, and then it stays
    for _ in range(100):
        average.update_parameters(model)
    wrong = average.module.weight.item()
    right = 1.0
    return Shown(wrong, right)


def swa_without_update_bn():
    """The averaged weights meet BatchNorm's means of the last ones.

    `AveragedModel` copies the buffers of the model that it averages, and those belong
    to its weights of that moment. `update_bn(loader, averaged)` makes them anew. Here
    the spread of what BatchNorm should bring to one.
    """
    import torch
    from torch.optim.swa_utils import AveragedModel, update_bn

    x = torch.linspace(-1, 1, 64)[:, None]
    norm = torch.nn.BatchNorm1d(1, momentum=1.0)  # the last batch alone
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), norm)
    averaged = AveragedModel(model)
    for size in (5.0, 15.0):
        torch.nn.init.constant_(model[0].weight, size)
        model(x)
        averaged.update_parameters(model)
    wrong = averaged.eval()(x).std().item()
    update_bn([x], averaged)
    right = averaged.eval()(x).std().item()
    return Shown(wrong, right)


def a_long_sum_in_bfloat16():
    """One added 1000 times in bfloat16 is 256, and it stays there.

    257 has no number of its own, so 256 + 1 is 256. Sums, losses and running means
    belong in float32.
    """
    import torch

    sums = []
    for kind in (torch.bfloat16, torch.float32):
        total = torch.zeros((), dtype=kind)
        for _ in range(1000):
            total += 1
        sums.append(total.item())
    wrong, right = sums
    return Shown(wrong, right)


def keras_output_layer_in_half():
    """Under `mixed_float16` a softmax as the last layer says 0, and means 2e-9.

    Give the last layer `dtype="float32"`, or leave the softmax to the loss.
    """
    import keras
    import numpy as np

    logs = []
    for policy in ("mixed_float16", "float32"):
        last = keras.layers.Activation("softmax", dtype=policy)
        chance = last(np.array([[0.0, 20.0]], "float32"))
        logs.append(float(keras.ops.cast(chance[0, 0], "float32")) * 1e9)
    wrong, right = logs
    return Shown(wrong, right, "vanishes")


def small_gradients_vanish_in_float16():
    """A gradient of 2e-8 is 0 in float16; multiplied by 1024 first it is not.

    That is what a `GradScaler` does with the loss. In bfloat16 it would be there.
    """
    import torch

    gradients = []
    for scale in (1.0, 1024.0):
        weight = torch.ones(1, dtype=torch.float16, requires_grad=True)
        (weight * 2e-8 * scale).float().sum().backward()
        gradients.append(weight.grad.float().item() / scale * 1e8)
    wrong, right = gradients
    return Shown(wrong, right, "vanishes")


def batch_norm_counts_twice_in_a_checkpoint():
    """BatchNorm in a checkpointed block takes every batch into its means twice.

    The block is computed again in `backward`. The gradients are right; the momentum of
    the running means is in effect 0.19 instead of 0.1. Keep BatchNorm outside.
    """
    import torch
    from torch.utils.checkpoint import checkpoint

    means = []
    for is_checkpointed in (True, False):
        norm = torch.nn.BatchNorm1d(1)
        x = torch.full((4, 1), 10.0, requires_grad=True)
        y = checkpoint(norm, x, use_reentrant=False) if is_checkpointed else norm(x)
        y.sum().backward()
        means.append(norm.running_mean.item())
    wrong, right = means
    return Shown(wrong, right)


def item_breaks_the_graph():
    """One `.item()` in the model, and it is compiled in two pieces.

    Python must know the number to go on. `torch.where` decides without asking;
    `fullgraph=True` raises instead of breaking.
    """
    import torch
    from torch._dynamo.testing import CompileCounterWithBackend

    def asks(x):
        return x.sin() if x.sum().item() > 0 else x.cos()

    def decides(x):
        return torch.where(x.sum() > 0, x.sin(), x.cos())

    x, graphs = torch.ones(3), []
    for function in (asks, decides):
        torch.compiler.reset()
        counter = CompileCounterWithBackend("eager")
        assert torch.equal(torch.compile(function, backend=counter)(x), function(x))
        graphs.append(counter.frame_count)
    wrong, right = graphs
    return Shown(wrong, right)
