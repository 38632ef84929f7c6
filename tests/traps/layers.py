"""What goes wrong with layers. The page prints each body as a snippet that runs."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def same_padding_with_a_stride():
    """`padding=1` for TensorFlow's 'same' at stride 2: on even sizes all pixels shift.

    Eight pixels, windows of three, every second place: one zero is missing. torch's
    `padding=1` puts it before, TensorFlow behind. On odd sizes they agree.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.layers.same_conv import same_conv

    x = torch.arange(8.0).reshape(1, 1, 8)
    kernel = torch.ones(1, 1, 3)
    wrong = F.conv1d(x, kernel, stride=2, padding=1)[0, 0, 0]
    right = same_conv(x, kernel, stride=2)[0, 0, 0]
    return Shown(wrong, right)


def transposed_convolution_one_pixel_off():
    """A decoder moved from Keras to torch: the picture is one pixel off.

    Both are twice as large. torch's usual `padding=1, output_padding=1` crops before,
    Keras' 'same' crops behind.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.layers.same_conv_transpose import same_conv_transpose

    x = torch.tensor([[[0.0, 1.0, 0.0, 0.0]]])
    kernel = torch.tensor([[[5.0, 1.0, 1.0]]])
    moved = F.conv_transpose1d(x, kernel, stride=2, padding=1, output_padding=1)
    wrong = moved.argmax()
    right = same_conv_transpose(x, kernel, stride=2).argmax()
    return Shown(wrong, right)


def a_forecast_that_sees_the_next_step():
    """`padding=1` in a forecast: every output has read the step that it shall predict.

    Training goes well, and the model is worth nothing. All zeros belong before:
    `padding="causal"` in Keras. How much step 5 depends on step 6:
    """
    import torch
    from torch import nn

    def seen(*layers):
        x = torch.zeros(1, 1, 10, requires_grad=True)
        nn.Sequential(*layers)(x)[0, 0, 5].backward()
        return x.grad[0, 0, 6].abs()

    torch.manual_seed(0)
    wrong = seen(nn.Conv1d(1, 1, 3, padding=1))
    right = seen(nn.ConstantPad1d((2, 0), 0.0), nn.Conv1d(1, 1, 3))
    return Shown(wrong, right)


def checkerboard_of_a_transposed_convolution():
    """A kernel of 3 at stride 2: some pixels get four stamps, others one.

    A flat map of ones becomes a checkerboard before anything is learnt. With a kernel
    that the stride divides, every pixel inside gets as many.
    """
    import torch
    from torch.nn import functional as F

    flat = torch.ones(1, 1, 6, 6)

    def spread(size):
        kernel = torch.ones(1, 1, size, size)
        y = F.conv_transpose2d(flat, kernel, stride=2)[0, 0, 3:-3, 3:-3]
        return y.max() / y.min()

    wrong = spread(3)
    right = spread(4)
    return Shown(wrong, right)


def average_pooling_counts_zeros_outside():
    """Average pooling of ones, at a corner: torch finds 0.44.

    Four pixels are there, nine are divided by. `count_include_pad=False` divides by
    four, as TensorFlow does.
    """
    import torch
    from torch.nn import functional as F

    x = torch.ones(1, 1, 8, 8)
    wrong = F.avg_pool2d(x, 3, 1, padding=1)[0, 0, 0, 0]
    right = F.avg_pool2d(x, 3, 1, padding=1, count_include_pad=False)[0, 0, 0, 0]
    return Shown(wrong, right)


def odd_sizes_lose_a_row():
    """Pooling 13 x 13 to 6 x 6: the last row and column are never read.

    The brightest pixel stands there, and is gone. `ceil_mode=True`, or 'same' padding,
    reads it.
    """
    import torch
    from torch.nn import functional as F

    x = torch.zeros(1, 1, 13, 13)
    x[0, 0, 12, 12] = 1.0
    wrong = F.max_pool2d(x, 2).max()
    right = F.max_pool2d(x, 2, ceil_mode=True).max()
    return Shown(wrong, right, "vanishes")


def convolution_is_not_shift_invariant():
    """A picture moved by one pixel: the pooled features change by a third.

    A convolution moves with its input; pooling with a stride looks at every second
    place. "Where it is does not matter" holds for neither.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2))
    x = torch.zeros(1, 1, 20, 20)
    x[0, 0, 8:12, 8:12] = torch.randn(4, 4)
    before, after = features(x), features(x.roll(1, dims=3))
    wrong = ((before - after).norm() / before.norm()).item()
    right = 0.0
    return Shown(wrong, right)


