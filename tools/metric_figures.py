"""Draw the metrics: what each figure shows, computed by the reference wing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from dlcookbook.reference.metrics import (
    average_precision,
    balanced_accuracy,
    brier,
    brier_decomposition,
    calibrate,
    calibration_error,
    confusion_matrix,
    dice_score,
    log_loss,
    matthews,
    mean_iou,
    perplexity,
    pr_curve,
    precision_recall,
    psnr,
    r2,
    ranking,
    regression_errors,
    roc_auc,
    roc_curve,
)
from tools.svg import BOTTOM, LEFT, RIGHT, TOP, Curve, Figure, box, label, scheme, svg

FOLDER = Path(__file__).resolve().parent.parent / "docs/assets/figures/metrics"
# The four kinds of examples, TN, FP, FN and TP: what the model says, what is true.
SAID, TRUE = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])


def each(f: Callable[[float], float]) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of one number for arrays."""
    return lambda x: np.array([f(float(value)) for value in x], float)


def bells() -> tuple[np.ndarray, np.ndarray]:
    """Return scores and labels: 200 no and 50 yes, two logistic bells 3 apart."""

    def bell(n, centre):
        p = (np.arange(n) + 0.5) / n
        return centre + np.log(p) - np.log1p(-p)

    scores = np.concatenate([bell(200, -1.5), bell(50, 1.5)])
    return scores, np.repeat([0, 1], [200, 50])


def rates(share: float, recall: float, specificity: float) -> np.ndarray:
    """Return shares of TN, FP, FN and TP."""
    no, yes = 1 - share, share
    return np.array(
        [no * specificity, no - no * specificity, yes - yes * recall, yes * recall]
    )


def decisions() -> dict[str, Figure]:
    """Return the figures of the metrics of decisions."""
    scores, labels = bells()
    never = np.zeros(2, int), np.array([0, 1])

    def matrix():
        said = (scores >= 0).astype(int)
        counts = confusion_matrix.confusion_matrix(said, labels, 2)
        names = (("left alone", "false alarms"), ("missed", "found"))
        parts = [
            label(150, 26, "said no", "middle"),
            label(276, 26, "said yes", "middle"),
            label(8, 76, "is no", "start"),
            label(8, 156, "is yes", "start"),
        ]
        for i, row in enumerate(counts):
            for j, count in enumerate(row):
                x, y = 88 + 126 * j, 36 + 80 * i
                parts.append(box(x, y, 122, 76, 1 if i == j else 2, 0.2))
                kind = ("T" if i == j else "F") + "NP"[j]
                parts.append(label(x + 61, y + 34, f"{kind} = {count:.0f}", "middle"))
                parts.append(label(x + 61, y + 54, names[i][j], "middle"))
        return "".join(parts)

    def swept(name):
        def of(threshold):
            said = (scores >= threshold).astype(int)
            found = precision_recall.precision_recall(said, labels, 2, average=None)
            return found[name][1]

        return each(of)

    def never_a_yes(share):
        weights = np.array([1 - share, share])
        return np.trace(
            confusion_matrix.confusion_matrix(
                *never, 2, normalize="all", sample_weight=weights
            )
        )

    def balanced(share):
        weights = np.array([1 - share, share])
        return balanced_accuracy.balanced_accuracy(*never, 2, sample_weight=weights)

    def contour(f):
        # the recall that gives this F1 with the precision
        def of(p):
            with np.errstate(divide="ignore"):
                return np.where(2 * p > f, f * p / (2 * p - f), np.nan)

        return of

    def f1(positive):
        def of(share):
            found = precision_recall.precision_recall(
                SAID, TRUE, 2, average=None, sample_weight=rates(share, 0.8, 0.8)
            )
            return found["f_beta"][positive]

        return each(of)

    def mcc(share):
        weights = rates(share, 0.8, 0.8)
        return float(matthews.matthews(SAID, TRUE, 2, sample_weight=weights))

    share = "share of true yes"
    return {
        "confusion-matrix": scheme(
            "Confusion matrix",
            "Four counts, the truth down and the prediction across: of 200 no, 164 "
            "left alone and 36 false alarms; of 50 yes, 9 missed and 41 found.",
            matrix(),
        ),
        "accuracy": Figure(
            "Accuracy of a model that never says yes",
            "It falls from 1 to 0 as the share of true yes grows, and is 0.99 where "
            "one in a hundred is a yes. Balanced accuracy is one half throughout.",
            (0.001, 0.999),
            (0, 1),
            share,
            (
                Curve("accuracy", each(never_a_yes)),
                Curve("balanced accuracy", each(balanced)),
            ),
            (0.001, 0.5, 1),
            points=101,
        ),
        "precision-recall": Figure(
            "Precision and recall against the threshold",
            "Of 200 no around -1.5 and 50 yes around 1.5. As the threshold rises, "
            "recall falls from 1 to nearly 0. Precision climbs from 0.2, the share of "
            "true yes, to 1, and not always steadily.",
            (-6, 6),
            (0, 1),
            "threshold",
            (
                Curve("precision", swept("precision")),
                Curve("recall", swept("recall")),
            ),
            points=121,
        ),
        "f1": Figure(
            "F1 over precision and recall",
            "Four lines of equal F1: each stays above half its value on both axes, so "
            "that F1 is high only where precision and recall both are.",
            (0, 1),
            (0, 1),
            "precision; recall upwards",
            tuple(Curve(f"F1 {f:g}", contour(f)) for f in (0.2, 0.4, 0.6, 0.8)),
            (0, 0.5, 1),
        ),
        "matthews": Figure(
            "F1 and MCC against the share of yes",
            "A model is right with 80 % of each class. F1 of the yes climbs with "
            "their share and F1 of the no falls. MCC is the same whichever class is "
            "the yes: 0.6 in the middle, less at both ends.",
            (0.01, 0.99),
            (0, 1),
            share,
            (
                Curve("F1 of yes", f1(1)),
                Curve("F1 of no", f1(0)),
                Curve("MCC", each(mcc)),
            ),
            (0.01, 0.5, 0.99),
            points=101,
        ),
    }


