"""Next character: every byte is paid for once, nothing is read ahead, wings agree."""

import importlib
import json
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from dlcookbook.baselines import language_model as baseline
from dlcookbook.data.text_file import Part
from tests.wings import WINGS

BOTH = pytest.mark.skipif(len(WINGS) < 2, reason="needs PyTorch and Keras")


@pytest.fixture(params=WINGS, scope="module")
def project(request):
    return importlib.import_module(
        f"dlcookbook.{request.param}.projects.language_model"
    )


def part(size: int, seed: int = 0) -> Part:
    targets = np.random.default_rng(seed).integers(32, 127, size)
    return Part(np.append(10, targets[:-1]), targets)


def set_head(project, model, kernel: float, bias: np.ndarray) -> None:
    """Make a recurrent model that gives these logits whatever it reads."""
    if hasattr(model, "head"):
        with project.torch.no_grad():
            model.head.weight.fill_(kernel)
            model.head.bias.copy_(project.torch.from_numpy(bias))
    else:
        (dense,) = (layer for layer in model.layers if layer.name.startswith("dense"))
        shape = dense.kernel.shape
        dense.set_weights([np.full(shape, kernel, "float32"), bias])


def test_a_model_that_knows_nothing_pays_eight_bits_for_a_byte(project):
    model = project.make_model()
    set_head(project, model, 0.0, np.zeros(256, "float32"))
    for size in (1, 47, 48, 500):
        costs, perplexity = project.score(model, part(size), context=48)
        assert costs.shape == (size,)
        assert costs == pytest.approx(8, abs=1e-5)
        assert perplexity == pytest.approx(256, rel=1e-5)


def test_costs_are_those_of_the_bytes_in_their_order(project):
    model = project.make_model()
    logits = np.random.default_rng(1).normal(size=256).astype("float32")
    set_head(project, model, 0.0, logits)
    wide = logits.astype("float64")
    bits = (np.log(np.exp(wide).sum()) - wide) / np.log(2)
    text = part(301)
    costs, perplexity = project.score(model, text, context=16)
    assert costs == pytest.approx(bits[text.targets], rel=1e-5)
    assert perplexity == pytest.approx(2 ** costs.mean(), rel=1e-5)


@pytest.mark.parametrize("kind", ["lstm", "gpt"])
def test_nothing_is_known_of_what_comes_later(project, kind):
    model, text = project.make_model(kind, 16), part(64)
    other = part(64, seed=1)
    mixed = Part(
        np.append(text.inputs[:41], other.inputs[41:]),
        np.append(text.targets[:40], other.targets[40:]),
    )
    first, second = (project.score(model, x, context=16)[0] for x in (text, mixed))
    assert first[:40] == pytest.approx(second[:40], abs=1e-4)
    assert not np.allclose(first[40:], second[40:], atol=1e-2)
    # and something is known of what came before
    cut = Part(text.inputs[32:], text.targets[32:])
    alone = project.score(model, cut, context=16)[0]
    assert not np.allclose(alone[:8], first[32:40], atol=1e-6)


def test_little_heat_and_few_shares_take_the_likeliest_byte(project):
    model, prompt = project.make_model(), np.full(8, 65)
    logits = np.full(256, -9.0, "float32")
    logits[[97, 98]] = 3.0, 2.5
    set_head(project, model, 0.0, logits)
    assert project.sample(model, prompt, 20, temperature=0.02) == "a" * 20
    assert project.sample(model, prompt, 20, top_p=0.5) == "a" * 20
    drawn = project.sample(model, prompt, 200)
    assert set(drawn) == {"a", "b"}
    assert drawn == project.sample(model, prompt, 200)
    share = np.exp(3.0) / (np.exp(3.0) + np.exp(2.5))
    assert drawn.count("a") / 200 == pytest.approx(share, abs=0.1)
    flat = project.sample(model, prompt, 200, temperature=50.0)
    assert len(set(flat)) > 50


@BOTH
@pytest.mark.parametrize("kind", ["lstm", "gpt"])
def test_wings_have_models_of_the_same_size(kind):
    modules = [
        importlib.import_module(f"dlcookbook.{wing}.projects.language_model")
        for wing in ("torch", "keras")
    ]
    torch_model, keras_model = (module.make_model(kind) for module in modules)
    sizes = [w.numel() for w in torch_model.parameters() if w.requires_grad]
    shapes = [int(np.prod(w.shape)) for w in keras_model.trainable_variables]
    assert Counter(sizes) == Counter(shapes)


