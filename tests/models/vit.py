"""Cases for the vision transformer."""

import functools

import numpy as np

from tests.models import Case, Count, Peer, Refusal, images, no_classes, out_of_range

# A key's bias adds the same to all scores of a query: the softmax takes it out again.
IDLE = r"attention_key_bias"
CASES = (
    Case(
        function="vit_tiny",
        args=(7,),
        kwargs={"image_size": (32, 48), "patch_size": 16},
        inputs=images(3, 3, 32, 48),
        idle=IDLE,
        # it takes long: the proof shows it
        leaves_out=("onnx",),
        refusals=(
            no_classes(),
            *out_of_range(
                patch_size=(0, -16), dropout=(1.0,), eps=(0, -0.1, float("nan"))
            ),
            Refusal(match="patch_size.*20", kwargs={"patch_size": 20}),
            Refusal(match="48, 32", inputs=images(2, 3, 48, 32)),
        ),
    ),
)
SIZES = {"vit_tiny": (192, 3), "vit_small": (384, 6)}


def hugging_face(function, image_size, classes):
    """Build a ViT of transformers with random weights."""
    import transformers

    dim, heads = SIZES[function]
    config = transformers.ViTConfig(
        hidden_size=dim,
        num_attention_heads=heads,
        intermediate_size=4 * dim,
        image_size=image_size,
        num_labels=classes,
    )
    return transformers.ViTForImageClassification(config)


def of_hugging_face(key):
    """Return the name of ours for a tensor of transformers' ViT."""
    for theirs, mine in (
        ("vit.embeddings.patch_embeddings.projection", "patches"),
        ("vit.embeddings.cls_token", "embedding.class_token"),
        ("vit.embeddings.position_embeddings", "embedding.positions"),
        ("vit.layers.", "blocks."),
        ("q_proj", "query"),
        ("k_proj", "key"),
        ("v_proj", "value"),
        ("o_proj", "attention_output"),
        ("layernorm_before", "norm1"),
        ("layernorm_after", "norm2"),
        ("mlp.fc1", "up"),
        ("mlp.fc2", "down"),
        ("vit.layernorm", "norm"),
        ("classifier", "head"),
    ):
        key = key.replace(theirs, mine)
    return key


def from_hugging_face(function):
    """Copy a ViT of transformers into both of ours."""
    import torch

    from dlcookbook.keras.models import vit as in_keras
    from dlcookbook.torch.models import vit as in_torch
    from tests import conversion

    theirs = conversion.shake(hugging_face(function, 64, 7)).eval()
    options = {"image_size": 64, "eps": theirs.config.layer_norm_eps}
    [x] = images(2, 3, 64, 64)(np.random.default_rng(0))
    with torch.no_grad():
        for name, p in theirs.named_parameters():
            if name.endswith(("fc1.weight", "fc2.weight")):
                # with the small weights of a fresh start, any GELU would do
                p.mul_(10)
    with torch.inference_mode():
        want = [theirs(torch.from_numpy(x)).logits.numpy()]
    model = getattr(in_torch, function)(7, **options)
    state = {of_hugging_face(key): t for key, t in theirs.state_dict().items()}
    model.load_state_dict(state)
    twin = conversion.to_keras(model, getattr(in_keras, function)(7, **options))
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


def counted(function):
    """Count the parameters of transformers' model without giving it memory."""
    import torch

    with torch.device("meta"):
        theirs = hugging_face(function, 224, 1000)
    return sum(p.numel() for p in theirs.parameters())


PEERS = (
    Peer(
        name="transformers ViT, width 192",
        library="transformers",
        function="vit_tiny",
        differences=functools.partial(from_hugging_face, "vit_tiny"),
    ),
)
COUNTS = tuple(
    Count(
        name="transformers",
        library="transformers",
        function=function,
        counted=functools.partial(counted, function),
    )
    for function in SIZES
)