def probabilities() -> dict[str, Figure]:
    """Return the figures of the metrics of scores and probabilities."""
    scores, labels = bells()
    area = roc_auc.roc_auc(scores, labels)
    average = average_precision.average_precision(scores, labels)
    # every logit 20 times: so often a yes as half the logit says, or nearly so
    levels = np.linspace(-5, 5, 41)
    hits = np.round(20 / (1 + np.exp(-levels / 2)))
    logits = np.repeat(levels, 20)
    truth = (np.arange(20) < hits[:, None]).astype(int).ravel()
    temperature = calibrate.fit_temperature(logits, truth)
    before, after = (1 / (1 + np.exp(-logits / t)) for t in (1.0, temperature))
    errors = [
        calibration_error.calibration_error(p, truth, num_bins=10)
        for p in (before, after)
    ]

    def roc(x):
        false, true, _ = roc_curve.roc_curve(scores, labels)
        return true[np.searchsorted(false, x, side="right") - 1]

    def under(f):
        x = np.linspace(0, 1, 161)
        across = LEFT + x * (RIGHT - LEFT)
        down = BOTTOM - f(x) * (BOTTOM - TOP)
        points = " ".join(f"{u:.4g},{v:.4g}" for u, v in zip(across, down, strict=True))
        return (
            f'<polygon points="{LEFT},{BOTTOM} {points} {RIGHT},{BOTTOM}" '
            'style="fill:var(--1)" fill-opacity="0.15"/>'
        )

    def pr(x):
        precision, recall, _ = pr_curve.pr_curve(scores, labels)
        return precision[np.searchsorted(recall, np.minimum(x, recall[-1]))]

    def reliability(p):
        def of(x):
            bins = np.ceil(p * 10)
            groups = [bins == b for b in np.unique(bins)]
            stated = [p[group].mean() for group in groups]
            often = [truth[group].mean() for group in groups]
            return np.interp(x, stated, often, left=np.nan, right=np.nan)

        return of

    def parts():
        found = []
        names = ("reliability", "resolution", "uncertainty", "brier")
        for k, (name, p) in enumerate((("before", before), ("after", after))):
            value = brier_decomposition.brier_decomposition(np.round(p, 1), truth)
            for i, part in enumerate(names):
                y = 34 + 44 * i + 16 * k
                width = 600 * value[part]
                found.append(box(112, y, max(width, 1), 13, k + 1, 0.8))
                found.append(
                    label(118 + width, y + 11, f"{value[part]:.3f} {name}", "start")
                )
        for i, words in enumerate(
            ("reliability", "- resolution", "+ uncertainty", "= Brier")
        ):
            found.append(label(104, 53 + 44 * i, words, "end"))
        found.append(label(8, 15, "before and after a temperature", "start"))
        return "".join(found)

    return {
        "roc-auc": Figure(
            "ROC curve",
            "The share of the yes that is found against the share of the no that "
            f"raises a false alarm, at every threshold. The area under it is {area:.2f}"
            "; scores without skill give the diagonal, 0.5.",
            (0, 1),
            (0, 1),
            "false positive rate; recall upwards",
            (
                Curve(f"AUC {area:.3f}", roc),
                Curve("no skill", lambda x: x),
            ),
            (0, 0.5, 1),
            shapes=under(roc),
        ),
        "average-precision": Figure(
            "Precision against recall",
            "Precision falls from 1 to 0.2 as the threshold lets more through; the "
            f"area under its steps is {average:.2f}. Scores without skill have the "
            "share of true yes as their precision, here 0.2.",
            (0, 1),
            (0, 1),
            "recall; precision upwards",
            (
                Curve(f"average precision {average:.3f}", pr),
                Curve("no skill", lambda x: np.full(len(x), labels.mean())),
            ),
            (0, 0.5, 1),
            shapes=under(pr),
        ),
        "calibration-error": Figure(
            "Reliability diagram",
            "How often a yes is true against the probability that the model gave it. "
            "Before, where it says 0.9 it is right less often, where it says 0.1 it "
            f"is wrong more often: error {errors[0]:.2f}. Divided by a temperature of "
            f"{temperature:.1f} the line lies on the diagonal: error {errors[1]:.2f}.",
            (0, 1),
            (0, 1),
            "probability that was given",
            (
                Curve("before", reliability(before)),
                Curve("after", reliability(after)),
                Curve("calibrated", lambda x: x),
            ),
            (0, 0.5, 1),
        ),
        "log-loss": Figure(
            "Log loss and Brier score of one answer",
            "Against the probability that the truth was given: log loss grows without "
            "limit as it nears 0, the Brier score ends at 1.",
            (0.002, 0.999),
            (0, 5),
            "probability given to what is true",
            (
                Curve(
                    "log loss",
                    each(lambda p: log_loss.log_loss([p], [1], from_logits=False)),
                ),
                Curve("Brier", each(lambda p: brier.brier([p], [1]))),
            ),
            (0.002, 0.5, 1),
        ),
        "brier": scheme(
            "The three parts of a Brier score",
            "Reliability minus resolution plus uncertainty is the Brier score, in bars "
            "before and after a temperature: it mends reliability and hardly changes "
            "what the scores can tell apart.",
            parts(),
        ),
    }


