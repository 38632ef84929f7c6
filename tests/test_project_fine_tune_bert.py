"""Fine-tuning BERT: both wings read and write the same folders, and ignore padding."""

import importlib

import numpy as np
import pytest

from dlcookbook.data.bert_folder import make_vocabulary, write_bert
from dlcookbook.data.docstrings import Part

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
keras = pytest.importorskip("keras")
pytest.importorskip("safetensors")

project = {
    wing: importlib.import_module(f"dlcookbook.{wing}.projects.fine_tune_bert")
    for wing in ("torch", "keras")
}
encoder = importlib.import_module("dlcookbook.keras.projects._bert")
LENGTH = project["torch"].LENGTH
TEXTS = ["Return the name of it.", "A class; not_known É words!", "parse " * 50]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a folder with large random weights: near 0 much would look alike."""
    path = tmp_path_factory.mktemp("bert")
    words = make_vocabulary(TEXTS, 400)
    config = project["torch"].TINY | {"vocab_size": len(words)}
    rng = np.random.default_rng(0)
    shapes = [w.shape for w in encoder.make_body(config, LENGTH).weights]
    weights = [rng.normal(size=shape).astype("float32") / 4 for shape in shapes]
    write_bert(path, config, weights, words)
    return path


def tokens_of(folder):
    read = transformers.AutoTokenizer.from_pretrained(folder)
    return project["torch"].encode(read, TEXTS)


def hidden_of(wing, folder, tokens):
    if wing == "keras":
        _, body = encoder.load_body(folder, LENGTH)
        return keras.ops.convert_to_numpy(body(tokens))
    body = transformers.BertModel.from_pretrained(folder, add_pooling_layer=False)
    x = torch.from_numpy(tokens)
    with torch.no_grad():
        return body.eval()(x, attention_mask=x != 0).last_hidden_state.numpy()


def test_keras_computes_what_transformers_computes(folder):
    tokens = tokens_of(folder)
    assert (tokens == 0).any()
    ours, theirs = (hidden_of(wing, folder, tokens) for wing in ("keras", "torch"))
    assert np.abs(theirs).max() > 0.5
    assert np.abs(ours - theirs).max() < 1e-4


def test_keras_reads_what_transformers_writes(folder, tmp_path):
    body = transformers.BertForSequenceClassification.from_pretrained(folder)
    body.save_pretrained(tmp_path)
    tokens = tokens_of(folder)
    ours = hidden_of("keras", tmp_path, tokens)
    assert np.abs(ours - hidden_of("torch", folder, tokens)).max() < 1e-4


def test_the_tokens_are_the_same(folder):
    path = str(folder / "tokenizer.json")
    keras_project = project["keras"]
    ours = keras_project.encode(keras_project.Tokenizer.from_file(path), TEXTS)
    assert ours.tolist() == tokens_of(folder).tolist()
    assert ours.shape == (3, LENGTH)
    assert 1 not in ours[0]


def score(wing, model, tokens):
    return project[wing].predict(model, tokens)


def loud(model):
    """Put a head in that lets differences of the vectors be seen."""
    rng = np.random.default_rng(1)
    if isinstance(model, torch.nn.Module):
        with torch.no_grad():
            weight = model.head[1].weight
            weight.copy_(torch.from_numpy(rng.normal(size=tuple(weight.shape))))
    else:
        kernel = model.get_layer("head").kernel
        kernel.assign(rng.normal(size=tuple(kernel.shape)))
    return model


@pytest.mark.parametrize("wing", ["torch", "keras"])
def test_padding_has_no_say(wing):
    tokens = np.zeros((2, LENGTH), "int64")
    tokens[0, :6] = [2, 50, 60, 70, 80, 3]
    tokens[1, :5] = [2, 50, 60, 70, 3]
    model = loud(project[wing].make_model())
    before = score(wing, model, tokens)
    if wing == "torch":
        with torch.no_grad():
            model.body.embeddings.word_embeddings.weight[0] = 9.0
    else:
        table = model.get_layer("body").weights[0]
        value = keras.ops.convert_to_numpy(table).copy()
        value[0] = 9.0
        table.assign(value)
    after = score(wing, model, tokens)
    assert np.abs(after - before).max() < 1e-5
    # the test can fail: what is there has a say
    assert np.abs(before[0] - before[1]).max() > 1e-3


def test_views_leave_out_words_and_no_signs():
    tokens = np.tile([2, 3, 4, *range(10, 39)], (64, 1))
    seen = keras.ops.convert_to_numpy(project["keras"].Views()(tokens))
    assert (seen[:, :3] == tokens[:, :3]).all()
    gone = (seen == 0)[:, 3:]
    assert 0.45 < gone.mean() < 0.55
    assert (seen[seen > 0] == tokens[seen > 0]).all()


def test_no_two_layers_begin_alike():
    body = encoder.make_body(project["keras"].TINY, LENGTH)
    firsts = {}
    for weight in body.weights:
        value = keras.ops.convert_to_numpy(weight)
        if value.std() > 0:
            # whatever the shapes are: from one seed the first numbers are the same
            firsts.setdefault(tuple(value.ravel()[:4]), []).append(weight.path)
    assert len(firsts) > 12
    assert [paths for paths in firsts.values() if len(paths) > 1] == []


def test_both_models_are_of_one_size():
    torch_size = sum(w.numel() for w in project["torch"].make_model().parameters())
    assert project["keras"].make_model().count_params() == torch_size


@pytest.mark.parametrize("wing", ["torch", "keras"])
def test_folders_of_something_else_are_refused(wing, tmp_path, capsys):
    other = transformers.DistilBertConfig(
        vocab_size=99, dim=8, n_layers=1, n_heads=2, hidden_dim=8
    )
    transformers.DistilBertModel(other).save_pretrained(tmp_path / "other")
    out = ["--epochs", "1", "--out", str(tmp_path / "out"), "--checkpoint"]
    for folder in (tmp_path / "none", tmp_path / "other"):
        with pytest.raises((SystemExit, ValueError, FileNotFoundError)) as error:
            project[wing].main([*out, str(folder)])
        said = str(error.value) + capsys.readouterr().err
        assert "config.json" in said or "--checkpoint" in said


@pytest.mark.parametrize("wing", ["torch", "keras"])
def test_one_epoch_from_a_folder(wing, folder, tmp_path, monkeypatch):
    labels = np.arange(8)
    texts = np.array([f"{'name ' * label} it" for label in labels])
    part = Part(texts, labels)
    monkeypatch.setattr(project[wing], "load_data", lambda seed: (part, part, part))
    options = ["--epochs", "1", "--checkpoint", str(folder), "--out", str(tmp_path)]
    results = project[wing].main(options)
    assert next(iter(results)) == "test_accuracy"
    assert all(np.isfinite(value) for value in results.values())
    # nothing is pre-trained where a folder is given
    assert not (tmp_path / "checkpoint").exists()
    assert (tmp_path / "errors.svg").stat().st_size < 80_000
