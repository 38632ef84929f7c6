# /// script
# dependencies = ["numpy", "statsmodels"]
# ///
"""Forecasts without a network: seasonal naive, exponential smoothing, ARIMA, lines."""

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

from dlcookbook.data.co2 import load_co2
from dlcookbook.data.series import split_windows
from dlcookbook.data.series_csv import read_series_csv
from dlcookbook.data.sunspots import load_sunspots

__all__ = ["arima", "ets", "least_squares", "main", "measure", "naive"]

SERIES = {"co2": load_co2, "sunspots": load_sunspots}
# What is tried; the validation part decides. Harmonics of the year, then orders.
ARIMA = {
    "co2": [(3, (1, 1, 1)), (3, (2, 1, 1)), (3, (1, 1, 2))],
    "sunspots": [(0, (2, 0, 0)), (0, (9, 0, 0)), (0, (3, 1, 2))],
    "series": [(2, (1, 1, 1)), (0, (1, 1, 1)), (0, (2, 0, 1))],
}


def naive(values: np.ndarray, season: int, first: int, kind: str) -> np.ndarray:
    """Return the last value, the season before, or that with the year's rise added.

    All forecasts here have the shape (T, S): row t is made of what is before step t,
    and is for the S steps from t on. Rows without two seasons before them are NaN.
    """
    past = np.full((len(values), 2 * season), np.nan)
    past[2 * season :] = sliding_window_view(filled(values)[:-1], 2 * season)
    if kind == "last_value":
        return np.repeat(past[:, -1:], season, axis=1)
    rise = past[:, -1:] - past[:, -season - 1 : -season]
    return past[:, -season:] + (rise if kind == "drift" else 0)


def filled(values: np.ndarray) -> np.ndarray:
    """Return the series with the last known value where there is a gap."""
    known = np.where(np.isnan(values), 0, np.arange(len(values)))
    return values[np.maximum.accumulate(known)]


def ets(values: np.ndarray, season: int, first: int, trend: str) -> np.ndarray:
    """Smooth exponentially: a level, a trend and a season, each of which is updated.

    The weights are fitted to the steps before `first`, and stay as they are after it.
    """
    options = {
        "trend": None if trend == "none" else "add",
        "damped_trend": trend == "damped",
        "seasonal": "add" if season > 1 else None,
        "seasonal_periods": season if season > 1 else None,
        "initialization_method": "heuristic",
    }
    fitted = ETSModel(filled(values[:first]), **options).fit(disp=0)
    weights = dict(zip(fitted.model.param_names, fitted.params, strict=True))
    result = ETSModel(filled(values), **options).smooth(fitted.params)
    # states[t] knows step t: the forecasts of row t start from the one before
    states = np.roll(result.states, 1, axis=0)
    damping = weights.get("damping_trend", 1.0)
    found = np.repeat(states[:, :1], season, axis=1)
    if trend != "none":
        found = found + states[:, 1:2] * np.cumsum(damping ** np.arange(1, season + 1))
    if season > 1:
        swing = np.full_like(found, np.nan)
        swing[season:] = sliding_window_view(result.states[:-1, -1], season)
        found = found + swing
    found[: 2 * season] = np.nan
    return found


def arima(
    values: np.ndarray,
    season: int,
    first: int,
    harmonics: int,
    order: tuple[int, int, int],
    root: bool,
) -> np.ndarray:
    """Forecast by ARIMA, of what waves of the season and a straight line leave over.

    Fitted to the steps before `first`; after it only the state is updated. `root` takes
    the square root before. A missing value is none to a Kalman filter: no filling. All
    are NaN, which leaves this one out, if the fit does not converge.
    """
    period = 365.25 / 7 if season == 52 else season
    turns = 2 * np.pi * np.arange(len(values) + season) / period
    waves = [f((k + 1) * turns) for k in range(harmonics) for f in (np.sin, np.cos)]
    ones = turns if order[1] else np.ones_like(turns)
    lines = np.stack([ones, *waves], axis=1)
    y = np.sqrt(values) if root else values
    steps = [np.diff(x[:first], order[1], axis=0) for x in (lines, y)]
    known = np.isfinite(steps[1])
    share = np.linalg.lstsq(steps[0][known], steps[1][known], rcond=None)[0]
    rest = np.r_[y, np.full(season, np.nan)] - lines @ share
    options = {"order": order, "enforce_stationarity": False}
    model = SARIMAX(rest[:first], **options)
    # given here: those that it would estimate come with warnings
    start = np.r_[np.zeros(order[0] + order[2]), np.var(steps[1][known])]
    fitted = model.fit(start, disp=0, maxiter=500, warn_convergence=False)
    if not fitted.mle_retvals["converged"]:
        return np.full((len(values), season), np.nan)
    state = SARIMAX(rest, **options).filter(fitted.params).filter_results
    now, found = state.predicted_state[:, : len(values)], []
    for ahead in range(season):
        found.append(
            state.design[0, :, 0] @ now + (lines @ share)[ahead:][: now.shape[1]]
        )
        now = state.transition[..., 0] @ now
    forecasts = np.stack(found, axis=1)
    forecasts[: 2 * season] = np.nan
    return np.maximum(forecasts, 0) ** 2 if root else forecasts