def pixels() -> dict[str, Figure]:
    """Return the figures of the metrics of masks and images."""
    size, rows, columns = 12, 15, 29
    y, x = np.mgrid[:rows, :columns]
    truth = (x - 11) ** 2 + (y - 7) ** 2 <= 42
    found = (x - 16) ** 2 + (y - 7) ** 2 <= 42
    iou = mean_iou.mean_iou(found.astype(int), truth.astype(int), 2, average=None)[1]
    dice = dice_score.dice_score(found.astype(int), truth.astype(int), 2, average=None)[
        1
    ]

    def masks():
        kinds = truth & ~found, truth & found, found & ~truth
        parts = []
        for mask, colour, strength in zip(
            kinds, (2, 1, 4), (0.35, 0.75, 0.35), strict=True
        ):
            for row in range(rows):
                edges = np.flatnonzero(np.diff(np.pad(mask[row].astype(int), 1)))
                for a, b in edges.reshape(-1, 2):
                    parts.append(
                        box(
                            4 + size * a,
                            4 + size * row,
                            size * (b - a),
                            size,
                            colour,
                            strength,
                        )
                    )
        missed, both, extra = (int(mask.sum()) for mask in kinds)
        words = f"IoU {both}/({missed} + {both} + {extra}) = {iou:.2f}, Dice {dice:.2f}"
        return "".join([*parts, label(180, 210, words, "middle")])

    def noisy(deviation):
        noise = np.array([[deviation, -deviation]])
        return float(psnr.psnr(noise, np.zeros((1, 2)), data_range=1.0))

    return {
        "mean-iou": scheme(
            "Two masks",
            "Two discs of pixels overlap. Intersection over union divides what both "
            f"share by what either covers, {iou:.2f}; Dice divides twice what they "
            f"share by the sum of their sizes, {dice:.2f}.",
            masks(),
        ),
        "dice-score": Figure(
            "Dice against IoU",
            "Dice is 2 IoU / (1 + IoU): the same at 0 and 1, higher in between by up "
            "to 0.17. Of one mask both rank models alike.",
            (0, 1),
            (0, 1),
            "IoU",
            (
                Curve("Dice", lambda j: 2 * j / (1 + j)),
                Curve("IoU", lambda j: j),
            ),
            (0, 0.5, 1),
        ),
        "ssim": Figure(
            "PSNR against noise",
            "For pixels from 0 to 1: noise of a tenth gives 20 dB, of a hundredth 40.",
            (0.005, 0.3),
            (0, 50),
            "standard deviation of the noise",
            (Curve("PSNR in dB", each(noisy)),),
            (0.01, 0.1, 0.3),
        ),
    }


