"""Cases for the small GPT."""

import numpy as np

from tests.models import Case, Count, Peer, Refusal, no_classes, out_of_range, tokens

SMALL = {"context": 9, "dim": 24, "depth": 2, "heads": 3}


def generates(beginning=((1, 2),), **options):
    """Return what runs `generate` and must be refused."""

    def run(module, model, tensor):
        start = tensor(np.array(beginning, "int64").reshape(len(beginning), -1))
        module.generate(model, start, **{"steps": 2} | options)

    return run


def flat(module, model, tensor):
    """Generate from a text without a batch."""
    module.generate(model, tensor(np.array([1, 2])), 2)


CASES = (
    Case(
        function="gpt",
        args=(11,),
        kwargs=SMALL,
        inputs=tokens(3, 7, below=11),
        more=(tokens(1, 1, below=11), tokens(2, 9, below=11)),
        # a key's bias adds the same to all scores of a query
        idle=r"attention_key_bias",
        refusals=(
            no_classes("vocabulary"),
            *out_of_range(context=(0,), dim=(0,), depth=(0, -1), heads=(0, -1)),
            *out_of_range(dropout=(1.0,), eps=(0, -0.1, float("nan"))),
            Refusal(match=r"shape \(N, T\).*\(2,\)", run=flat),
            Refusal(match="steps.*-1", run=generates(steps=-1)),
            Refusal(match="heads must divide dim.*5 and 24", kwargs={"heads": 5}),
            Refusal(match="at most 9.*10", inputs=tokens(2, 10, below=11)),
            Refusal(match=r"empty.*\(1, 0\)", run=generates(beginning=((),))),
            Refusal(match="temperature.*-1", run=generates(temperature=-1.0)),
            Refusal(match="temperature.*nan", run=generates(temperature=np.nan)),
            Refusal(match="top_k.*0", run=generates(top_k=0)),
        ),
    ),
)


def hugging_face(vocabulary, context, dim, depth, heads):
    """Build a GPT-2 of transformers with random weights."""
    import transformers

    config = transformers.GPT2Config(
        vocab_size=vocabulary,
        n_positions=context,
        n_embd=dim,
        n_layer=depth,
        n_head=heads,
        bos_token_id=0,
        eos_token_id=0,
    )
    return transformers.GPT2LMHeadModel(config)


def of_hugging_face(state):
    """Return the tensors of transformers' GPT-2 under the names of ours."""
    ours = {}
    for key, tensor in state.items():
        for theirs, mine in (
            ("transformer.", ""),
            ("wte", "tokens"),
            ("wpe", "positions"),
            ("h.", "blocks."),
            ("ln_1", "norm1"),
            ("ln_2", "norm2"),
            ("ln_f", "norm"),
            ("attn.c_proj", "attention.attention_output"),
            ("mlp.c_fc", "up"),
            ("mlp.c_proj", "down"),
        ):
            key = (
                key.replace(theirs, mine) if theirs != "h." or key[:2] == "h." else key
            )
        # a matrix of GPT-2 is stored as (in, out)
        is_linear = any(part in key for part in ("attn", "attention", "up.", "down."))
        tensor = tensor.T if is_linear and tensor.ndim == 2 else tensor
        if "attn.c_attn" in key:
            for part, third in zip(
                ("query", "key", "value"), tensor.chunk(3), strict=True
            ):
                ours[key.replace("attn.c_attn", f"attention.{part}")] = third
        elif key != "lm_head.weight":
            ours[key] = tensor
    return ours


def from_hugging_face():
    """Copy a tiny GPT-2 of transformers into both of ours."""
    import torch

    from dlcookbook.keras.models import gpt as in_keras
    from dlcookbook.torch.models import gpt as in_torch
    from tests import conversion

    size = {"context": 16, "dim": 48, "depth": 3, "heads": 4}
    theirs = hugging_face(29, *size.values()).eval()
    # the head shares its table: it must not be moved twice
    conversion.shake(theirs.transformer)
    with torch.no_grad():
        for block in theirs.transformer.h:
            # with the small weights of a fresh start, any GELU would do
            block.mlp.c_fc.weight.mul_(20)
            block.mlp.c_proj.weight.mul_(20)
    [x] = tokens(2, 16, below=29)(np.random.default_rng(0))
    with torch.inference_mode():
        want = [theirs(torch.from_numpy(x)).logits.numpy()]
    model = in_torch.gpt(29, **size)
    model.load_state_dict(of_hugging_face(theirs.state_dict()))
    twin = conversion.to_keras(model, in_keras.gpt(29, **size))
    return {
        "torch": conversion.difference(conversion.run_torch(model, x), want),
        "keras": conversion.difference(conversion.run_keras(twin, x), want),
    }


def counted():
    """Count the parameters of the smallest GPT-2 without giving it memory."""
    import torch

    with torch.device("meta"):
        theirs = hugging_face(50257, 1024, 768, 12, 12)
    return sum(p.numel() for p in theirs.parameters())


PEERS = (
    Peer(
        name="transformers GPT-2, width 48",
        library="transformers",
        function="gpt",
        differences=from_hugging_face,
    ),
)
COUNTS = (
    Count(
        name="transformers",
        library="transformers",
        function="gpt",
        args=(50257,),
        kwargs={"context": 1024, "dim": 768, "depth": 12, "heads": 12},
        counted=counted,
    ),
)
