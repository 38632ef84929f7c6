"""Cases for EfficientNet."""

import re

import numpy as np

from tests.models import Case, Count, Peer, Refusal, images, no_classes, out_of_range

CASES = (
    Case(
        function="efficientnet",
        args=("b0", 7),
        inputs=images(3, 3, 64, 49),
        more=(images(1, 3, 33, 32),),
        leaves_out=("onnx", "export"),
        refusals=(
            no_classes("num_classes", "b0"),
            *out_of_range(
                dropout=(1.0,), drop_path=(1.0, -0.1), norm_eps=(0, -0.1, float("nan"))
            ),
            Refusal(args=("b8",), match=r"variant must be in .*Received: b8"),
        ),
    ),
)
TF = {"norm_eps": 1e-3, "tf_padding": True}
# What the paper calls the coefficients; B0 to B7.
SCALES = (
    (1.0, 1.0),
    (1.0, 1.1),
    (1.1, 1.2),
    (1.2, 1.4),
    (1.4, 1.8),
    (1.6, 2.2),
    (1.8, 2.6),
    (2.0, 3.1),
)
FIXED = {
    "stem_conv": "conv_stem",
    "stem_bn": "bn1",
    "top_conv": "conv_head",
    "top_bn": "bn2",
    "predictions": "classifier",
}


def of_applications(path):
    """Return the module in ours for a layer of keras.applications' EfficientNet."""
    if path in FIXED:
        return FIXED[path]
    # the statistics of the images are no part of the network; a process numbers them
    if path.startswith("normalization"):
        return None
    stage, block, part = re.fullmatch(r"block(\d)([a-z])_(\w+)", path).groups()
    depthwise_first = stage == "1"
    module = {
        "expand_conv": "conv_pw",
        "expand_bn": "bn1",
        "dwconv": "conv_dw",
        "bn": "bn1" if depthwise_first else "bn2",
        "se_reduce": "se.conv_reduce",
        "se_expand": "se.conv_expand",
        "project_conv": "conv_pw" if depthwise_first else "conv_pwl",
        "project_bn": "bn2" if depthwise_first else "bn3",
    }[part]
    return f"blocks.{int(stage) - 1}.{ord(block) - ord('a')}.{module}"


def from_applications():
    """Copy keras.applications' EfficientNetB0 into both of ours."""
    import keras

    from dlcookbook.keras.models.efficientnet import efficientnet as in_keras
    from dlcookbook.torch.models.efficientnet import efficientnet as in_torch
    from tests import conversion

    theirs = keras.applications.EfficientNetB0(
        weights=None, input_shape=(64, 49, 3), classes=7, classifier_activation=None
    )
    [x] = images(2, 3, 64, 49)(np.random.default_rng(0))
    model = in_torch("b0", 7, **TF)
    # a network at its start hides a wrong place: move every weight first
    conversion.to_torch(theirs, model, of_applications)
    conversion.to_keras(conversion.shake(model), theirs, of_applications)
    # theirs divides by 255 itself
    want = conversion.run_keras(theirs, 255 * x)
    twin = conversion.to_keras(model, in_keras("b0", 7, **TF))
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


def counted_in_applications(i):
    """Count the trainable parameters of keras.applications without their memory."""
    import keras

    with keras.StatelessScope():
        theirs = getattr(keras.applications, f"EfficientNetB{i}")(weights=None)
    return sum(int(np.prod(w.shape)) for w in theirs.trainable_weights)


def counted_in_hugging_face(i):
    """Count the parameters of transformers' model without their memory."""
    import torch
    import transformers

    width, depth = SCALES[i]
    config = transformers.EfficientNetConfig(
        width_coefficient=width,
        depth_coefficient=depth,
        hidden_dim=int(1280 * width),
        num_labels=1000,
    )
    with torch.device("meta"):
        theirs = transformers.EfficientNetForImageClassification(config)
    return sum(p.numel() for p in theirs.parameters())


PEERS = (
    Peer(
        name="keras.applications.EfficientNetB0",
        library="tensorflow",
        function="efficientnet",
        differences=from_applications,
    ),
)
COUNTS = tuple(
    count
    for i in range(8)
    for count in (
        Count(
            name="transformers",
            library="transformers",
            function="efficientnet",
            args=(f"b{i}",),
            counted=lambda i=i: counted_in_hugging_face(i),
        ),
        Count(
            name="keras.applications",
            library="tensorflow",
            function="efficientnet",
            args=(f"b{i}",),
            counted=lambda i=i: counted_in_applications(i),
            slow=i > 0,
        ),
    )
)
