# /// script
# dependencies = ["scikit-learn"]
# ///
"""The neuron's rivals: scikit-learn's logistic regression, support vectors, trees."""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from dlcookbook.data.breast_cancer import Part, load_breast_cancer_split
from dlcookbook.data.insurance import load_insurance_split

__all__ = ["candidates", "main"]


def candidates(train: Part) -> dict[str, list]:
    """Return fitted models by kind, each kind with several strengths of its penalty.

    Parameters
    ----------
    train : (inputs, targets), shape (N, D) and (N,)
        The training part; scaling is learnt from it too.

    Returns
    -------
    dict of str to list of estimator
        Each with `predict_proba`.
    """
    folds = min(5, int(np.bincount(train.targets).min()))
    kinds = {
        "logistic": [LogisticRegression(C=c) for c in np.logspace(-2, 2, 13)],
        # distances from the border become probabilities by a sigmoid (Platt)
        "svm": [
            CalibratedClassifierCV(SVC(C=c), cv=folds, ensemble=False)
            for c in (0.1, 0.3, 1, 3, 10, 30, 100)
        ],
        "trees": [
            HistGradientBoostingClassifier(
                max_iter=n, learning_rate=0.1, max_leaf_nodes=k, min_samples_leaf=10
            )
            for n in (20, 40, 80)
            for k in (4, 8)
        ],
    }
    return {
        kind: [make_pipeline(StandardScaler(), model).fit(*train) for model in models]
        for kind, models in kinds.items()
    }


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Fit them on the training part, choose by the validation part, test once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--data", type=Path, help="CSV file: age, bought_insurance")
    parser.add_argument("--features", type=int, default=30, help="columns (30)")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    train, validation, test = (
        load_breast_cancer_split(args.seed, features=args.features)
        if args.data is None
        else (Part(*part) for part in load_insurance_split(args.data, args.seed))
    )

    def score(model, part: Part) -> float:
        said = model.predict_proba(part.inputs)[:, 1]
        return float(log_loss(part.targets, said, labels=[0, 1]))

    best = {}
    for kind, models in candidates(train).items():
        best[kind] = min(models, key=lambda model: score(model, validation))
    chosen = min(best.values(), key=lambda model: score(model, validation))
    share = np.full(len(test.targets), train.targets.mean())
    found = {
        "test_log_loss": score(chosen, test),
        "test_accuracy": float(chosen.score(*test)),
        "val_log_loss": score(chosen, validation),
    }
    found |= {f"test_log_loss_{kind}": score(best[kind], test) for kind in best}
    found["test_log_loss_share"] = float(log_loss(test.targets, share, labels=[0, 1]))
    for name, value in found.items():
        print(f"{name:24} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": found}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return found


if __name__ == "__main__":
    main()
