"""What goes wrong with models. The page prints each body as a snippet that runs."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def forgetting_eval():
    """Predicting without `eval()`: dropout and batch statistics are still at work.

    The same input gives another answer each time, and an example's answer depends on
    its neighbours in the batch. Call `model.eval()` first; in Keras `predict` and
    `model(x)` do it by themselves.
    """
    import torch

    from dlcookbook.torch.models.mlp import mlp

    torch.manual_seed(0)
    model = mlp(8, 3)
    x = torch.randn(64, 8)
    share = []
    for train in (True, False):
        model.train(train)
        with torch.no_grad():
            first, second = model(x), model(x)
        share.append((first == second).float().mean().item())  # the same answer twice
    wrong, right = share
    return Shown(wrong, right, "vanishes")


def keras_counts_the_statistics():
    """`count_params()` counts the running means and variances of BatchNorm as well.

    They are no trained parameters; papers and `sum(p.numel() for p in
    model.parameters())` leave them out. Count `trainable_weights`.
    """
    import math

    from dlcookbook.keras.models.mlp import mlp

    model = mlp(4, 2, hidden=(8,))
    wrong = model.count_params()
    right = sum(math.prod(w.shape) for w in model.trainable_weights)
    return Shown(wrong, right)


def flatten_of_another_order():
    """Weights behind a flattening, carried over from PyTorch to Keras as they are.

    PyTorch flattens channel by channel, Keras pixel by pixel with the channels last.
    The shapes agree, the numbers do not. The largest of four outputs, which should be
    that of the first framework; permute before flattening, as the models here do.
    """
    import keras
    import numpy as np
    import torch

    torch.manual_seed(0)
    image, layer = torch.randn(1, 3, 4, 4), torch.nn.Linear(48, 4)
    right = layer(image.flatten(1)).max().item()
    channels_last = np.moveaxis(image.numpy(), 1, -1)
    kernel = layer.weight.detach().numpy().T
    flat = keras.ops.convert_to_numpy(keras.layers.Flatten()(channels_last))
    wrong = float((flat @ kernel + layer.bias.detach().numpy()).max())
    return Shown(wrong, right)


def resnet_on_small_images():
    """ResNet's usual stem on 32 pixels: the last stage sees a single one.

    A stride of 2, a pooling and three more strides leave 32 / 32 = 1 pixel a side, of
    which 3 x 3 convolutions read eight ninths padding. `small_images=True` leaves 4.
    """
    import torch

    from dlcookbook.torch.models.resnet import resnet18

    sides = []
    for small in (False, True):
        with torch.device("meta"):
            model, x = resnet18(10, small_images=small), torch.zeros(1, 3, 32, 32)
        model.eval()
        x = model.maxpool(model.bn1(model.conv1(x)))
        for stage in (model.layer1, model.layer2, model.layer3, model.layer4):
            x = stage(x)
        sides.append(x.shape[-1])
    wrong, right = sides
    return Shown(wrong, right)


def resnet_v1_for_v15():
    """Weights of ResNet-50 version 1 in version 1.5: every tensor fits, no error.

    The stride sits in another convolution of the same shape. The share of images that
    keep their class; say `stride_on_1x1=True` for weights of `keras.applications`.
    """
    import torch

    from dlcookbook.torch.models.resnet import resnet50

    torch.manual_seed(0)
    v1, v15 = resnet50(10, stride_on_1x1=True), resnet50(10)
    v15.load_state_dict(v1.state_dict())
    same = resnet50(10, stride_on_1x1=True)
    same.load_state_dict(v1.state_dict())
    x = torch.randn(16, 3, 64, 64)
    with torch.no_grad():
        truth, *found = (m(x).argmax(dim=1) for m in (v1, v15, same))
    wrong, right = ((f == truth).float().mean().item() for f in found)
    return Shown(wrong, right)


def batch_norm_of_one():
    """One image in a batch: BatchNorm takes each number for its own mean.

    Where a channel has a single pixel, PyTorch refuses; Keras returns the bias and
    nothing else. Here behind a mean over the image, as in ASPP. Use batches, freeze the
    statistics, or take GroupNorm.
    """
    import keras
    import numpy as np

    image = np.random.default_rng(0).normal(size=(1, 1, 1, 8)).astype("float32")
    norm = keras.layers.BatchNormalization()
    wrong = float(np.abs(keras.ops.convert_to_numpy(norm(image, training=True))).max())
    group = keras.layers.GroupNormalization(groups=1)
    right = float(np.abs(keras.ops.convert_to_numpy(group(image))).max())
    return Shown(wrong, right, "vanishes")


def efficientnet_scales_itself():
    """Pixels divided by 255 for Keras' EfficientNet: it divides once more.

    A layer inside the model does it, and `preprocess_input` does nothing. White then
    arrives as 1 / 255. Give it 0 to 255; the models here, in contrast, want images that
    are normalised already.
    """
    import keras
    import numpy as np

    model = keras.applications.EfficientNetB0(weights=None, input_shape=(32, 32, 3))
    norm = next(
        layer for layer in model.layers if isinstance(layer, keras.layers.Normalization)
    )
    inside = keras.Model(model.inputs[0], norm.output)
    white = np.full((1, 32, 32, 3), 255.0)
    wrong = float(keras.ops.max(inside(white / 255)))
    right = float(keras.ops.max(inside(white)))
    return Shown(wrong, right)


def drop_path_of_numbers():
    """Dropout in place of DropPath: it drops numbers, not blocks.

    Of the branch of each image, either all or nothing should be left. The share of
    images for which that holds.
    """
    import torch

    from dlcookbook.torch.models.efficientnet import efficientnet

    torch.manual_seed(0)
    block = efficientnet("b0", 10, drop_path=0.5).blocks[5][3]
    x = torch.randn(64, 192, 2, 2)
    numbers = torch.dropout(block.eval()(x) - x, 0.5, train=True)
    paths = block.train()(x) - x
    whole = []
    for branch in (numbers, paths):
        kept = (branch != 0).flatten(1).float().mean(dim=1)
        whole.append(((kept == 0) | (kept > 0.99)).float().mean().item())
    wrong, right = whole
    return Shown(wrong, right, "vanishes")


def concat_of_odd_sizes():
    """Pooling an odd size: 9 pixels become 4, and the last one is gone.

    Everything below knows nothing of it, and resizing 4 to the 9 of the bridge moves
    the others. What is left of an object in the last column: round up on the way down
    and cut on the way up, as `unet` does.
    """
    import torch
    from torch.nn import functional as F

    bridge = torch.zeros(1, 1, 1, 9)
    bridge[..., 8] = 1.0  # the last column is the object
    low = F.avg_pool2d(bridge, (1, 2))
    wrong = F.interpolate(low, size=(1, 9)).sum().item()
    high = F.avg_pool2d(bridge, (1, 2), ceil_mode=True)
    right = high.repeat_interleave(2, dim=3)[..., :9].sum().item()
    return Shown(wrong, right, "vanishes")


def anchors_mixed_up():
    """`view` on channels-first maps: the scores of one anchor come from many places.

    The head's channels must be last before they are cut into anchors. The score of the
    second anchor at the first place, which is marked with 1 here.
    """
    import torch

    classes, anchors = 3, 2
    scores = torch.zeros(1, anchors * classes, 4, 4)
    scores[0, classes:, 0, 0] = 1.0  # second anchor, first place
    wrong = scores.view(1, -1, classes)[0, 1].mean().item()
    rows = scores.permute(0, 2, 3, 1).reshape(1, -1, classes)
    right = rows[0, 1].mean().item()
    return Shown(wrong, right, "vanishes")


def float_mask_is_added():
    """A mask of zeros and ones as floats: it is added to the scores, and hides nothing.

    Only a boolean mask forbids. The share of attention that two tokens of padding get.
    """
    import torch
    from torch.nn import functional as F

    torch.manual_seed(0)
    query, key = torch.randn(2, 1, 5, 8)
    keep = torch.tensor([[True, True, True, False, False]])
    padding = (~keep).float().mT[None]  # as values: what is averaged is the share
    wrong, right = (
        F.scaled_dot_product_attention(query, key, padding, attn_mask=mask)
        .mean()
        .item()
        for mask in (keep.float(), keep)
    )
    return Shown(wrong, right)


def attention_without_its_scale():
    """Scores that are not divided by the root of the width: nearly a hard choice.

    A dot product of 64 random pairs has a deviation of 8, and a softmax of such scores
    puts nearly all on one key, where its gradient is next to nothing. The mean of the
    largest share among 50 keys.
    """
    import torch

    torch.manual_seed(0)
    query, key = torch.randn(2, 50, 64)
    wrong = (query @ key.T).softmax(dim=1).amax(dim=1).mean().item()
    right = (query @ key.T / 64**0.5).softmax(dim=1).amax(dim=1).mean().item()
    return Shown(wrong, right)


def positions_beyond_the_training():
    """A table of positions that is longer than the texts: its end is never trained.

    No error at a longer text later, only rows as random as on the first day. The
    gradient of the last of 16 rows, from texts of 8 tokens and of 16. Train at the
    length that will be used, or use rotary positions and measure.
    """
    import torch

    from dlcookbook.torch.models.gpt import gpt

    torch.manual_seed(0)
    model = gpt(20, context=16, dim=32, depth=1)
    found = []
    for length in (8, 16):
        logits = model(torch.randint(20, (4, length)))
        (slope,) = torch.autograd.grad(
            logits.logsumexp(-1).sum(), model.positions.weight
        )
        found.append(slope[-1].abs().max().item())
    wrong, right = found
    return Shown(wrong, right, "vanishes")


def no_norm_behind_the_last_block():
    """Pre-norm without a norm at its end: what goes into the head grows with the depth.

    Each block adds to the stream and none scales it down. Its deviation after twelve
    blocks, which the head was meant to get at 1.
    """
    import torch

    from dlcookbook.torch.blocks.transformer_block import TransformerBlock

    torch.manual_seed(0)
    blocks = torch.nn.Sequential(*(TransformerBlock(64, 4) for _ in range(12)))
    stream = blocks(torch.randn(2, 10, 64)).detach()
    wrong = stream.std().item()
    right = torch.nn.LayerNorm(64)(stream).std().item()
    return Shown(wrong, right)


def norm_behind_the_sum():
    """Twelve blocks of `nn.TransformerEncoderLayer` as it comes: they barely learn.

    Its norm stands behind the sum, so that each block scales down what came before it,
    and the gradients are largest at the end: such a stack wants a warm-up of the
    learning rate and time. With `norm_first=True` the sum stays as it is. The loss
    after ten steps of asking each token for itself; guessing one of 8 gives 2.08.
    """
    import torch
    from torch.nn import functional as F

    losses = []
    for norm_first in (False, True):
        torch.manual_seed(0)
        blocks = [
            torch.nn.TransformerEncoderLayer(
                32, 2, 128, 0.0, batch_first=True, norm_first=norm_first
            )
            for _ in range(12)
        ]
        ends = torch.nn.LayerNorm(32), torch.nn.Linear(32, 8)
        model = torch.nn.Sequential(*blocks, *ends)
        for p in model.parameters():
            if p.ndim > 1:  # copies of one layer would start alike
                torch.nn.init.xavier_uniform_(p)
        tokens = torch.randint(8, (8, 9))
        x = F.one_hot(tokens, 32) * 32**0.5  # of deviation 1
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
        for _ in range(11):
            loss = F.cross_entropy(model(x).flatten(0, 1), tokens.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    wrong, right = losses
    return Shown(wrong, right)


def targets_that_are_not_shifted():
    """A language model asked for the token it has just read: right without training.

    The logits at t are for the token at t + 1: compare `logits[:, :-1]` with
    `tokens[:, 1:]`. The accuracy of a model that has learned nothing, of 50 tokens.
    """
    import torch

    from dlcookbook.torch.models.gpt import gpt

    torch.manual_seed(0)
    model = gpt(50, context=32, dim=64, depth=2).eval()
    tokens = torch.randint(50, (8, 32))
    found = model(tokens).argmax(dim=-1)
    wrong = (found == tokens).float().mean().item()
    right = (found[:, :-1] == tokens[:, 1:]).float().mean().item()
    return Shown(wrong, right)


def initializer_object_for_two_layers():
    """One initialiser object for two layers of Keras: both start with the same numbers.

    Such an object has a seed of its own and gives a shape the same numbers each time.
    Make a new one for each layer, or name it: `"he_normal"`. How far two layers are
    apart.
    """
    import keras

    keras.utils.set_random_seed(0)
    shared = keras.initializers.RandomNormal(stddev=0.02)
    gaps = []
    for initializers in ((shared, shared), ("glorot_normal", "glorot_normal")):
        layers = [keras.layers.Dense(8, kernel_initializer=i) for i in initializers]
        for layer in layers:
            layer.build((None, 8))
        first, second = (layer.kernel for layer in layers)
        gaps.append(float(keras.ops.max(keras.ops.abs(first - second))))
    wrong, right = gaps
    return Shown(wrong, right, "vanishes")


def same_padding_sees_the_future():
    """A temporal convolution with `padding="same"`: it forecasts what it can see.

    It pads on both sides, so that step t has read step t + 1. Put all the padding on
    the left, `"causal"` in Keras. How far earlier outputs move when the last step does.
    """
    import torch
    from torch.nn import functional as F

    torch.manual_seed(0)
    x = torch.randn(1, 1, 9)
    later = x.clone()
    later[..., -1] += 1
    same = torch.nn.Conv1d(1, 1, 3, padding="same")
    causal = torch.nn.Conv1d(1, 1, 3)
    gap = (same(later) - same(x))[..., :-1]
    wrong = gap.abs().max().item()
    gap = (causal(F.pad(later, (2, 0))) - causal(F.pad(x, (2, 0))))[..., :-1]
    right = gap.abs().max().item()
    return Shown(wrong, right)
