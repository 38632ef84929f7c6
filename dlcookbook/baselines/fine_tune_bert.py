# /// script
# dependencies = ["numpy", "scikit-learn"]
# ///
"""Few labels: counted words, with what the unlabelled texts say about them."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer

from dlcookbook.data.docstrings import Part, load_docstrings_split

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> dict[str, float]:
    """Fit three classifiers, choose by validation, print and return the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    train, validation, test, unlabelled = load_docstrings_split(args.seed)
    many = np.concatenate([unlabelled, train.texts])

    def tf_idf() -> TfidfVectorizer:
        return TfidfVectorizer(sublinear_tf=True, token_pattern="[A-Za-z]+")

    def topics() -> Pipeline:
        svd = TruncatedSVD(200, random_state=args.seed)
        return make_pipeline(tf_idf().set_params(min_df=2), svd, Normalizer())

    both = FeatureUnion([("words", tf_idf()), ("topics", topics())])
    features: dict[str, Any] = {
        "tf_idf": tf_idf().fit(train.texts),
        "tf_idf_unlabelled": tf_idf().fit(many),
        "topics_unlabelled": topics().fit(many),
        "words_and_topics_unlabelled": both.fit(many),
    }
    losses: dict[str, float] = {}
    found: dict[str, float] = {}
    for name, feature in features.items():

        def numbers(part: Part, feature=feature) -> np.ndarray:
            return feature.transform(part.texts)

        for strength in (1.0, 10.0, 100.0):
            model = LogisticRegression(C=strength, max_iter=5000)
            model.fit(numbers(train), train.labels)
            loss = log_loss(validation.labels, model.predict_proba(numbers(validation)))
            if loss < losses.get(name, np.inf):
                losses[name], found[name] = (
                    loss,
                    model.score(numbers(test), test.labels),
                )
    best = min(losses, key=lambda name: losses[name])
    results = {"test_accuracy": found[best]}
    results |= {f"test_accuracy_{name}": score for name, score in found.items()}
    # all classes are as frequent: whichever is always said
    results["test_accuracy_one_class"] = float((test.labels == 0).mean())
    results = {name: float(value) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:20} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results})
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
