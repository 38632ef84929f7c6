"""Docstrings as data, and checkpoint folders of BERT: what is read, what is refused."""

import json
import re

import numpy as np
import pytest

from dlcookbook.data import docstrings
from dlcookbook.data.bert_folder import make_vocabulary, read_bert, write_bert
from dlcookbook.data.docstrings import CLASSES, load_docstrings_split, read_docstrings

LONG = "this is a text of more than six words"


def library(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_docstrings_are_read_and_not_run(tmp_path):
    files = {
        "email/one.py": f'"""{LONG} one."""\nraise SystemExit("was run")\n',
        "email/sub/two.py": f'class A:\n    """{LONG}\n\n    two."""\n',
        "plain.py": f'async def f():\n    r"""{LONG} three"""\n',
        "xml/short.py": '"""Only five words are here."""\n',
        "xml/comment.py": f"# {LONG} four\n",
        "test/left_out.py": f'"""{LONG} five."""\n',
        "email/tests/left_out.py": f'"""{LONG} six."""\n',
    }
    assert read_docstrings(library(tmp_path, files)) == [
        (f"{LONG} one.", "email"),
        (f"{LONG} two.", "email"),
        (f"{LONG} three", "plain"),
    ]


def test_texts_that_come_twice_are_dropped_altogether(tmp_path):
    files = {
        "email/a.py": f'"""{LONG}"""\n',
        "xml/b.py": f'"""{LONG.title()}!"""\n',
        "xml/c.py": f'"""{LONG}, once"""\n',
    }
    assert read_docstrings(library(tmp_path, files)) == [(f"{LONG}, once", "xml")]


def test_files_that_are_no_python_are_passed_over(tmp_path):
    files = {
        "a.py": b'"""\xff\xfe six words that are not utf-8 here"""\n',
        "b.py": f'"""{LONG}"""\ndef (:\n',
        "c.py": f'"""{LONG} alone"""\n',
    }
    assert len(read_docstrings(library(tmp_path, files))) == 1


def test_long_texts_are_cut(tmp_path):
    words = " ".join(f"w{number}" for number in range(99))
    ((text, _),) = read_docstrings(library(tmp_path, {"a.py": f'"""{words}"""\n'}))
    assert text.split()[-1] == "w59"
    assert len(text.split()) == 60


def test_a_folder_without_docstrings_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="source files of its library"):
        read_docstrings(tmp_path)


def test_no_text_is_in_two_parts_and_labels_are_those_of_the_files():
    *parts, unlabelled = load_docstrings_split(3)
    texts = [text for part in parts for text in part.texts] + [*unlabelled]
    assert len({" ".join(re.findall(r"\w+", text.lower())) for text in texts}) == len(
        texts
    )
    module = dict(read_docstrings())
    for part, size in zip(parts, (5, 5, 60), strict=True):
        assert np.bincount(part.labels).tolist() == [size] * len(CLASSES)
        assert part.labels.dtype == np.int64
        got = [CLASSES[label] for label in part.labels]
        assert got == [module[text] for text in part.texts]