def least_squares(
    values: np.ndarray, season: int, first: int, penalty: float
) -> np.ndarray:
    """Return one linear model for each step ahead, on the last two seasons."""
    past = np.full((len(values), 2 * season), np.nan)
    past[2 * season :] = sliding_window_view(filled(values)[:-1], 2 * season)
    after = np.full((len(values), season), np.nan)
    after[: len(values) - season + 1] = sliding_window_view(values, season)
    last = past[:, -1:]
    x = np.c_[past - last, np.ones(len(past))]
    found = np.empty_like(after)
    # what follows on a window must have ended before `first`
    rows = np.arange(2 * season, first - season + 1)
    for ahead in range(season):
        y = (after - last)[rows, ahead]
        a = x[rows][known := np.isfinite(y)]
        square = a.T @ a + penalty * np.eye(a.shape[1])
        found[:, ahead] = x @ np.linalg.solve(square, a.T @ y[known])
    return found + last


def measure(name: str, data: Path | None = None) -> dict[str, float]:
    """Return the errors of every method on one series, the best of validation first."""
    _, values, season = SERIES[name]() if data is None else read_series_csv(data)
    # the numbers of the steps go through the same split as the values do
    index = np.arange(len(values))
    rows = [p.targets.astype(int) for p in split_windows(index, 2 * season, season)]
    first = rows[1][0, 0]
    train = split_windows(values, 2 * season, season)[0]
    unit = np.nanmean(abs(train.targets[:, 0] - train.inputs[:, -season]))
    methods: dict[str, list[Callable[..., np.ndarray]]] = {
        "last_value": [partial(naive, kind="last_value")],
        "seasonal_naive": [partial(naive, kind="season")],
        "seasonal_drift": [partial(naive, kind="drift")],
        "ets": [partial(ets, trend=kind) for kind in ("none", "add", "damped")],
        "arima": [
            partial(arima, harmonics=waves, order=order, root=root)
            for waves, order in ARIMA[name]
            for root in ({False, name == "sunspots"})
        ],
        "least_squares": [
            partial(least_squares, penalty=unit**2 * 10.0**power)
            for power in range(-3, 5)
        ],
    }
    scores: dict[str, dict[str, float]] = {}
    for method, options in methods.items():
        tried = []
        for forecast in options:
            found = forecast(values, season, first)
            errors = [values[r] - found[r[:, 0]] for r in rows[1:]]
            if not np.isfinite(found[rows[2][:, 0]]).all():
                continue
            mase = [float(np.nanmean(abs(error)) / unit) for error in errors]
            # the errors of the validation part, step by step, make the range
            low, high = np.nanquantile(errors[0], [0.1, 0.9], axis=0)
            known = errors[1][np.isfinite(errors[1])]
            inside = (low <= errors[1]) & (errors[1] <= high)
            tried.append((*mase, float(inside.sum() / len(known))))
        if not tried:
            continue
        # of equal ones the first: the test part, next in the row, decides nothing
        best = min(tried, key=lambda row: row[0])
        scores[method] = dict(zip(("val", "test", "coverage"), best, strict=True))
    best_method = min(scores, key=lambda method: scores[method]["val"])
    results = {
        f"test_mase_{name}": scores[best_method]["test"],
        f"test_coverage_{name}": scores[best_method]["coverage"],
    }
    for method, score in scores.items():
        results[f"val_mase_{name}_{method}"] = score["val"]
        results[f"test_mase_{name}_{method}"] = score["test"]
    return results


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Measure on each series, print it, and return it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="not used: split in time")
    parser.add_argument("--data", type=Path, help="a CSV file of dates and numbers")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args = parser.parse_args(argv)
    results = {"test_mase": 0.0}
    names = list(SERIES) if args.data is None else ["series"]
    for name in names:
        results |= measure(name, args.data)
    results["test_mase"] = sum(results[f"test_mase_{n}"] for n in names) / len(names)
    for name, value in results.items():
        print(f"{name:36} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        with (args.out / "results.json").open("w", encoding="utf-8") as stream:
            json.dump({"results": results}, stream, indent=1)
    return results


if __name__ == "__main__":
    main()
