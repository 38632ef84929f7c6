"""Checkpoint folders of BERT: read and written without a framework."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["make_vocabulary", "read_bert", "write_bert"]

# Weights of a layer in the order of computing.
_LAYER = (
    *("attention.self.query.weight", "attention.self.query.bias"),
    *("attention.self.key.weight", "attention.self.key.bias"),
    *("attention.self.value.weight", "attention.self.value.bias"),
    *("attention.output.dense.weight", "attention.output.dense.bias"),
    *("attention.output.LayerNorm.weight", "attention.output.LayerNorm.bias"),
    *("intermediate.dense.weight", "intermediate.dense.bias"),
    *("output.dense.weight", "output.dense.bias"),
    *("output.LayerNorm.weight", "output.LayerNorm.bias"),
)
_START = (
    *("word_embeddings.weight", "position_embeddings.weight"),
    *("token_type_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"),
)

# What the computation is, in both frameworks, whatever the sizes.
_SAME = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "layer_norm_eps": 1e-12,
    "is_decoder": False,
    "pad_token_id": 0,
}


def read_bert(folder: str | os.PathLike) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Read the configuration and the weights of a BERT, those of its encoder.

    A pooler and heads are left out. Names with the prefix `bert.` and the old ones,
    gamma and beta, are understood. Needs the package `safetensors`.

    Parameters
    ----------
    folder : path
        With `config.json` and `model.safetensors`.

    Returns
    -------
    tuple of dict and list of ndarray
        What `config.json` says. The weights in the order of computing: embeddings of
        words, positions and types, scale and shift; then of each layer query, key,
        value, output, scale and shift, two dense layers, scale and shift; a kernel
        before its bias. float32, kernels of shape (inputs, outputs).

    Raises
    ------
    FileNotFoundError
        If one of the two files is missing: how to fetch them.
    ValueError
        If this is no BERT, it computes what `fine_tune_bert` does not (positions that
        are relative, another epsilon, a decoder), or a weight is missing.

    Examples
    --------
    >>> read_bert("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: config.json is not in nowhere...

    References
    ----------
    <https://huggingface.co/docs/safetensors>
    """
    folder = Path(folder)
    for name in ("config.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{name} is not in {folder}. Fetch a folder with: "
                "hf download google-bert/bert-base-uncased --local-dir bert"
            )
    from safetensors.numpy import load_file

    path = folder / "config.json"
    try:
        config = dict(json.loads(path.read_text("utf-8")))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{path} must be the configuration of a BERT. Received: {error}"
        ) from None
    for key, wanted in _SAME.items():
        if config.get(key, wanted) != wanted:
            raise ValueError(
                f"{key} in {path} must be {wanted}. Received: {config[key]}"
            )
    layers = config.get("num_hidden_layers")
    if not isinstance(layers, int) or layers < 1:
        raise ValueError(
            f"num_hidden_layers in {path} must be an integer >= 1. Received: {layers}"
        )
    names = _names(layers)
    found = {
        re.sub("^bert\\.", "", name)
        .replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias"): weight
        for name, weight in load_file(folder / "model.safetensors").items()
    }
    if missing := [name for name in names if name not in found]:
        raise ValueError(
            f"{folder / 'model.safetensors'} must have all weights of a BERT. "
            f"Received: none called {missing[0]}"
        )
    return config, [_turned(name, found[name]).astype("float32") for name in names]


