"""Cases for ResNet."""

import re

import numpy as np

from tests.models import Case, Count, Peer, images, no_classes, out_of_range

CASES = (
    Case(
        function="resnet18",
        args=(7,),
        inputs=images(3, 3, 64, 48),
        more=(images(1, 3, 33, 65),),
        leaves_out=("onnx",),
        refusals=(
            no_classes(),
            *out_of_range(norm_eps=(0, -0.1, float("nan"))),
        ),
    ),
    Case(
        function="resnet34",
        args=(5,),
        kwargs={"in_channels": 1, "small_images": True, "norm_eps": 1e-3},
        inputs=images(3, 1, 17, 16),
        leaves_out=("onnx", "compile", "export", "saved", "step", "bfloat16"),
    ),
    Case(
        function="resnet50",
        args=(7,),
        inputs=images(3, 3, 64, 49),
        more=(images(1, 3, 32, 32),),
        leaves_out=("onnx", "compile", "export", "saved", "bfloat16"),
        refusals=(no_classes(),),
    ),
)
V1 = {"norm_eps": 1.001e-5, "conv_bias": True, "stride_on_1x1": True}


def of_applications(path):
    """Return the module in ours for a layer of keras.applications' ResNet."""
    if path in ("conv1_conv", "conv1_bn"):
        return path.removesuffix("_conv").replace("conv1_bn", "bn1")
    if path == "predictions":
        return "fc"
    stage, block, part, kind = re.fullmatch(
        r"conv(\d)_block(\d+)_(\d)_(conv|bn)", path
    ).groups()
    module = f"{kind}{part}"
    if part == "0":
        module = f"downsample.{0 if kind == 'conv' else 1}"
    return f"layer{int(stage) - 1}.{int(block) - 1}.{module}"


def from_applications():
    """Copy keras.applications' ResNet50, which is version 1, into both of ours."""
    import keras

    from dlcookbook.keras.models import resnet as in_keras
    from dlcookbook.torch.models import resnet as in_torch
    from tests import conversion

    theirs = keras.applications.ResNet50(
        weights=None, input_shape=(64, 49, 3), classes=7, classifier_activation=None
    )
    [x] = images(2, 3, 64, 49)(np.random.default_rng(0))
    model = in_torch.resnet50(7, **V1)
    # a network at its start hides a wrong place: move every weight first
    conversion.to_torch(theirs, model, of_applications)
    conversion.to_keras(conversion.shake(model), theirs, of_applications)
    want = conversion.run_keras(theirs, x)
    twin = conversion.to_keras(model, in_keras.resnet50(7, **V1))
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


def hugging_face(depths, kind, widths, classes):
    """Build a ResNet of transformers with random weights."""
    import transformers

    config = transformers.ResNetConfig(
        depths=depths, layer_type=kind, hidden_sizes=widths, num_labels=classes
    )
    return transformers.ResNetForImageClassification(config)


def of_hugging_face(key):
    """Return the name of ours for a tensor of transformers' ResNet."""
    key = key.replace("resnet.embedder.embedder.convolution", "conv1")
    key = key.replace("resnet.embedder.embedder.normalization", "bn1")
    key = key.replace("classifier.1", "fc")
    if found := re.fullmatch(r"resnet\.encoder\.stages\.(\d)\.layers\.(.*)", key):
        key = f"layer{int(found[1]) + 1}.{found[2]}"
    key = key.replace("shortcut.convolution", "downsample.0")
    key = key.replace("shortcut.normalization", "downsample.1")
    found = re.fullmatch(r"(.*)layer\.(\d)\.(convolution|normalization)(.*)", key)
    if found:
        kind = "conv" if found[3] == "convolution" else "bn"
        key = f"{found[1]}{kind}{int(found[2]) + 1}{found[4]}"
    return key


def from_hugging_face(function, depths, kind, widths):
    """Copy a ResNet of transformers, which is version 1.5, into both of ours."""
    import torch

    from dlcookbook.keras.models import resnet as in_keras
    from dlcookbook.torch.models import resnet as in_torch
    from tests import conversion

    theirs = conversion.shake(hugging_face(depths, kind, widths, 7)).eval()
    [x] = images(2, 3, 64, 49)(np.random.default_rng(0))
    with torch.inference_mode():
        want = [theirs(torch.from_numpy(x)).logits.numpy()]
    model = getattr(in_torch, function)(7)
    state = {of_hugging_face(key): t for key, t in theirs.state_dict().items()}
    model.load_state_dict(state)
    twin = conversion.to_keras(model, getattr(in_keras, function)(7))
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


SIZES = {
    "resnet18": ((2, 2, 2, 2), "basic", (64, 128, 256, 512)),
    "resnet34": ((3, 4, 6, 3), "basic", (64, 128, 256, 512)),
    "resnet50": ((3, 4, 6, 3), "bottleneck", (256, 512, 1024, 2048)),
}


def counted_in_hugging_face(function):
    """Count the parameters of transformers' model without giving it memory."""
    import torch

    with torch.device("meta"):
        theirs = hugging_face(*SIZES[function], 1000)
    return sum(p.numel() for p in theirs.parameters())


def counted_in_applications():
    """Count the trainable parameters of keras.applications' ResNet50."""
    import keras

    with keras.StatelessScope():
        theirs = keras.applications.ResNet50(weights=None)
    return sum(int(np.prod(w.shape)) for w in theirs.trainable_weights)


PEERS = (
    Peer(
        name="keras.applications.ResNet50",
        library="tensorflow",
        function="resnet50",
        differences=from_applications,
    ),
    *(
        Peer(
            name=f"transformers ResNet, {kind} blocks {depths}",
            library="transformers",
            function=function,
            differences=lambda f=function: from_hugging_face(f, *SIZES[f]),
            slow=function != "resnet50",
        )
        for function, (depths, kind, _) in SIZES.items()
        if function != "resnet34"
    ),
)
COUNTS = (
    *(
        Count(
            name="transformers",
            library="transformers",
            function=function,
            counted=lambda f=function: counted_in_hugging_face(f),
        )
        for function in SIZES
    ),
    Count(
        name="keras.applications",
        library="tensorflow",
        function="resnet50",
        kwargs=V1,
        counted=counted_in_applications,
    ),
)
