"""What goes wrong with CNNs. The page prints each body as a snippet that runs."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def two_convolutions_without_an_activation():
    """Two convolutions with nothing between them: the answer to -x is minus that to x.

    They are one convolution of 5x5, with fewer weights to choose freely. What is shown
    is the sum of both answers, which is 0 for everything linear.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    first, second = (nn.Conv2d(4, 4, 3, bias=False) for _ in range(2))
    x = torch.randn(1, 4, 9, 9)
    linear = nn.Sequential(first, second)
    wrong = float((linear(x) + linear(-x)).detach().abs().max())
    bent = nn.Sequential(first, nn.ReLU(), second)
    right = float((bent(x) + bent(-x)).detach().abs().max())
    # the one convolution that they are
    weight = nn.functional.conv2d(
        first.weight.transpose(0, 1), second.weight.flip(2, 3), padding=2
    ).transpose(0, 1)
    assert torch.allclose(nn.functional.conv2d(x, weight), linear(x), atol=1e-5)
    return Shown(wrong, right, "vanishes")


def conv_bias_in_front_of_a_norm():
    """A bias in front of batch normalisation: its gradient, beside that of the norm's.

    The norm takes the mean of the batch away, and the bias with it. Write
    `bias=False`, `use_bias=False`: nothing changes but the number of weights.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    conv, norm = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
    y = norm(conv(torch.randn(16, 3, 8, 8)))
    (y * torch.randn_like(y)).sum().backward()
    wrong = float(conv.bias.grad.norm())
    right = float(norm.bias.grad.norm())
    return Shown(wrong, right)


def dropout_in_front_of_a_norm():
    """Dropout in front of batch normalisation: the deviation of what it puts out.

    In training the norm learns the variance with the noise of dropout in it; in use the
    noise is gone, and everything after the norm is too small.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(8))
    swapped = nn.Sequential(nn.BatchNorm1d(8), nn.Dropout(0.5))
    for _ in range(100):
        x = torch.randn(512, 8) + 1
        model(x), swapped(x)
    x = torch.randn(4096, 8) + 1
    wrong = float(model.eval()(x).detach().std())
    right = float(swapped.eval()(x).detach().std())
    return Shown(wrong, right)


def flatten_takes_one_size():
    """Of five sizes of images, how many a flattened map takes.

    The dense layer after it counts the pixels. A global average takes every size, and
    needs a fraction of the weights.
    """
    import torch
    from torch import nn

    body = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    flat = nn.Sequential(body, nn.Flatten(), nn.Linear(8 * 16 * 16, 10))
    average = nn.Sequential(
        body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)
    )

    def takes(model, size):
        try:
            return model(torch.zeros(1, 3, size, size)).shape == (1, 10)
        except RuntimeError:
            return False

    sizes = (28, 30, 32, 48, 64)
    wrong = sum(takes(flat, size) for size in sizes)
    right = sum(takes(average, size) for size in sizes)
    return Shown(wrong, right)


def kernel_on_a_map_of_one_pixel():
    """A 3x3 kernel on a map of one pixel: the share of its weights that can learn.

    Five halvings leave one pixel of an image of 32. The other eight weights meet the
    padding and nothing else. Halve less often, or begin with larger images.
    """
    import torch
    from torch import nn

    def learning(halvings):
        torch.manual_seed(0)
        last = nn.Conv2d(4, 4, 3, padding=1)
        x = nn.functional.max_pool2d(torch.rand(8, 4, 32, 32), 2**halvings)
        last(x).square().sum().backward()
        return float((last.weight.grad != 0).double().mean())

    wrong, right = learning(halvings=5), learning(halvings=3)
    return Shown(wrong, right)


def reshaped_channels():
    """A red image, from channels last to channels first by `reshape`: how red it is.

    `reshape` keeps the order of the numbers and mixes pixels and colours. It has the
    right shape, so that training runs. Move the axis: `permute`, `movedim`.
    """
    import numpy as np
    import torch

    image = np.zeros((1, 8, 8, 3), np.float32)
    image[..., 0] = 1
    x = torch.from_numpy(image)
    wrong = float(x.reshape(1, 3, 8, 8)[:, 0].mean())
    right = float(x.permute(0, 3, 1, 2)[:, 0].mean())
    return Shown(wrong, right)


