"""The contracts of blocks, models and cnn are tested: planted bugs must break them."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("keras")

from tests import (  # noqa: E402
    conversion,
    test_blocks,
    test_cnn,
    test_models,
    test_sequences,
    wings,
)
from tests.test_harness import Bug, broken, stand_in  # noqa: E402

BUGS = [
    Bug("torch/blocks/residual", "(y + self.downsample(x)).relu()", "y.relu()",
        "no shortcut"),
    Bug("keras/blocks/residual", "ops.relu(x + y)", "x + ops.relu(y)",
        "added behind the ReLU"),
    Bug("torch/blocks/mbconv", "self.se(self.depthwise(self.expand(x)))",
        "self.depthwise(self.se(self.expand(x)))", "squeezed before it looked around"),
    Bug("keras/blocks/mbconv", "int(channels * o[\"squeeze\"])",
        "int(width * o[\"squeeze\"])", "a gate of the widened channels"),
    Bug("torch/blocks/squeeze_excite", "torch.sigmoid(", "torch.tanh(",
        "a gate that turns signs"),
    Bug("keras/blocks/conv_norm_act", "ZeroPadding2D(dilation * (kernel_size // 2)",
        "ZeroPadding2D(((0, 2 * dilation * (kernel_size // 2)),) * 2",
        "all zeros right and below"),
    Bug("torch/blocks/drop_path", "x / keep, 0", "x, 0", "the mean shrinks"),
    Bug("keras/blocks/drop_path", "chance >= self.rate", "chance < self.rate",
        "the share that stays is dropped"),
    Bug("torch/blocks/positions", "a * cos - b * sin, a * sin + b * cos",
        "a * cos + b * sin, b * cos - a * sin", "turned backwards"),
    Bug("keras/blocks/positions", "x[..., ::2], x[..., 1::2]",
        "x[..., : dim // 2], x[..., dim // 2 :]", "halves taken for neighbours"),
    Bug("torch/blocks/attention", "attn_mask=keep | ~seen", "attn_mask=~keep | ~seen",
        "the mask says what to leave out"),
    Bug("keras/blocks/attention", "ops.where(seen, ops.softmax(scores, axis=-1), 0.0)",
        "ops.softmax(scores, axis=-1)", "nothing is kept: the mean"),
    Bug("torch/blocks/attention", "if value.shape[:-1] != key.shape[:-1]:", "if False:",
        "a value that is too short is read beyond its end"),
    Bug("torch/blocks/transformer_block",
        "x + self.dropout(self._attend(self.norm1(x), keep, causal))",
        "self.norm1(x + self.dropout(self._attend(x, keep, causal)))", "post-norm"),
    Bug("keras/blocks/transformer_block", "(self.dim // self.heads) ** 0.5",
        "self.dim**0.5", "scaled by all heads"),
    Bug("torch/blocks/rnn_cells", "(1 - z) * n + z * h", "z * n + (1 - z) * h",
        "the update gate turned round"),
    Bug("keras/blocks/swiglu_mlp", "ops.silu(self.gate(x)) * self.up(x)",
        "self.gate(x) * ops.silu(self.up(x))", "the other one is the gate"),
    Bug("torch/models/gpt", "self.positions.weight[:length]",
        "self.positions.weight[1 : length + 1]", "positions shifted by one"),
    Bug("torch/models/gpt", "is_causal=True", "is_causal=False", "the future is seen"),
    Bug("torch/models/gpt", "tokens[:, -model.context :]", "tokens[:, : model.context]",
        "the beginning is the context"),
    Bug("keras/models/gpt", "end.assign(end * (last / 0.02))", "pass",
        "branches start too large"),
    Bug("keras/models/gpt", "ops.where(known[..., None], rows, float(\"nan\"))", "rows",
        "a token that is not there is taken for another"),
    Bug("torch/models/tcn", "F.pad(x, (self.past, 0))",
        "F.pad(x, (self.past - 1, 1))", "a step of the future"),
    Bug("keras/models/tcn", "\"padding\": \"causal\"", "\"padding\": \"same\"",
        "half of the field is the future"),
    Bug("torch/models/text_classifier",
        "torch.where(steps < lengths, lengths - 1 - steps, steps)",
        "(len(steps) - 1 - steps).expand_as(tokens)", "backward starts in padding"),
    Bug("torch/models/unet", "[bridge, x[..., :height, :width]]",
        "[x[..., :height, :width], bridge]", "joined the other way round"),
    Bug("torch/models/ssd_head", "* variances[0] * side", "* variances[1] * side",
        "the variances change places"),
    Bug("keras/models/mlp", "momentum=0.9", "momentum=0.1",
        "what PyTorch calls momentum"),
    Bug("torch/models/efficientnet", "int(channels * factor + 4) // 8 * 8",
        "int(channels * factor) // 8 * 8", "channels rounded down"),
    Bug("torch/models/efficientnet", "math.ceil(depth * n)", "round(depth * n)",
        "blocks rounded to the nearest"),
    Bug("torch/cnn/receptive_field", "dilation * (kernel - 1)", "(kernel - 1)",
        "no dilation"),
    Bug("keras/cnn/receptive_field", "start -= padding * jump", "start -= padding",
        "padding counted in pixels"),
    Bug("torch/cnn/model_table", "[2:]) * weight.numel()",
        "[2:]) * weight.numel() * args[8]", "groups forgotten"),
    Bug("keras/cnn/model_table", "_places(op, results[0])) * prod(op.kernel",
        "_places(op, given[0])) * prod(op.kernel", "the stride forgotten"),
    Bug("keras/cnn/starter_cnn", "he.clone()", "he", "every layer starts alike"),
]  # fmt: skip
IMAGES = {
    "blocks": ("residual", "mbconv", "squeeze_excite", "conv_norm_act", "swiglu_mlp"),
    "models": ("unet", "mlp"),
}


def refusals(wing, topic, file):
    """Yield what a recipe must refuse."""
    for case in test_models.module(topic, file).CASES:
        for refusal in case.refusals:
            yield (
                lambda c=case, r=refusal: (
                    test_models.test_refuses_what_would_be_silently_wrong(
                        topic, file, c, r, wing
                    )
                )
            )


def twins(topic, file):
    """Compare the wings with the same weights, in use and after a step in training."""
    for case in test_models.module(topic, file).CASES[: 9 if topic == "blocks" else 2]:
        if case.function == "perceptron":
            continue
        mine = test_models.in_torch(topic, file, case)
        theirs, rename = test_models.in_keras(topic, file, case)
        conversion.to_keras(conversion.shake(mine), theirs, rename)
        pair = test_models.Built(topic, file, case, mine, theirs, rename, {})
        test_models.test_wings_are_one_network(pair)
        if "step" not in case.leaves_out and has_statistics(mine):
            test_models.test_wings_learn_the_same_statistics(pair)


def has_statistics(model):
    return any("running_mean" in name for name in model.state_dict())


def widths_of_efficientnet():
    """Count what `transformers` counted when the proof was written."""
    proof = json.loads(test_models.PROOF.read_text("utf-8"))
    efficientnet = wings.function("torch", "models/efficientnet.efficientnet")
    for row in proof["counts"]:
        if row["function"] == "efficientnet" and row["args"] == ["b2"]:
            with torch.device("meta"):
                model = efficientnet(*row["args"])
            count = sum(p.numel() for p in model.parameters())
            assert count == row["peers"]["transformers"]


def contract(path):
    """Yield the checks that look at one recipe in one wing."""
    wing, topic, file = path.split("/")
    told, rng = test_sequences, lambda: np.random.default_rng(0)
    if file in IMAGES.get(topic, ()):
        yield lambda: twins(topic, file)
    if file in ("attention", "unet", "ssd_head"):
        yield from refusals(wing, topic, file)
    if file == "drop_path":
        yield (
            lambda: test_blocks.test_drop_path_drops_whole_examples_and_keeps_the_mean(
                wing, rng()
            )
        )
    if file == "positions":
        for interleaved in (False, True):
            yield (
                lambda i=interleaved: (
                    told.test_rotary_positions_are_what_the_definition_says(
                        wing, i, None, rng()
                    )
                )
            )
    if file == "attention":
        for mask in told.MASKS:
            yield lambda m=mask: told.test_attention_is_what_the_definition_says(
                wing, m, rng()
            )
    if file == "transformer_block":
        yield lambda: told.test_the_transformer_block_is_what_the_definition_says(
            wing, False, rng()
        )
    if file == "rnn_cells":
        for name in told.CELLS:
            yield lambda n=name: told.test_a_cell_is_what_the_definition_says(
                wing, n, None, rng()
            )
    if path == "torch/models/gpt":
        yield lambda: twins(topic, file)
        yield lambda: told.test_generate_takes_the_likeliest_token_of_the_last_context(
            wing
        )
    if path == "keras/models/gpt":
        yield lambda: told.test_no_two_weights_start_alike(wing)
        yield lambda: told.test_a_token_that_is_not_there_is_never_taken_for_another(
            "gpt.gpt", -1
        )
    if file == "tcn":
        yield lambda: told.test_tcn_sees_its_past_and_no_more(wing, rng())
    if file == "text_classifier":
        for function, options in told.RNNS:
            yield lambda f=function, o=options: told.test_padding_changes_no_text(
                wing, f, o, rng()
            )
    if file == "ssd_head":
        yield lambda: test_blocks.test_boxes_of_a_detector_equal_the_definition(
            wing, rng()
        )
    if file == "efficientnet":
        yield widths_of_efficientnet
    if file == "receptive_field":
        for name in test_cnn.CHAINS:
            yield (
                lambda n=name: (
                    test_cnn.test_the_field_follows_from_the_places_that_a_window_covers(
                        wing, n
                    )
                )
            )
    if path == "torch/cnn/model_table":
        for case in test_cnn.random_convolutions():
            yield (
                lambda c=case: (
                    test_cnn.test_multiply_adds_of_a_convolution_are_its_products(*c)
                )
            )
    if path == "keras/cnn/model_table":
        yield test_cnn.test_multiply_adds_in_keras_are_the_products
    if file == "starter_cnn":
        yield test_cnn.test_no_two_layers_start_alike


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    assert not stand_in(bug.path, broken(bug), contract(bug.path), monkeypatch)


@pytest.mark.parametrize("path", sorted({b.path for b in BUGS}))
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(path), monkeypatch)
