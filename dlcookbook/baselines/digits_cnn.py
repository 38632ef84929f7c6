# /// script
# dependencies = ["scikit-learn"]
# ///
"""Handwritten digits by a support vector machine, tuned on the validation part."""

import argparse
import json
from itertools import product
from pathlib import Path

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from dlcookbook.data.digits import Part, load_digits_split
from dlcookbook.data.mnist import load_mnist_split

__all__ = ["main", "tune"]

GRID = [(10.0**c, 2.0**g) for c, g in product(range(-1, 4), range(-9, 1))]
# An SVM takes a time that grows with the square of this.
MOST = 10_000


def tune(train: Part, validation: Part) -> tuple[SVC, float]:
    """Return the best of fifty machines with an RBF kernel, and its accuracy.

    Parameters
    ----------
    train, validation : (ndarray, ndarray)
        Images, shape (N, H, W), 0 to 1; labels, shape (N,).

    Returns
    -------
    (SVC, float)
        Fitted on `train` alone; its accuracy on `validation`, 0 to 1.
    """
    x, held = (
        part.images.reshape(len(part.images), -1) for part in (train, validation)
    )
    found = []
    for penalty, width in GRID:
        model = SVC(C=penalty, gamma=width).fit(x, train.labels)
        found.append((model.score(held, validation.labels), model))
    score, best = max(found, key=lambda pair: pair[0])
    return best, float(score)


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Fit, test once, print, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--data", type=Path, help="a folder with the files of MNIST")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    if args.data is None:
        train, validation, test = load_digits_split(args.seed)
    else:
        train, validation, test = (
            Part(*part) for part in load_mnist_split(args.data, args.seed)
        )
        train = Part(train.images[:MOST], train.labels[:MOST])
        print(f"of the training images, the first {len(train.labels)} alone")
    machine, val_accuracy = tune(train, validation)
    x, y = train.images.reshape(len(train.images), -1), train.labels
    tested = test.images.reshape(len(test.images), -1)
    linear = LogisticRegression(max_iter=5000).fit(x, y)
    majority = DummyClassifier().fit(x, y)
    wrong = int(np.sum(machine.predict(tested) != test.labels))
    results = {
        "test_accuracy": 1 - wrong / len(test.labels),
        "test_errors": float(wrong),
        "val_accuracy": val_accuracy,
        "test_accuracy_logistic": float(linear.score(tested, test.labels)),
        "test_accuracy_majority": float(majority.score(tested, test.labels)),
    }
    for name, value in results.items():
        print(f"{name:24} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
