# /// script
# dependencies = ["pillow", "scikit-learn"]
# ///
"""Few labels without a net: support vectors, logistic regression, neighbours."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from dlcookbook.data.few_digits import load_few_digits_split
from dlcookbook.data.image_folder import load_image_folder_split

__all__ = ["candidates", "main"]


def candidates() -> dict[str, list[Any]]:
    """Return the models by name, each with its settings, smooth ones first."""
    return {
        "majority": [DummyClassifier()],
        "neighbours": [KNeighborsClassifier(k, weights="distance") for k in (5, 3, 1)],
        "logistic": [
            LogisticRegression(C=c, max_iter=3000) for c in (0.01, 0.1, 1, 10)
        ],
        "svm": [
            make_pipeline(StandardScaler(with_std=False), SVC(C=c, gamma=gamma))
            for gamma in ("scale", 0.03, 0.1, 0.3)
            for c in (1, 3, 10, 30)
        ],
    }


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Choose settings and model by the validation part, and test each model once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--labels", type=int, default=10, help="of each class (10)")
    parser.add_argument("--data", type=Path, help="a folder with a folder per class")
    parser.add_argument("--size", type=int, default=32, help="of pictures there (32)")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)

    def load(labels: int) -> list[tuple[np.ndarray, np.ndarray]]:
        parts: Any
        if args.data is None:
            parts = load_few_digits_split(args.seed, labels=labels)
        else:
            size = args.size, args.size
            parts = load_image_folder_split(
                args.data, args.seed, size=size, per_class=labels
            )
        return [
            (part.images.reshape(len(part.images), -1), part.labels) for part in parts
        ]

    def run(labels: int) -> tuple[str, dict[str, float], float]:
        (x, y), (x_held, y_held), (x_test, y_test) = load(labels)
        chosen, scores, found = {}, {}, {}
        for name, models in candidates().items():
            models = [model for model in models if _fits(model, len(x))]
            held = [model.fit(x, y).score(x_held, y_held) for model in models]
            chosen[name], scores[name] = models[int(np.argmax(held))], max(held)
        best = max(scores, key=scores.__getitem__)
        # Nothing is chosen below this line.
        for name, model in chosen.items():
            found[name] = float(model.score(x_test, y_test))
        return best, found, scores[best]

    best, found, held = run(args.labels)
    results = {"test_accuracy": found[best], "val_accuracy": held}
    results |= {f"test_accuracy_{name}": value for name, value in found.items()}
    if args.data is None:
        for labels in sorted({5, 50} - {args.labels}):
            best_here, other, _ = run(labels)
            results[f"test_accuracy_{labels}"] = other[best_here]
    print("best on validation:", best)
    for name, value in results.items():
        print(f"{name:24} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


def _fits(model: Any, rows: int) -> bool:
    """Whether there are as many rows as neighbours."""
    return getattr(model, "n_neighbors", 1) <= rows


if __name__ == "__main__":
    main()