def tensorflow_max_pooling_hides_a_nan():
    """A NaN in a map: TensorFlow's max pooling passes over it, on a CPU.

    The largest of what is left comes out, and behind a few layers nothing tells that
    the model has diverged. torch passes the NaN on. How many of four outputs are NaN:
    """
    import keras
    import numpy as np
    import torch

    x = np.zeros((1, 4, 4, 1), "float32")
    x[0, 0, 0, 0] = np.nan
    pooled = keras.layers.MaxPooling2D(2)(x)
    wrong = np.isnan(keras.ops.convert_to_numpy(pooled)).sum()
    right = torch.nn.MaxPool2d(2)(torch.tensor(x).permute(0, 3, 1, 2)).isnan().sum()
    return Shown(wrong, right, "vanishes")


def nearest_pixels_of_two_frameworks():
    """Nearest neighbour from 8 to 5 pixels: torch takes others than TensorFlow.

    `mode="nearest"` rounds the left edge of a new pixel down, TensorFlow, Pillow and
    `mode="nearest-exact"` its middle. A mask is shifted by up to a pixel.
    """
    import torch
    from torch.nn import functional as F

    x = torch.arange(8.0).reshape(1, 1, 8)
    wrong = F.interpolate(x, 5, mode="nearest").sum()
    right = F.interpolate(x, 5, mode="nearest-exact").sum()
    return Shown(wrong, right)


def bicubic_of_two_frameworks():
    """Bicubic at an edge from 0 to 1: torch overshoots half as far again.

    Its cubic has a = -0.75, Keys' and TensorFlow's -0.5; no argument changes that. What
    a model was trained with is what it should be fed.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.layers.resize import resize

    x = torch.tensor([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]).reshape(1, 1, 1, 6)
    wrong = F.interpolate(x, (1, 12), mode="bicubic").max() - 1
    right = resize(x, (1, 12), method="bicubic").max() - 1
    return Shown(wrong, right)


def flatten_in_two_orders():
    """Weights of a dense layer behind a flatten, moved as they are.

    torch flattens channel by channel, Keras pixel by pixel: the same numbers in another
    order. Permute the rows, or permute the map before it is flattened.
    """
    import torch
    from torch import nn

    x = torch.arange(12.0).reshape(1, 3, 2, 2)
    weight = torch.arange(12.0)  # of a model in Keras
    wrong = nn.Flatten()(x)[0] @ weight
    right = nn.Flatten()(x.permute(0, 2, 3, 1))[0] @ weight
    return Shown(wrong, right)


def dense_on_channels_first():
    """`nn.Linear` on an image with channels first: it mixes the columns.

    A dense layer works on the last axis. Where that is as long as the channels are
    many, nothing fails.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    x = torch.randn(1, 8, 4, 8)  # 8 channels, 4 x 8 pixels
    mix = nn.Linear(8, 8)
    wrong = mix(x)[0, 0, 0, 0].item()
    right = mix(x.movedim(1, -1)).movedim(-1, 1)[0, 0, 0, 0].item()
    return Shown(wrong, right)


