# /// script
# dependencies = ["scikit-learn", "statsmodels"]
# ///
"""Churn without a network: logistic regression and boosted trees, well tuned."""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

from dlcookbook.data.fair import Part, load_fair_split
from dlcookbook.data.telco import load_telco_split

__all__ = ["candidates", "join", "main"]


def join(part: Part) -> np.ndarray:
    """Return numbers and categories beside each other, shape (N, D + C), float64."""
    return np.concatenate([part.numbers, part.categories], axis=1, dtype="float64")


def candidates(num_numbers: int, num_categories: int) -> dict[str, list]:
    """Return unfitted models by kind, from simple to wild.

    Parameters
    ----------
    num_numbers, num_categories : int
        Columns of each sort: numbers come first.

    Returns
    -------
    dict of str to list of estimator
        Each with `predict_proba`.
    """
    numbers = list(range(num_numbers))
    categories = list(range(num_numbers, num_numbers + num_categories))

    def line(c: float, curved: bool) -> Pipeline:
        steps = [SimpleImputer(strategy="median", add_indicator=True), StandardScaler()]
        if curved:
            # at the ends a straight line goes on: no wild values outside
            steps.append(SplineTransformer(4, degree=2, extrapolation="linear"))
        columns = ColumnTransformer(
            [
                ("numbers", make_pipeline(*steps), numbers),
                ("categories", OneHotEncoder(handle_unknown="ignore"), categories),
            ]
        )
        return make_pipeline(columns, LogisticRegression(C=c, max_iter=3000))

    return {
        "logistic": [line(c, curved=False) for c in np.logspace(-3, 1, 9)],
        "splines": [line(c, curved=True) for c in np.logspace(-3, 1, 9)],
        "trees": [
            HistGradientBoostingClassifier(
                learning_rate=rate,
                max_iter=n,
                max_leaf_nodes=leaves,
                min_samples_leaf=40,
                l2_regularization=1.0,
                categorical_features=categories,
            )
            for rate, n in ((0.1, 30), (0.1, 60), (0.05, 100), (0.03, 250))
            for leaves in (3, 6, 12)
        ],
    }


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Fit them on the training part, choose by the validation part, test once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--data", type=Path, help="the CSV file of Telco churn")
    parser.add_argument("--missed", type=float, default=9.0, help="cost of a miss (9)")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    train, validation, test = (
        load_fair_split(args.seed)
        if args.data is None
        else (Part(*part) for part in load_telco_split(args.data, args.seed))
    )
    x, x_validation, x_test = map(join, (train, validation, test))
    best: dict = {}
    losses: dict = {}
    kinds = candidates(train.numbers.shape[1], train.categories.shape[1])
    for kind, models in kinds.items():
        for model in models:
            said = model.fit(x, train.targets).predict_proba(x_validation)[:, 1]
            loss = log_loss(validation.targets, said)
            if loss < losses.get(kind, np.inf):
                best[kind], losses[kind] = model, loss
    precision, costs = {}, {}
    for kind, model in best.items():
        said, told = (
            model.predict_proba(rows)[:, 1] for rows in (x_validation, x_test)
        )
        cuts = np.unique(said)
        spent = [cost(validation.targets, said >= cut, args.missed) for cut in cuts]
        found = told >= cuts[int(np.argmin(spent))]
        costs[kind] = cost(test.targets, found, args.missed)
        precision[kind] = average_precision_score(test.targets, told)
    chosen = min(losses, key=lambda kind: losses[kind])
    nobody = np.zeros(len(test.targets), bool)
    results = {
        "test_average_precision": precision[chosen],
        "test_cost": costs[chosen],
        "val_log_loss": losses[chosen],
    }
    results |= {f"test_average_precision_{k}": v for k, v in precision.items()}
    results |= {f"test_cost_{k}": v for k, v in costs.items()}
    results |= {
        "test_average_precision_chance": test.targets.mean(),
        "test_cost_nobody": cost(test.targets, nobody, args.missed),
        "test_cost_everybody": cost(test.targets, ~nobody, args.missed),
    }
    results = {name: float(value) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:32} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(text + "\n", "utf-8")
    return results


def cost(targets: np.ndarray, called: np.ndarray, missed: float) -> float:
    """Return the mean cost per row: 1 for each that is called, `missed` for a miss."""
    return float(np.mean(np.where(called, 1.0, missed * targets)))


if __name__ == "__main__":
    main()
