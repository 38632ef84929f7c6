# /// script
# dependencies = ["numpy", "scikit-learn"]
# ///
"""Sentiment without a network: counted words and pairs of words, a linear model."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.svm import LinearSVC

from dlcookbook.data.imdb import load_imdb_split
from dlcookbook.data.library_text import load_returns_split
from dlcookbook.data.words import split_words

__all__ = ["main"]


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Choose by the validation part, test once, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--data", type=Path, help="the folder aclImdb")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    parts: Any = (
        load_returns_split(args.seed)
        if args.data is None
        else load_imdb_split(args.data, args.seed)
    )
    train, validation, test = parts

    found: list[tuple[float, str, float, float]] = []
    for longest in (1, 2):
        counter = TfidfVectorizer(
            tokenizer=split_words,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, longest),
            sublinear_tf=True,
            min_df=2,
        )
        x, x_val, x_test = (
            counter.fit_transform(train[0]),
            counter.transform(validation[0]),
            counter.transform(test[0]),
        )
        for strength in (0.3, 1.0, 3.0, 10.0, 30.0):
            models = {
                "logistic": LogisticRegression(C=strength, solver="liblinear"),
                # its loss weighs more: a tenth is about as strong
                "svm": LinearSVC(C=strength / 10, random_state=0),
            }
            for name, model in models.items():
                model.fit(x, train[1])
                score = roc_auc_score(validation[1], model.decision_function(x_val))
                tested = roc_auc_score(test[1], model.decision_function(x_test))
                found.append((score, name, tested, model.score(x_test, test[1])))
    best = max(found)
    results = {
        "test_roc_auc": best[2],
        "test_accuracy": best[3],
        "val_roc_auc": best[0],
    }
    for name in ("logistic", "svm"):
        results[f"test_roc_auc_{name}"] = max(r for r in found if r[1] == name)[2]
    usual = int(np.mean(train[1]) > 0.5)
    results["test_roc_auc_constant"] = 0.5
    results["test_accuracy_constant"] = float(np.mean(test[1] == usual))
    if args.data is None:
        said = np.array(["return" in text for text in test[0]])
        results["test_roc_auc_word_return"] = roc_auc_score(test[1], said)
    results = {name: float(value) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:24} {value:.5g}")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