@BOTH
def test_the_same_weights_give_the_same_costs_in_both_wings():
    ours, theirs = (
        importlib.import_module(f"dlcookbook.{wing}.projects.language_model")
        for wing in ("torch", "keras")
    )
    model, other = ours.make_model(), theirs.make_model()
    weights = {name: w.detach().numpy() for name, w in model.named_parameters()}
    assert not weights["lstm.bias_hh_l0"].any()
    assert (weights["lstm.bias_ih_l0"] != 0).sum() == 128
    values = [weights["table.weight"], weights["lstm.weight_ih_l0"].T]
    values += [weights["lstm.weight_hh_l0"].T, weights["lstm.bias_ih_l0"]]
    values += [weights["head.weight"].T, weights["head.bias"]]
    before = [value.std() for value in other.get_weights()]
    # the same start, too
    assert before == pytest.approx([value.std() for value in values], rel=0.1)
    other.set_weights(values)
    text = part(200)
    mine, yours = ours.score(model, text, 48)[0], theirs.score(other, text, 48)[0]
    assert mine == pytest.approx(yours, abs=1e-4)


def test_chances_of_counts_add_up_to_one():
    text = b"the cat sat on the mat; the dog sat on the log. " * 3
    for order in (1, 2, 3, 6):
        model = baseline.KneserNey(text, order)
        for before in (b"the ", b"q", b"o", b" on the cat sat"):
            costs = [model.bits(before + bytes([b]))[-1] for b in range(256)]
            assert (2.0 ** -np.array(costs)).sum() == pytest.approx(1)
    known = baseline.KneserNey(text, 6).bits(text)
    assert known.mean() < 1 < baseline.KneserNey(text, 1).bits(text).mean()


def test_what_is_learned_on_the_way_is_counted_as_at_the_start():
    text, new = (
        b"the cat sat on the mat. " * 3,
        b"the bat sat on the hat, the cat sat. ",
    )
    model = baseline.KneserNey(text, 4)
    fixed = model.bits(new + new)
    assert np.array_equal(fixed, model.bits(new + new))
    learned = model.bits(new + new, learn=True)
    assert learned[0] == fixed[0]
    assert learned[len(new) :].sum() < 0.7 * fixed[len(new) :].sum()
    longer = None
    for grams, cut, totals, saved in reversed(model.levels):
        if longer is not None:
            assert grams == Counter(gram[1:] for gram in longer)
        for before in totals:
            counts = [k for gram, k in grams.items() if gram[:-1] == before]
            assert totals[before] == sum(counts)
            assert saved[before] == pytest.approx(sum(cut[min(k, 3)] for k in counts))
        longer = grams
    chances = [2 ** -model.bits(b" the" + bytes([b]))[-1] for b in range(256)]
    assert sum(chances) == pytest.approx(1)


def test_a_byte_that_follows_one_other_alone_is_rare_elsewhere():
    # u is as frequent as x, and only ever after q
    pieces = [b"qu" + bytes([97 + i]) + b"x" for i in range(12)]
    model = baseline.KneserNey(b"".join(pieces * 2), 2)
    costs = {letter: model.bits(b"#" + letter)[1] for letter in (b"u", b"x")}
    assert costs[b"u"] > costs[b"x"] + 1


def test_a_text_file_is_learned_and_a_letter_of_two_bytes_counts_once(
    project, tmp_path, capsys
):
    rng = np.random.default_rng(0)
    words = ["größer", "東京", "über", "the", "letters"]
    path = tmp_path / "text.txt"
    lines = (" ".join(rng.choice(words, 9)) for _ in range(300))
    path.write_text("\n".join(lines), "utf-8")
    common = ["--data", str(path), "--out"]
    results = project.main(
        [*common, str(tmp_path / "out"), "--epochs", "1", "--batch-size", "4"]
    )
    counted = baseline.main([*common, str(tmp_path / "baseline")])
    _, _, test = project.load_data(0, path)
    text = bytes(test.targets.astype("uint8"))
    ratio = len(text) / len(text.decode())
    assert ratio > 1.1
    for found in (results, counted):
        assert next(iter(found)) == "test_bits_per_character"
        bits = np.log2(found["test_perplexity"]) * ratio
        assert found["test_bits_per_character"] == pytest.approx(bits, rel=1e-4)
    # words are drawn with equal chances: nobody can pay less than this for them
    least = np.log2(5) / np.mean([len(word) + 1 for word in words])
    assert counted["test_bits_per_character"] > 0.9 * least
    assert results["test_bits_per_character"] < 5
    assert str(path) in capsys.readouterr().out
    saved = json.loads((tmp_path / "baseline" / "results.json").read_text())
    assert saved["results"] == counted
    assert (tmp_path / "out" / "curves.svg").stat().st_size < 80_000
    assert (tmp_path / "out" / "errors.svg").stat().st_size < 80_000


def test_a_context_without_sense_is_refused(project, tmp_path, capsys):
    for context in ("1", "5000"):
        with pytest.raises(SystemExit) as end:
            project.main(["--context", context, "--out", str(tmp_path)])
        assert end.value.code == 2
        assert f"--context must be in [2, 4096]. Received: {context}" in (
            capsys.readouterr().err
        )
