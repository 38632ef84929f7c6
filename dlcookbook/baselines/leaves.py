# /// script
# dependencies = ["pillow", "scikit-learn"]
# ///
"""Few rows without a network: discriminants, support vectors, logistic regression."""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from dlcookbook.data.leaf import load_leaf_folds
from dlcookbook.data.wine import load_wine_folds

__all__ = ["candidates", "log_loss", "main"]


def candidates(fewest: int) -> dict[str, list]:
    """Return unfitted models by kind, each kind with several strengths of its penalty.

    Parameters
    ----------
    fewest : int
        Rows of the rarest class in the training part.

    Returns
    -------
    dict of str to list of estimator
        Each with `predict_proba`.
    """
    shrunk = (0.01, 0.03, 0.1, 0.2, 0.4, 0.7)
    return {
        "logistic": [
            LogisticRegression(C=c, max_iter=2000) for c in np.logspace(-1, 3, 9)
        ],
        "linear": [
            LinearDiscriminantAnalysis(solver="lsqr", shrinkage=s) for s in shrunk
        ],
        # a covariance for each class, if it has rows enough for one
        "quadratic": [
            QuadraticDiscriminantAnalysis(reg_param=s) for s in shrunk if fewest > 13
        ],
        "svm": [
            CalibratedClassifierCV(SVC(C=c), cv=min(5, fewest), ensemble=False)
            for c in (0.3, 1, 3, 10, 30)
        ],
    }


def log_loss(targets: np.ndarray, said: np.ndarray) -> float:
    """Return the mean log loss in nats; no probability counts as less than 1e-15."""
    # discriminants sum up to 1 in rounding only
    own = said[np.arange(len(targets)), targets] / said.sum(axis=1)
    return float(-np.log(np.maximum(own, 1e-15)).mean())


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Fit in each fold, choose by its validation part, test each row once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--data", type=Path, help="folder of the leaf classification")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    folds: list = (
        list(load_wine_folds(args.seed))
        if args.data is None
        else list(load_leaf_folds(args.data, args.seed))
    )
    told: dict[str, list] = {}
    losses, truth = [], []
    for train, validation, test in folds:
        best = {}
        for kind, models in candidates(int(np.bincount(train.targets).min())).items():
            scored: list = []
            for model in models:
                fitted = make_pipeline(StandardScaler(), model)
                fitted.fit(train.numbers, train.targets)
                said = fitted.predict_proba(validation.numbers)
                loss = log_loss(validation.targets, said)
                scored.append((loss, fitted))
            if scored:
                best[kind] = min(scored, key=lambda pair: pair[0])
        best["chosen"] = min(best.values(), key=lambda pair: pair[0])
        losses.append(best["chosen"][0])
        for kind, (_, fitted) in best.items():
            told.setdefault(kind, []).append(fitted.predict_proba(test.numbers))
        shares = np.bincount(train.targets) / len(train.targets)
        told.setdefault("shares", []).append(np.tile(shares, (len(test.targets), 1)))
        truth.append(test.targets)
    targets = np.concatenate(truth)
    whole = {kind: np.concatenate(parts) for kind, parts in told.items()}
    found = {kind: log_loss(targets, said) for kind, said in whole.items()}
    results = {
        "test_log_loss": found.pop("chosen"),
        "test_accuracy": float(np.mean(whole["chosen"].argmax(1) == targets)),
        "test_errors": float(np.sum(whole["chosen"].argmax(1) != targets)),
        "val_log_loss": float(np.mean(losses)),
    }
    results |= {f"test_log_loss_{kind}": value for kind, value in found.items()}
    for name, value in results.items():
        print(f"{name:24} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