def bias_before_batch_norm():
    """A bias in front of batch normalisation: its gradient is 0.

    The mean is subtracted, and the bias with it. `bias=False` saves the weights.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    layer = nn.Linear(3, 4)
    y = nn.BatchNorm1d(4)(layer(torch.randn(8, 3)))
    y.square().mul(torch.randn(8, 4)).sum().backward()
    wrong = layer.bias.grad.norm().round(decimals=3)
    right = layer.weight.grad.norm()
    return Shown(wrong, right, "vanishes")


def batch_norm_momentum_is_inverted():
    """`momentum=0.1` given to Keras: one batch decides what inference uses.

    In torch it is the weight of the new batch, in Keras that of the old value.
    """
    import keras
    import numpy as np

    def variance(momentum):
        layer = keras.layers.BatchNormalization(momentum=momentum)
        for _ in range(100):
            layer(rng.normal(0, 3, (16, 1)), training=True)
        odd = rng.normal(0, 0.1, (16, 1))  # one batch that is unlike the others
        layer(odd, training=True)
        return float(layer.moving_variance[0])

    rng = np.random.default_rng(0)
    wrong = variance(0.1)
    right = variance(0.9)
    return Shown(wrong, right)


def running_variance_of_two_frameworks():
    """The same batch of two, the same momentum: another variance is kept.

    torch keeps squares over n - 1, Keras over n. With two values per channel it is
    twice as large; with hundreds nobody sees it.
    """
    import torch
    from torch import nn

    from dlcookbook.torch.layers.batch_norm import BatchNorm

    x = torch.tensor([[0.0], [4.0]])
    layers = nn.BatchNorm1d(1, momentum=1.0), BatchNorm(1, momentum=1.0, unbiased=False)
    for layer in layers:
        layer(x)
    wrong, right = (float(layer.running_var) for layer in layers)
    return Shown(wrong, right, "factor", factor=2.0)


def frozen_batch_norm_still_learns():
    """`requires_grad_(False)` on a batch normalisation: its statistics move on.

    They are no parameters. In training mode it also normalises with the batch.
    """
    import torch
    from torch import nn

    from dlcookbook.torch.layers.frozen_batch_norm import freeze_batch_norm

    def mean_after_fine_tuning(model):
        model.train()
        for _ in range(20):
            model(torch.full((4, 1), 10.0))
        return model[0].running_mean.item()

    model = nn.Sequential(nn.BatchNorm1d(1)).requires_grad_(False)
    wrong = mean_after_fine_tuning(model)
    model = nn.Sequential(nn.BatchNorm1d(1))
    freeze_batch_norm(model)
    right = mean_after_fine_tuning(model)
    return Shown(wrong, right)


def dropout_before_batch_norm():
    """Dropout, then batch normalisation: in inference the outputs shrink.

    Zeros and what makes up for them add variance in training; the running variance
    learns it, and in inference it is not there. The other order is right.
    """
    import torch
    from torch import nn

    def deviation(*order):
        torch.manual_seed(0)
        model = nn.Sequential(*order)
        for _ in range(200):
            model(torch.randn(256, 8))
        return model.eval()(torch.randn(4096, 8)).std().item()

    wrong = deviation(nn.Dropout(0.5), nn.BatchNorm1d(8))
    right = deviation(nn.BatchNorm1d(8), nn.Dropout(0.5))
    return Shown(wrong, right)


def epsilon_of_layer_norm():
    """Layer normalisation of small activations in Keras: they stay small.

    Its epsilon is 1e-3 by default, added to a variance of 1e-4. torch's is 1e-5.
    """
    import keras
    import numpy as np

    x = np.random.default_rng(0).normal(0, 0.01, (4, 512))
    layers = (keras.layers.LayerNormalization(epsilon=e) for e in (1e-3, 1e-5))
    wrong, right = (keras.ops.convert_to_numpy(layer(x)).std() for layer in layers)
    return Shown(wrong, right)


def keras_spectral_norm_starts_with_training():
    """A `SpectralNormalization` that has not been trained: it normalises nothing.

    In Keras the kernel is divided in training steps alone. Loaded or new weights are
    used as they are until then. By how much the longest vector is stretched:
    """
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    layer = keras.layers.SpectralNormalization(
        keras.layers.Dense(8, use_bias=False), power_iterations=50
    )
    layer.build((None, 8))

    def stretch(training):
        kernel = layer(np.eye(8, dtype="float32"), training=training)
        return np.linalg.norm(keras.ops.convert_to_numpy(kernel), 2)

    wrong = stretch(training=False)
    right = stretch(training=True)
    return Shown(wrong, right)


def dropout_in_inference():
    """A model that was never put into `eval()`: it answers another thing every time.

    Dropout draws for every value and every call, not once per epoch. `eval()` in torch;
    in Keras `predict` and `model(x)` are inference.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(16, 64), nn.Dropout(0.5), nn.Linear(64, 1))
    x = torch.randn(1, 16)

    def spread():
        return torch.stack([model(x) for _ in range(100)]).std().item()

    model.train()
    wrong = spread()
    model.eval()
    right = spread()
    return Shown(wrong, right)