def keras_reads_rows_as_channels():
    """Channels first in Keras: a convolution that takes the columns for colours.

    Keras reads (3, 32, 32) as three rows of 32 pixels in 32 colours, if the model is
    built for it. What is shown is the number of weights, which gives it away.
    """
    import keras

    def weights(shape):
        conv = keras.layers.Conv2D(16, 3, padding="same")
        model = keras.Sequential([keras.Input(shape), conv])
        model(keras.ops.ones((1, *shape)))
        return model.count_params()

    wrong, right = weights((3, 32, 32)), weights((32, 32, 3))
    return Shown(wrong, right)


def batch_norm_left_in_training_mode():
    """Without `model.eval()`: accuracy on images that come one at a time.

    Batch normalisation then takes its statistics from the batch to be read, so that an
    answer depends on its neighbours, or on having none. In Keras: `training=False`,
    which `predict` sets.
    """
    import torch
    from torch import nn

    from dlcookbook.data.digits import load_digits_split

    train, _, test = load_digits_split(0)
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    x, y = torch.from_numpy(train.images)[:, None], torch.from_numpy(train.labels)
    for _ in range(3):
        for i in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            optimizer.step()

    def accuracy():
        single = torch.from_numpy(test.images)[:, None].split(1)
        answers = torch.cat([model(image).argmax(1) for image in single])
        return float((answers == torch.from_numpy(test.labels)).double().mean())

    with torch.no_grad():
        wrong = accuracy()
        model.eval()
        right = accuracy()
    return Shown(wrong, right)


def imagenet_statistics_on_bytes():
    """The mean and deviation of ImageNet on pixels of 0 to 255: the deviation after it.

    0.485 and 0.229 belong to pixels of 0 to 1. Divide by 255 first, once; a network
    that was trained so sees images a thousand times too bright, and still answers.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    image = rng.normal(0.485, 0.229, (64, 64)).clip(0, 1) * 255
    wrong = float(((image - 0.485) / 0.229).std())
    right = float(((image / 255 - 0.485) / 0.229).std())
    return Shown(wrong, right)


def pooling_drops_the_last_row():
    """Pooling of an odd map: what the last row can tell, as its gradient.

    2x2 windows do not reach the last row and column of 13 by 13. `ceil_mode=True`, in
    Keras `padding="same"`, or sizes that can be halved.
    """
    import torch
    from torch.nn import functional as F

    x = torch.rand(1, 1, 13, 13, requires_grad=True)

    def told(**options):
        (gradient,) = torch.autograd.grad(F.avg_pool2d(x, 2, **options).sum(), x)
        return float(gradient[..., -1, :].sum())

    wrong, right = told(), told(ceil_mode=True)
    return Shown(wrong, right, "vanishes")


def pytorch_counts_no_operation_of_an_lstm():
    """The operations of an LSTM on a CPU, as PyTorch's own counter counts them.

    It looks at tensor operations, and the LSTM of a library is one that it does not
    know: 0, without a word. On the device "meta" it falls into products of matrices.
    """
    import torch
    from torch import nn
    from torch.utils.flop_counter import FlopCounterMode

    def operations(device):
        lstm = nn.LSTM(64, 64).to(device).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            lstm(torch.zeros(10, 1, 64, device=device))
        return counter.get_total_flops()

    wrong, right = operations("cpu"), operations("meta")
    return Shown(wrong, right, "vanishes")


def torchinfo_counts_no_attention():
    """The multiply-adds of an attention layer, as torchinfo counts them.

    It multiplies weights by the places of an output, and attention multiplies
    activations; the projections are not seen either. The table of this page watches
    the operations.
    """
    import torchinfo
    from torch import nn

    from dlcookbook.torch.cnn.model_table import model_table

    layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True).eval()
    summary = torchinfo.summary(layer, (1, 50, 64), verbose=0)
    wrong = summary.total_mult_adds
    right = model_table(layer, (1, 50, 64)).multiply_adds
    return Shown(wrong, right)
