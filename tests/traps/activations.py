"""What goes wrong with activations. The page prints each body as a snippet."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def sigmoid_as_a_fraction_of_exponentials():
    """exp(x) / (1 + exp(x)) written out: infinity over infinity from 89 on.

    The exponential overflows, in float16 from 12 on. The framework's sigmoid does not.
    """
    import torch

    x = torch.tensor(100.0)
    wrong = (x.exp() / (1 + x.exp())).item()
    right = torch.sigmoid(x).item()
    return Shown(wrong, right, "nan")


def softmax_after_sigmoid():
    """A sigmoid and a softmax together: the surest answer of three is 0.58.

    Between 0 and 1 the scores are never far apart, e / (e + 2) is the most that a
    softmax makes of them. One of the two, and in front of a loss neither.
    """
    import torch

    scores = torch.tensor([20.0, -20.0, -20.0])
    wrong = scores.sigmoid().softmax(dim=0)[0].item()
    right = scores.softmax(dim=0)[0].item()
    return Shown(wrong, right)


def hard_sigmoid_of_keras_2():
    """The hard sigmoid of Keras 2 is another line: old weights, other numbers.

    It was 0.2 x + 0.5, open from 2.5 on. Keras 3 and PyTorch have x / 6 + 0.5, open
    from 3 on. An LSTM of Keras 1 or 2 with it needs the old one.
    """
    import numpy as np
    import torch
    from torch.nn import functional as F

    x = 2.5
    wrong = F.hardsigmoid(torch.tensor(x)).item()
    right = float(np.clip(0.2 * x + 0.5, 0, 1))  # what the weights were trained with
    return Shown(wrong, right)


def relu_on_a_number():
    """A ReLU behind the last layer of a regression: minus is never predicted.

    Where the output is below 0 there is no gradient to pull it up either.
    """
    import torch
    from torch.nn import functional as F

    output = torch.tensor([-0.5], requires_grad=True)
    target = torch.tensor([2.0])
    loss = F.mse_loss(output.relu(), target)
    wrong = torch.autograd.grad(loss, output)[0].item()
    loss = F.mse_loss(output, target)
    right = torch.autograd.grad(loss, output)[0].item()
    return Shown(wrong, right, "vanishes")


def a_large_step_kills_a_unit():
    """One step that is too large, and a ReLU unit is 0 for every example, for good.

    The bias is far below 0 now, so the gradient is exactly 0 and nothing brings it
    back. A leaky ReLU still learns. So do smaller steps, normalisation, clipping.
    """
    import torch
    from torch.nn import functional as F

    x = torch.linspace(-1, 1, 100)
    slopes = []
    for activation in (F.relu, F.leaky_relu):
        weight, bias = torch.tensor(1.0), torch.tensor(0.0)
        for step in (100.0, 0.1):
            parameters = weight.requires_grad_(), bias.requires_grad_()
            loss = ((activation(weight * x + bias) + 1) ** 2).mean()
            gradient = torch.autograd.grad(loss, parameters)
            pairs = zip(parameters, gradient, strict=True)
            weight, bias = (p.detach() - step * g for p, g in pairs)
        slopes.append(gradient[1].item())  # that of the bias in the second step
    wrong, right = slopes
    return Shown(wrong, right, "vanishes")


def relu_in_place():
    """`inplace=True` changes the input as well, and with it the other branch.

    Where the input is used again, as in a residual block, the sum is another one. No
    message, as long as no gradient needs the old values.
    """
    import torch
    from torch.nn import functional as F

    x = torch.tensor([-1.0])
    right = (F.relu(x) + x).item()
    wrong = (F.relu(x, inplace=True) + x).item()
    return Shown(wrong, right)


def slopes_of_leaky_relu():
    """The slope of a leaky ReLU is 0.01, 0.2 or 0.3, by who is asked.

    PyTorch 0.01, the function of Keras and TensorFlow 0.2, the layer of Keras 0.3.
    Always give it.
    """
    import keras
    import torch
    from torch.nn import functional as F

    wrong = float(keras.layers.LeakyReLU()(keras.ops.array(-1.0)))
    right = F.leaky_relu(torch.tensor(-1.0)).item()
    return Shown(wrong, right)


def keras_prelu_learns_a_slope_per_pixel():
    """`keras.layers.PReLU()` learns a slope for every pixel of every channel.

    On 32 x 32 pixels and 64 channels these are 65536, and the image may have no other
    size. Say `shared_axes=[1, 2]` for one per channel, as the paper has it.
    """
    import keras

    images = keras.Input((32, 32, 64))
    wasteful = keras.layers.PReLU()
    wasteful(images)
    shared = keras.layers.PReLU(shared_axes=[1, 2])
    shared(images)
    wrong, right = wasteful.count_params(), shared.count_params()
    return Shown(wrong, right)


def tensorflow_elu_in_bfloat16():
    """Keras' ELU in half precision: next to 0 it is 0.

    On TensorFlow it is exp(x) - 1, and the exponential rounds to 1. SELU too. The
    recipe takes `expm1` in float32.
    """
    import keras

    from dlcookbook.keras.activations.elu import elu

    x = keras.ops.convert_to_tensor([-0.0015], dtype="bfloat16")
    wrong = float(keras.activations.elu(x)[0])
    right = float(elu(x)[0])
    return Shown(wrong, right, "vanishes")


def tensorflow_celu_slope_at_zero():
    """Keras' CELU on TensorFlow has the slope 2 at 0.

    It is the sum of a part for the left and a part for the right, and both have a slope
    of 1 at 0. That is where padding and dead inputs are.
    """
    import keras
    import tensorflow as tf

    from dlcookbook.keras.activations.elu import celu

    x = tf.constant([0.0])
    slopes = []
    for function in (keras.activations.celu, celu):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        slopes.append(float(tape.gradient(y, x)[0]))
    wrong, right = slopes
    return Shown(wrong, right)


def selu_with_default_weights():
    """SELU with PyTorch's default weights: after 30 layers the spread is a tenth.

    It keeps the spread at 1 only where the weights have a spread of 1 / sqrt(inputs),
    LeCun's. PyTorch's default has 0.58 of that, He's 1.41 times as much.
    """
    import torch
    from torch import nn

    spreads = []
    for lecun in (False, True):
        torch.manual_seed(0)
        x = torch.randn(256, 256)
        for _ in range(30):
            layer = nn.Linear(256, 256)
            if lecun:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
                nn.init.zeros_(layer.bias)
            x = torch.selu(layer(x))
        spreads.append(x.std().item())
    wrong, right = spreads
    return Shown(wrong, right)


def selu_with_ordinary_dropout():
    """Ordinary dropout behind a SELU: the spread is not 1 any more.

    A dropped SELU is not 0 but its lowest value, -1.76: that, rescaled, keeps mean and
    spread. `nn.AlphaDropout`, `keras.layers.AlphaDropout`.
    """
    import torch
    from torch.nn import functional as F

    torch.manual_seed(0)
    x = torch.selu(torch.randn(100_000))
    wrong = F.dropout(x, 0.5, training=True).std().item()
    right = F.alpha_dropout(x, 0.5, training=True).std().item()
    return Shown(wrong, right)


def tensorflow_gelu_in_float16():
    """Keras' tanh-GELU in float16: the gradient of 300 is not a number.

    The cube overflows, and infinity times 0 follows. That of PyTorch and the recipe
    compute in float32.
    """
    import keras
    import tensorflow as tf

    from dlcookbook.keras.activations.gelu import gelu

    x = tf.constant([300.0], tf.float16)
    slopes = []
    for function in (keras.ops.gelu, lambda x: gelu(x, approximate=True)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        slopes.append(float(tape.gradient(y, x)[0]))
    wrong, right = slopes
    return Shown(wrong, right, "nan")


def keras_squareplus_in_bfloat16():
    """Keras' squareplus in bfloat16: far left it is 0, and it never should be.

    Left of 0 the sum of x and the root cancels. In float16 the square overflows, and
    300 becomes infinite.
    """
    import keras

    from dlcookbook.keras.activations.squareplus import squareplus

    x = keras.ops.convert_to_tensor([-100.0], dtype="bfloat16")
    wrong = float(keras.activations.squareplus(x)[0])
    right = float(squareplus(x)[0])
    return Shown(wrong, right, "vanishes")


def gate_in_the_other_half():
    """Weights for a gate in the first half, a SwiGLU with the gate in the second.

    Same shapes, no message, another number. Llama's code gates with the first, GLU of
    both frameworks with the second half. The recipe asks.
    """
    import torch

    from dlcookbook.torch.activations.glu import glu

    x = torch.tensor([3.0, -1.0])
    wrong = glu(x, gate="silu").item()
    right = glu(x, gate="silu", gate_first=True).item()
    return Shown(wrong, right)


def softmax_over_the_wrong_axis():
    """A softmax over the batch: the classes of one example do not sum to 1.

    The examples compete, not the classes. Say the axis: the last in Keras, 1 for
    (N, C, H, W) in PyTorch.
    """
    import torch

    scores = torch.tensor([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0], [2.0, 1.0, 0.0]])
    wrong = scores.softmax(dim=0)[0, 0].item()
    right = scores.softmax(dim=1)[0, 0].item()
    return Shown(wrong, right)


def softmax_without_the_maximum():
    """exp(x) / sum(exp(x)) written out: infinity over infinity from 89 on.

    Take the highest score from all of them first; every framework does.
    """
    import torch

    scores = torch.tensor([100.0, 0.0])
    wrong = (scores.exp() / scores.exp().sum())[0].item()
    right = scores.softmax(dim=0)[0].item()
    return Shown(wrong, right, "nan")


def temperature_after_the_softmax():
    """The temperature divides the scores, not the shares.

    Shares that are divided sum to 1 / T and are as sure of themselves as before.
    """
    import torch

    from dlcookbook.torch.activations.softmax import softmax

    scores = torch.tensor([4.0, 0.0])
    wrong = (scores.softmax(dim=0) / 2).sum().item()
    right = softmax(scores, temperature=2.0).sum().item()
    return Shown(wrong, right)


def mask_that_multiplies():
    """A mask that multiplies the scores: 0 is a score like any other.

    exp(0) is 1, so what is masked takes part. Minus infinity is what leaves out.
    """
    import torch

    from dlcookbook.torch.activations.softmax import softmax

    scores, mask = torch.tensor([-1.0, 2.0]), torch.tensor([True, False])
    wrong = (scores * mask).softmax(dim=0)[1].item()
    right = softmax(scores, mask=mask)[1].item()
    return Shown(wrong, right)


def log_of_a_softmax():
    """The log of a softmax: one share rounds to 0, and the gradient is not a number.

    Log-softmax never leaves the logarithm.
    """
    import torch

    scores = torch.tensor([0.0, 200.0], requires_grad=True)
    loss = -scores.softmax(dim=0).log()[0]
    wrong = torch.autograd.grad(loss, scores)[0][0].item()
    loss = -scores.log_softmax(dim=0)[0]
    right = torch.autograd.grad(loss, scores)[0][0].item()
    return Shown(wrong, right, "nan")


def keras_sparsemax_does_not_sum_to_one():
    """The sparsemax of Keras 3.15: shares that do not sum to 1.

    Wrong wherever two scores share: it adds up the running sums where the last one
    belongs.
    """
    import keras

    from dlcookbook.keras.activations.sparsemax import sparsemax

    scores = keras.ops.array([[1.0, 1.0, 1.0]])
    wrong = float(keras.ops.sum(keras.activations.sparsemax(scores)))
    right = float(keras.ops.sum(sparsemax(scores)))
    return Shown(wrong, right, "vanishes")


def step_has_no_slope():
    """A step teaches nothing: its slope is 0 wherever it has one.

    Train with a sigmoid (or a tanh, for a sign) and decide afterwards.
    """
    import torch

    x = torch.tensor(0.3, requires_grad=True)
    wrong = torch.autograd.grad(torch.sign(x), x)[0].item()
    right = torch.autograd.grad(torch.tanh(x), x)[0].item()
    return Shown(wrong, right, "vanishes")