def mask_zero_trains_the_padding():
    """`mask_zero=True` in Keras: the row of the padding is trained all the same.

    It makes a mask; an operation that is no layer, such as this mean, does not see it.
    `padding_idx` of torch is another thing: its row stays as it is.
    """
    import keras
    import numpy as np
    import torch
    from torch import nn

    keras.utils.set_random_seed(0)
    ids = np.array([[1, 2, 0, 0]])
    table = keras.layers.Embedding(5, 3, mask_zero=True)
    inputs = keras.Input((4,))
    mean = keras.ops.mean(table(inputs), axis=1)
    model = keras.Model(inputs, keras.layers.Dense(1)(mean))
    model.compile(keras.optimizers.SGD(1.0), "mse")
    before = table.get_weights()[0][0]
    model.train_on_batch(ids, np.ones((1, 1)))
    wrong = np.abs(table.get_weights()[0][0] - before).max()
    torch.manual_seed(0)
    other = nn.Embedding(5, 3, padding_idx=0)
    nn.Linear(3, 1)(other(torch.tensor(ids)).mean(1)).sub(1).square().sum().backward()
    right = other.weight.grad[0].abs().max()
    return Shown(wrong, right)


def lstm_without_a_forget_bias():
    """An LSTM of torch begins by forgetting: half of its memory is gone at each step.

    Its forget gate starts at sigmoid(0), a half. Keras starts that bias at 1, and the
    gate keeps 0.73. What is left after ten steps:
    """
    import torch
    from torch import nn

    def kept(forget_bias):
        torch.manual_seed(0)
        lstm = nn.LSTM(3, 64)
        with torch.no_grad():
            lstm.bias_ih_l0[64:128] += forget_bias
        memory = torch.full((1, 1, 64), 100.0)
        with_it = lstm(torch.zeros(10, 1, 3), (0 * memory, memory))[1][1]
        without = lstm(torch.zeros(10, 1, 3))[1][1]
        return (with_it - without).mean().item()

    wrong = kept(forget_bias=0.0)
    right = kept(forget_bias=1.0)
    return Shown(wrong, right)


def gru_gates_in_the_wrong_order():
    """Weights of a GRU copied from torch to Keras, gate by gate as they stand.

    torch has reset, update, new; Keras has update, reset, new. All shapes fit.
    """
    import keras
    import numpy as np
    import torch

    torch.manual_seed(0)
    source = torch.nn.GRU(3, 4, batch_first=True)
    x = torch.randn(1, 6, 3)
    ih, hh, b, c = (w.detach().numpy() for w in source.parameters())

    def copied(order):
        def turned(w):
            return np.concatenate([np.split(w, 3)[i] for i in order]).T

        layer = keras.layers.GRU(4)
        layer.build(x.shape)
        biases = np.stack([turned(b), turned(c)])
        layer.set_weights([turned(ih), turned(hh), biases])
        return keras.ops.convert_to_numpy(layer(x.numpy()))[0, 0]

    wrong = copied([0, 1, 2])
    right = copied([1, 0, 2])
    assert abs(right - source(x)[0][0, -1, 0].item()) < 1e-5
    return Shown(wrong, right)


def gru_resets_before_or_after():
    """`reset_after=False` is the GRU of the paper; torch and cuDNN have the other.

    The reset gate acts on the state before the product, or on the product. Weights do
    not move from one to the other.
    """
    import keras
    import numpy as np

    x = np.random.default_rng(0).normal(size=(1, 6, 3))

    def last(reset_after):
        layer = keras.layers.GRU(4, reset_after=reset_after)
        layer.build(x.shape)
        rng = np.random.default_rng(1)
        kernels = [2 * rng.normal(size=w.shape) for w in layer.get_weights()[:2]]
        layer.set_weights([*kernels, np.zeros(layer.get_weights()[2].shape)])
        return keras.ops.convert_to_numpy(layer(x))[0, 0]

    wrong = last(reset_after=False)
    right = last(reset_after=True)
    return Shown(wrong, right)