def numbers() -> dict[str, Figure]:
    """Return the figures of the metrics of numbers, text and lists."""

    def off(name):
        # nine errors of 1 and one that moves
        def of(outlier):
            errors = np.append(np.resize([1.0, -1.0], 9), outlier)
            return regression_errors.regression_errors(errors, np.ones(10) * 0.0)[name]

        return each(of)

    x = np.linspace(0.5, 9.5, 10)
    y = 2 + 0.6 * x + np.resize([0.9, -0.7, 0.5, -1.1, 0.4], 10)
    slope, height = np.polyfit(x, y, 1)
    explained = float(r2.r2(height + slope * x, y))

    def dots():
        across = LEFT + x / 10 * (RIGHT - LEFT)
        down = BOTTOM - y / 10 * (BOTTOM - TOP)
        return "".join(
            f'<circle cx="{u:.4g}" cy="{v:.4g}" r="4" style="fill:var(--3)"/>'
            for u, v in zip(across, down, strict=True)
        )

    def puzzled(p):
        logits = np.log([[p, 1 - p]])
        return perplexity.perplexity(logits, np.array([0]))

    places = np.arange(1, 7)

    def placed(name):
        # the one relevant item of six, at each place of the list
        values = [
            ranking.ranking(-places[None].astype(float), (places == place)[None] * 1)[
                name
            ]
            for place in places
        ]
        return lambda at: np.interp(at, places, values)

    return {
        "regression-errors": Figure(
            "MAE and RMSE while one error of ten grows",
            "Nine errors of 1 and one that grows from 1 to 20: MAE grows by a tenth of "
            "it, RMSE by nearly a third.",
            (1, 20),
            (0, 8),
            "size of the tenth error, the others are 1",
            (Curve("RMSE", off("rmse")), Curve("MAE", off("mae"))),
            points=96,
        ),
        "r2": Figure(
            "R2: a line beside the mean",
            "Ten points, the line that fits them best and the flat line of their mean. "
            f"R2 is the share of the squared distance to the mean that the line "
            f"removes: {explained:.2f}. The mean itself has 0.",
            (0, 10),
            (0, 10),
            "what is known; what is predicted upwards",
            (
                Curve(f"line: R2 {explained:.2f}", lambda u: height + slope * u),
                Curve("mean: R2 0", lambda u: np.full(len(u), y.mean())),
            ),
            shapes=dots(),
        ),
        "perplexity": Figure(
            "Perplexity",
            "The inverse of the typical probability of the right token: 10 at a tenth.",
            (0.02, 0.999),
            (0, 50),
            "typical probability of the right token",
            (Curve("perplexity", each(puzzled)),),
            (0.02, 0.5, 1),
        ),
        "ranking": Figure(
            "What a place in the list is worth",
            "The one relevant item of six at each place: the reciprocal rank falls to "
            "one half at place 2 and to a sixth at 6; nDCG to 0.63 and 0.36.",
            (1, 6),
            (0, 1),
            "place of the relevant item",
            (Curve("nDCG", placed("ndcg")), Curve("reciprocal rank", placed("mrr"))),
        ),
    }


@cache
def figures() -> dict[str, Figure]:
    """Return every figure by the section of the page that it belongs to."""
    return decisions() | probabilities() | pixels() | numbers()


def drawings() -> dict[Path, str]:
    """Return every figure as SVG, by its file."""
    return {FOLDER / f"{slug}.svg": svg(slug, f) for slug, f in figures().items()}