def test_a_seed_gives_the_same_split_and_another_another():
    first, again, other = (load_docstrings_split(seed) for seed in (1, 1, 2))
    for one, two in zip(first[:3], again[:3], strict=True):
        assert one.texts.tolist() == two.texts.tolist()
    assert set(first[2].texts) != set(other[2].texts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed must be an integer"),
        ({"seed": 1.5}, "seed must be an integer"),
        ({"labelled": 0}, "labelled must be an integer >= 1. Received: 0"),
        ({"test": 10_000}, r"labelled \+ validation \+ test must be"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        load_docstrings_split(**options)


def test_the_library_is_read_once(monkeypatch):
    load_docstrings_split(0)
    monkeypatch.setattr(docstrings, "read_docstrings", None)
    load_docstrings_split(1)


def test_any_word_can_be_put_together_and_the_order_is_fixed():
    texts = ["the the cat", "the catalogue catalogues"]
    tokens = make_vocabulary(texts, 400)
    assert len(set(tokens)) == len(tokens) <= 400
    assert tokens[tokens.index("the") + 1 :] == ["cat", "catalogue", "catalogues"]
    for sign in "az09~!":
        assert sign in tokens
        assert f"##{sign}" in tokens
    assert "A" not in tokens
    assert make_vocabulary(reversed(texts), 400) == tokens
    with pytest.raises(ValueError, match=r"size must be 400 or more\. Received: 9"):
        make_vocabulary(texts, 9)


CONFIG = {"num_hidden_layers": 1, "hidden_size": 4, "num_attention_heads": 2}
CONFIG |= {"intermediate_size": 8, "vocab_size": 194, "max_position_embeddings": 8}


def some_weights():
    rng = np.random.default_rng(0)
    shapes = [(194, 4), (8, 4), (2, 4), (4,), (4,)]
    # as Keras has them: the heads are an axis
    shapes += [(4, 2, 2), (2, 2)] * 3 + [(2, 2, 4), (4,), (4,), (4,)]
    shapes += [(4, 8), (8,), (8, 4), (4,), (4,), (4,)]
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


@pytest.fixture
def folder(tmp_path):
    words = make_vocabulary([], 400)
    write_bert(tmp_path / "bert", CONFIG, some_weights(), words)
    return tmp_path / "bert"


def test_what_is_written_is_read(folder):
    config, found = read_bert(folder)
    assert config["model_type"] == "bert"
    assert config["intermediate_size"] == 8
    for one, two in zip(found, some_weights(), strict=True):
        assert np.array_equal(one, two.reshape(one.shape))


def test_other_spellings_are_understood(folder):
    from safetensors.numpy import load_file, save_file

    path = folder / "model.safetensors"
    wanted = read_bert(folder)[1]
    old = {
        "bert."
        + name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): weight
        for name, weight in load_file(path).items()
    }
    assert "bert.embeddings.LayerNorm.gamma" in old
    save_file(old | {"cls.predictions.bias": np.zeros(3)}, path)
    for one, two in zip(read_bert(folder)[1], wanted, strict=True):
        assert np.array_equal(one, two)


def test_what_is_no_bert_is_refused(folder):
    from safetensors.numpy import load_file, save_file

    config = json.loads((folder / "config.json").read_text())
    for key, value in (
        ("model_type", "distilbert"),
        ("hidden_act", "relu"),
        ("position_embedding_type", "relative_key"),
        ("layer_norm_eps", 1e-05),
        ("is_decoder", True),
        ("pad_token_id", 1),
    ):
        (folder / "config.json").write_text(json.dumps(config | {key: value}))
        with pytest.raises(ValueError, match=f"{key}.*Received: {value}"):
            read_bert(folder)
    for wrong, message in (
        ("{", r"config.json must be the configuration of a BERT"),
        ("3", r"config.json must be the configuration of a BERT"),
        (b"\xff", r"config.json must be the configuration of a BERT"),
        ("[]", r"num_hidden_layers in .* Received: None"),
        (json.dumps(config | {"num_hidden_layers": "1"}), r">= 1. Received: 1"),
        (json.dumps(config | {"num_hidden_layers": 0}), r">= 1. Received: 0"),
    ):
        content = wrong.encode() if isinstance(wrong, str) else wrong
        (folder / "config.json").write_bytes(content)
        with pytest.raises(ValueError, match=message):
            read_bert(folder)
    (folder / "config.json").write_text(json.dumps(config))
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.0.output.dense.bias"]
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(ValueError, match=r"none called encoder\.layer"):
        read_bert(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"model.safetensors.*hf download"):
        read_bert(folder)


def test_the_number_of_weights_is_checked(tmp_path):
    with pytest.raises(ValueError, match=r"must be 21 arrays .* Received: 20"):
        write_bert(tmp_path, CONFIG, some_weights()[1:], ["[PAD]"])