def the_last_step_is_padding():
    """The last output of an LSTM on a padded batch: it has read the padding too.

    Pack the sequences, or take the output at each one's own last step. Keras needs a
    mask for it.
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence

    torch.manual_seed(0)
    lstm = nn.LSTM(3, 4, batch_first=True)
    x = torch.zeros(1, 20, 3)
    x[0, :4] = torch.randn(4, 3)  # four steps, then padding
    wrong = lstm(x)[1][0][0, 0, 0].item()
    packed = pack_padded_sequence(x, torch.tensor([4]), batch_first=True)
    right = lstm(packed)[1][0][0, 0, 0].item()
    return Shown(wrong, right)


def last_step_of_a_bidirectional_layer():
    """`output[:, -1]` of a bidirectional layer: half of it has read one word.

    The layer that reads backwards has its whole sequence at step 0. The final states
    are the second result.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    layer = nn.GRU(3, 4, batch_first=True, bidirectional=True)
    x = torch.randn(1, 9, 3)
    output, final = layer(x)
    wrong = output[0, -1, 4].item()
    right = final[1, 0, 0].item()
    assert output[0, 0, 4] == right
    return Shown(wrong, right)


def mask_polarity():
    """A mask of what to keep, given to `nn.MultiheadAttention`: it keeps the rest.

    True is ignored there. In `F.scaled_dot_product_attention` and in Keras true is
    attended to.
    """
    import torch
    from torch import nn
    from torch.nn import functional as F

    x = torch.tensor([[[1.0], [100.0]]])  # the second is padding
    keep = torch.tensor([[True, False], [True, False]])
    layer = nn.MultiheadAttention(1, 1, batch_first=True)
    for weight in layer.parameters():
        nn.init.constant_(weight, float(weight.ndim > 1))
    wrong = layer(x, x, x, attn_mask=keep)[0][0, 0, 0].item()
    right = F.scaled_dot_product_attention(x, x, x, keep)[0, 0, 0]
    return Shown(wrong, right)


def a_row_that_is_masked_whole():
    """A query that may attend to nothing: NaN in `nn.MultiheadAttention`.

    0 / 0 in its softmax; one such row makes every gradient NaN. Keras gives the mean of
    all values, `masked_attention` gives 0.
    """
    import torch
    from torch import nn

    from dlcookbook.torch.layers.masked_attention import masked_attention

    x = torch.ones(1, 2, 4)
    keep = torch.tensor([[True, True], [False, False]])
    layer = nn.MultiheadAttention(4, 1, batch_first=True)
    wrong = layer(x, x, x, attn_mask=~keep)[0][0, 1, 0].item()
    right = masked_attention(x, x, x, keep=keep)[0, 1, 0]
    return Shown(wrong, right, "nan")


def a_mask_of_padding_without_an_axis():
    """A mask of padding, (examples, keys), where as many queries as examples are.

    It is taken for (queries, keys): query 0 of every example gets the mask of example
    0. `keep[:, None]` says that all queries of an example share it.
    """
    import torch

    from dlcookbook.torch.layers.masked_attention import masked_attention

    value = torch.tensor([[[1.0], [2.0]], [[3.0], [100.0]]])  # the last is padding
    keep = torch.tensor([[True, True], [True, False]])
    ones = torch.ones(2, 2, 1)
    wrong = masked_attention(ones, ones, value, keep=keep)[1, 0, 0]
    right = masked_attention(ones, ones, value, keep=keep[:, None])[1, 0, 0]
    return Shown(wrong, right)


def attention_over_the_wrong_axis():
    """`nn.MultiheadAttention` without `batch_first=True`: examples read each other.

    It takes the first axis for time. A prediction then depends on who else is in the
    batch, and no shape is wrong.
    """
    import torch
    from torch import nn

    def change_of_a_neighbour(**options):
        torch.manual_seed(0)
        layer = nn.MultiheadAttention(4, 1, **options)
        x = torch.randn(2, 3, 4)
        other = x.clone()
        other[1] = 0.0  # another second example
        first, second = layer(x, x, x)[0], layer(other, other, other)[0]
        return (first[0] - second[0]).abs().max().item()

    wrong = change_of_a_neighbour()
    right = change_of_a_neighbour(batch_first=True)
    return Shown(wrong, right)