def write_bert(
    folder: str | os.PathLike,
    config: dict[str, Any],
    weights: Sequence[np.ndarray],
    words: Sequence[str],
) -> None:
    """Write a folder that `BertModel.from_pretrained` and `AutoTokenizer` read.

    Needs the packages `safetensors` and `tokenizers`.

    Parameters
    ----------
    folder : path
        Is made.
    config : dict
        At least the sizes.
    weights : sequence of ndarray, of any shape
        As `read_bert` returns them; a kernel may have its heads on an axis of its own.
    words : sequence of str
        Tokens by number.

    Raises
    ------
    ValueError
        If there are more or fewer weights than the configuration asks for.

    Examples
    --------
    >>> write_bert("nowhere", {"num_hidden_layers": 1}, [], [])
    Traceback (most recent call last):
    ValueError: weights must be 21 arrays for 1 layers. Received: 0

    References
    ----------
    <https://huggingface.co/docs/transformers/model_doc/bert>
    """
    names, width = _names(config["num_hidden_layers"]), config.get("hidden_size", -1)
    if len(weights) != len(names):
        raise ValueError(
            f"weights must be {len(names)} arrays for {config['num_hidden_layers']} "
            f"layers. Received: {len(weights)}"
        )
    from safetensors.numpy import save_file
    from tokenizers.implementations import BertWordPieceTokenizer

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    full = {"model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu"}
    text = json.dumps(full | config, indent=2)
    (folder / "config.json").write_text(text + "\n", "utf-8")
    square = "attention.self", "attention.output.dense."
    flat = {
        name: np.reshape(weight, (width, width) if name.endswith("weight") else (-1,))
        if any(part in name for part in square)
        else weight
        for name, weight in zip(names, weights, strict=True)
    }
    tensors = {
        name: np.ascontiguousarray(_turned(name, weight), "float32")
        for name, weight in flat.items()
    }
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    numbers = {word: number for number, word in enumerate(words)}
    tokenizer = BertWordPieceTokenizer(numbers, lowercase=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    options = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(options) + "\n", "utf-8")


def make_vocabulary(texts: Iterable[str], size: int = 2000) -> list[str]:
    """List the tokens of a WordPiece tokenizer: the most frequent words, and parts.

    The five special tokens of BERT, [PAD] the first; all printable characters of ASCII
    but capitals, alone and inside of a word (with ##); 200 frequent endings; words. Any
    word of ASCII can be put together from them. The same texts give the same list,
    which the trainer of the `tokenizers` package does not promise.

    Parameters
    ----------
    texts : iterable of str
        No text of the validation or the test part.
    size : int >= 400
        Most tokens in the list.

    Returns
    -------
    list of str
        A token's place is its number.

    Raises
    ------
    ValueError
        If `size` is too small.

    Examples
    --------
    >>> tokens = make_vocabulary(["Return the name.", "the names"], 400)
    >>> tokens[:5], tokens[5], tokens[-3:]
    (['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'], '!', ['name', 'names', 'return'])

    References
    ----------
    Wu et al., "Google's Neural Machine Translation System", 2016, section 4.1.
    <https://arxiv.org/abs/1609.08144>
    """
    if size < 400:
        raise ValueError(f"size must be 400 or more. Received: {size}")
    words = Counter(
        word for text in texts for word in re.findall("[a-z]{2,}", text.lower())
    )
    endings: Counter[str] = Counter()
    for word, count in words.items():
        for length in range(2, min(5, len(word) - 1)):
            endings[f"##{word[-length:]}"] += count
    signs = [chr(code) for code in range(33, 127) if not 65 <= code <= 90]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs]
    tokens += [f"##{sign}" for sign in signs] + _first(endings, 200)
    return tokens + _first(words, size - len(tokens))


def _names(layers: int) -> list[str]:
    """Return the names of all weights in the order of computing."""
    return [f"embeddings.{name}" for name in _START] + [
        f"encoder.layer.{layer}.{name}" for layer in range(layers) for name in _LAYER
    ]


def _turned(name: str, weight: np.ndarray) -> np.ndarray:
    """Return (outputs, inputs) for (inputs, outputs), and the other way round."""
    return weight.T if weight.ndim == 2 and "embeddings" not in name else weight


def _first(counts: Counter[str], size: int) -> list[str]:
    """Return the most frequent ones; where they are as frequent, by the alphabet."""
    return sorted(counts, key=lambda token: (-counts[token], token))[:size]
