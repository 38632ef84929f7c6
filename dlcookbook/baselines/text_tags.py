# /// script
# dependencies = ["numpy", "scikit-learn"]
# ///
"""Several labels without a network: counted words, one linear model per label."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve
from sklearn.multiclass import OneVsRestClassifier

from dlcookbook.data.jigsaw import load_jigsaw_split
from dlcookbook.data.library_text import load_topics_split
from dlcookbook.data.words import split_words

__all__ = ["main"]


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Choose by the validation part, test once, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--data", type=Path, help="the folder with Jigsaw's files")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    parts: Any = (
        load_topics_split(args.seed)
        if args.data is None
        else load_jigsaw_split(args.data, args.seed)
    )
    train, validation, test = parts

    best: tuple[float, Any, Any] = (-1.0, None, None)
    alone: dict[int, float] = {}
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
            counter.fit_transform(train.texts),
            counter.transform(validation.texts),
            counter.transform(test.texts),
        )
        found = []
        for strength in (1.0, 3.0, 10.0):
            one = LogisticRegression(C=strength, solver="liblinear")
            model = OneVsRestClassifier(one).fit(x, train.targets)
            score = average_precision_score(
                validation.targets, model.decision_function(x_val)
            )
            found.append(
                (score, model.predict_proba(x_val), model.predict_proba(x_test))
            )
        top = max(found, key=lambda row: row[0])
        alone[longest] = average_precision_score(test.targets, top[2])
        best = max(best, top, key=lambda row: row[0])
    _, chosen, scores = best
    thresholds = []
    for truth, score in zip(validation.targets.T, chosen.T, strict=True):
        precision, recall, at = precision_recall_curve(truth, score)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        thresholds.append(at[np.argmax(f1[:-1])])
    results = {
        "test_mean_average_precision": average_precision_score(test.targets, scores)
    }
    for name, level in (("", np.array(thresholds)), ("_at_half", np.array(0.5))):
        given = (scores >= level).astype(int)
        for mean in ("macro", "micro"):
            results[f"test_{mean}_f1{name}"] = f1_score(
                test.targets, given, average=mean, zero_division=0
            )
    results["test_mean_average_precision_words"] = alone[1]
    results["test_mean_average_precision_pairs"] = alone[2]
    # a constant score finds positives as often as they are
    results["test_mean_average_precision_constant"] = test.targets.mean()
    results = {name: float(value) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:36} {value:.5g}")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
