"""Draw the losses: what each figure shows, computed by the reference wing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from dlcookbook.reference.losses import (
    arcface,
    asymmetric,
    box_iou,
    charbonnier,
    ciou,
    circle,
    cosine,
    cross_entropy,
    ctc,
    dice,
    diou,
    focal,
    focal_tversky,
    gaussian_nll,
    generalized_ce,
    generalized_dice,
    giou,
    hinge,
    huber,
    info_nce,
    jaccard,
    js,
    kl,
    ldam,
    log_cosh,
    lovasz,
    mae,
    mape,
    mse,
    poisson,
    poly,
    quantile,
    smooth_l1,
    squared_hinge,
    supervised_contrastive,
    triplet,
    tversky,
    weighted_bce,
)
from tools.svg import Curve, Figure, svg

FOLDER = Path(__file__).resolve().parent.parent / "docs/assets/figures/losses"
Loss = Callable[..., np.ndarray]
Line = Callable[[np.ndarray], np.ndarray]


def lead(x: np.ndarray, classes: int = 10) -> np.ndarray:
    """Return scores in which class 0 leads all others by x."""
    scores = np.zeros((len(x), classes))
    scores[:, 0] = x
    return scores


def first(x: np.ndarray) -> np.ndarray:
    """Return labels that name class 0."""
    return np.zeros(len(x), int)


def log_odds(p: np.ndarray) -> np.ndarray:
    """Return the score of a probability."""
    return np.log(p) - np.log1p(-p)


def label(f: Loss, truth: int, **kwargs: float) -> Line:
    """Return a loss of one label against its score."""
    return lambda z: f(z, np.full(len(z), truth), **kwargs)


def number(f: Loss, **kwargs: float) -> Line:
    """Return a loss of one number against its error."""
    return lambda e: f(e, np.zeros(len(e)), **kwargs)


def likely(f: Loss, classes: int = 2, **kwargs: float) -> Line:
    """Return a loss against the probability of the true class, its rivals alike."""

    def of(p):
        return f(lead(log_odds(p) + np.log(classes - 1), classes), first(p), **kwargs)

    return of


def leading(f: Loss, classes: int = 10, **kwargs: float) -> Line:
    """Return a loss against the lead of the true class over all others."""
    return lambda x: f(lead(x, classes), first(x), **kwargs)


def with_slope(name: str, line: Line) -> tuple[Curve, Curve]:
    """Return a loss and its derivative."""
    return Curve(name, line), Curve("slope", line, slope=True)


def classification() -> dict[str, Figure]:
    """Return the figures of the losses of classes."""
    bce = weighted_bce.weighted_bce_loss
    entropy = cross_entropy.cross_entropy_loss

    def twice(scores, labels):
        p = np.exp(scores)
        return entropy(p / p.sum(axis=1, keepdims=True), labels)

    def focusing(gamma):
        return lambda p: label(focal.sigmoid_focal_loss, 1, gamma=gamma)(log_odds(p))

    def absent(f):
        return lambda p: label(f, 0)(log_odds(p))

    def counted(counts):
        return lambda x: ldam.ldam_loss(lead(x, 2), first(x), class_counts=counts)

    def divergence(f, *, swap=False):
        def of(q):
            truth = np.array([[0.3, 0.7]]).repeat(len(q), axis=0)
            guess = np.stack([q, 1 - q], axis=1)
            scores, target = (truth, guess) if swap else (guess, truth)
            return f(np.log(scores), target)

        return of

    return {
        "binary-cross-entropy": Figure(
            "Binary cross-entropy",
            "The loss of a yes falls with the score: nearly a straight line of slope "
            "-1 while the score is wrong, nearly 0 when it is right. The loss of a no "
            "is its mirror image.",
            (-6, 6),
            (-1, 6),
            "score",
            (
                *with_slope("truth: yes", label(bce, 1)),
                Curve("truth: no", label(bce, 0)),
            ),
        ),
        "cross-entropy": Figure(
            "Cross-entropy, right and after a second softmax",
            "Against the lead of the true class over nine rivals the loss falls to 0. "
            "With the softmax taken twice it stays between 1.46 and 2.41, nearly flat.",
            (-6, 10),
            (-1, 8),
            "lead of the true class",
            (
                *with_slope("softmax once", leading(entropy)),
                *with_slope("twice", leading(twice)),
            ),
        ),
        "label-smoothing": Figure(
            "Cross-entropy with label smoothing",
            "Without smoothing the loss falls for ever. With 0.1 and 0.2 it is lowest "
            "at a lead of 4.5 and 3.7 and rises beyond: the slope changes its sign.",
            (0, 12),
            (-1, 3),
            "lead of the true class over nine",
            (
                Curve("0", leading(entropy)),
                Curve("0.1", leading(entropy, label_smoothing=0.1)),
                *with_slope("0.2", leading(entropy, label_smoothing=0.2)),
            ),
        ),
        "class-weights": Figure(
            "Binary cross-entropy with pos_weight",
            "A weight of 3 multiplies the loss and the slope of a yes by 3 and leaves "
            "those of a no.",
            (-6, 6),
            (-4, 12),
            "score",
            (
                *with_slope("yes, times 3", label(bce, 1, pos_weight=3.0)),
                Curve("yes", label(bce, 1)),
                Curve("no", label(bce, 0)),
            ),
        ),
        "focal": Figure(
            "Focal loss",
            "Against the probability of the true label. The larger gamma, the sooner "
            "the loss of an example that is already right vanishes.",
            (0.01, 0.999),
            (0, 4),
            "probability of the true label",
            (
                Curve("gamma 0", focusing(0)),
                *(Curve(f"{g:g}", focusing(g)) for g in (0.5, 2, 5)),
            ),
            (0.01, 0.5, 1),
        ),
        "asymmetric": Figure(
            "Asymmetric loss of a label that is not there",
            "Binary cross-entropy punishes every probability. The asymmetric loss is 0 "
            "below 0.05 and small until the label is nearly claimed.",
            (0.001, 0.999),
            (0, 3),
            "probability of an absent label",
            (
                Curve("cross-entropy", absent(bce)),
                *with_slope("asymmetric", absent(asymmetric.asymmetric_loss)),
            ),
            (0, 0.5, 1),
        ),
        "poly": Figure(
            "Poly-1 cross-entropy",
            "Against the probability of the true class: epsilon adds as many times "
            "what the probability lacks to 1.",
            (0.02, 0.999),
            (0, 5),
            "probability of the true class",
            tuple(
                Curve(f"epsilon {e:g}", likely(poly.poly_cross_entropy_loss, epsilon=e))
                for e in (0.0, 1.0, 2.0)
            ),
            (0.02, 0.5, 1),
        ),
        "generalized-ce": Figure(
            "Generalised cross-entropy",
            "Against the probability of the true class: the larger q, the less an "
            "example counts that the model thinks impossible. With q of 1 the loss is "
            "a straight line.",
            (0.005, 0.999),
            (0, 4),
            "probability of the true class",
            tuple(
                Curve(
                    f"q {q:g}",
                    likely(generalized_ce.generalized_cross_entropy_loss, q=q),
                )
                for q in (0.01, 0.3, 0.7, 1.0)
            ),
            (0.005, 0.5, 1),
        ),
        "ldam": Figure(
            "LDAM",
            "The loss of an example against its lead in cosine: the class with 10 "
            "examples must lead further than that with 1,000 to cost as little.",
            (-1, 1),
            (0, 30),
            "cosine of the true class minus the other",
            (
                Curve("10 examples", counted([10, 1000])),
                Curve("1,000 examples", counted([1000, 10])),
            ),
        ),
        "hinge": Figure(
            "Hinge and squared hinge",
            "Both are 0 from a score of 1 on. Below it hinge is a straight line of "
            "slope -1, squared hinge a parabola. Cross-entropy never reaches 0.",
            (-2, 3),
            (-1.5, 5),
            "score of a yes",
            (
                *with_slope("hinge", label(hinge.hinge_loss, 1)),
                Curve("squared", label(squared_hinge.squared_hinge_loss, 1)),
                Curve("cross-entropy", label(bce, 1)),
            ),
        ),
        "kl": Figure(
            "KL and Jensen-Shannon divergence",
            "From a truth of 0.3, against the predicted probability: KL grows without "
            "bound at both ends, Jensen-Shannon does not; all are 0 at 0.3.",
            (0.001, 0.999),
            (0, 2),
            "predicted probability, the truth is 0.3",
            (
                Curve("KL(p, q)", divergence(kl.kl_divergence_loss)),
                Curve("KL(q, p)", divergence(kl.kl_divergence_loss, swap=True)),
                Curve("Jensen-Shannon", divergence(js.js_divergence_loss)),
            ),
            (0, 0.3, 1),
        ),
    }


def regression() -> dict[str, Figure]:
    """Return the figures of the losses of numbers."""

    def angled(angle):
        u = np.stack([np.cos(np.radians(angle)), np.sin(np.radians(angle))], axis=1)
        return cosine.cosine_loss(u, np.array([[1.0, 0.0]]))

    def counted(n):
        return lambda x: poisson.poisson_loss(x, np.full(len(x), n))

    def spread(deviation):
        def of(e):
            outputs = np.stack([e, np.full(len(e), 2 * np.log(deviation))], axis=1)
            return gaussian_nll.gaussian_nll_loss(outputs, np.zeros(len(e)))

        return of

    return {
        "mse": Figure(
            "Squared error",
            "A parabola; its slope grows with the error.",
            (-3, 3),
            (-6, 9),
            "prediction minus truth",
            with_slope("squared error", number(mse.mse_loss)),
        ),
        "mae": Figure(
            "Absolute error",
            "A corner at 0; its slope is -1 or 1, however small the error.",
            (-3, 3),
            (-1.5, 3),
            "prediction minus truth",
            with_slope("absolute error", number(mae.mae_loss)),
        ),
        "huber": Figure(
            "Huber and Smooth L1, delta and beta 2",
            "Huber with delta 2: a parabola up to an error of 2, then a line. "
            "Smooth L1 with beta 2 is half of it: slope 1 instead of 2.",
            (-4, 4),
            (-3, 6),
            "prediction minus truth",
            (
                *with_slope("Huber", number(huber.huber_loss, delta=2.0)),
                *with_slope("Smooth L1", number(smooth_l1.smooth_l1_loss, beta=2.0)),
            ),
        ),
        "log-cosh": Figure(
            "Log-cosh beside Huber",
            "Log-cosh lies a little below Huber with delta 1, and has no place where "
            "its slope, tanh, bends suddenly.",
            (-4, 4),
            (-1.5, 4),
            "prediction minus truth",
            (
                *with_slope("log-cosh", number(log_cosh.log_cosh_loss)),
                *with_slope("Huber", number(huber.huber_loss)),
            ),
        ),
        "charbonnier": Figure(
            "Charbonnier",
            "Absolute error with a rounded corner: with epsilon 0.5 the loss of a "
            "perfect prediction is 0.5, and the slope passes through 0 smoothly.",
            (-2, 2),
            (-1, 2),
            "prediction minus truth",
            (
                *with_slope("0.5", number(charbonnier.charbonnier_loss, epsilon=0.5)),
                *with_slope("0.1", number(charbonnier.charbonnier_loss, epsilon=0.1)),
            ),
        ),
        "quantile": Figure(
            "Quantile loss",
            "For the quantile 0.9 a prediction that is too low costs nine times one "
            "that is too high; for 0.1 it is the other way; 0.5 treats both alike.",
            (-3, 3),
            (-1, 3),
            "prediction minus truth",
            (
                *with_slope("0.9", number(quantile.quantile_loss, quantile=0.9)),
                Curve("0.5", number(quantile.quantile_loss, quantile=0.5)),
                Curve("0.1", number(quantile.quantile_loss, quantile=0.1)),
            ),
        ),
        "mape": Figure(
            "Percentage error",
            "For a truth of 1 a prediction of 0 costs 1, the most that too low can "
            "cost; too high has no limit.",
            (0, 4),
            (-1, 3),
            "prediction, the truth is 1",
            with_slope(
                "share of the truth",
                lambda y: mape.mape_loss(y, np.ones(len(y)), epsilon=1.0),
            ),
            (0, 1, 4),
        ),
        "poisson": Figure(
            "Poisson",
            "Lowest where the predicted rate is the count, 1, 3 or 8: too low is a "
            "straight line in the log of the rate, too high an exponential.",
            (-1, 3),
            (-10, 10),
            "log of the predicted rate",
            (
                Curve("count 1", counted(1)),
                *with_slope("count 3", counted(3)),
                Curve("count 8", counted(8)),
            ),
        ),
        "gaussian-nll": Figure(
            "Gaussian negative log-likelihood",
            "Against the error, for three standard deviations: being sure is cheapest "
            "near 0 and dearest far from it.",
            (-4, 4),
            (0, 6),
            "prediction minus truth",
            tuple(Curve(f"deviation {d:g}", spread(d)) for d in (0.5, 1, 2)),
        ),
        "cosine": Figure(
            "Cosine distance",
            "0 at 0 degrees, 1 at a right angle, 2 at 180 degrees; flat at both ends.",
            (0, 180),
            (0, 2),
            "angle in degrees",
            (Curve("1 - cosine", angled),),
            (0, 90, 180),
        ),
    }


def masks() -> dict[str, Figure]:
    """Return the figures of the losses of masks: 400 pixels, the object first."""
    pixels = 400

    def missed(f):
        # every pixel gets 0.02, whatever the size of the object
        def of(share):
            sizes = np.maximum(1, np.round(share * pixels))
            mask = (np.arange(pixels) < sizes[:, None])[:, None]
            scores = np.full(mask.shape, log_odds(np.array(0.02)))
            return f(scores, mask).reshape(len(share), -1).mean(axis=1)

        return of

    def found(f, **kwargs):
        # of an object of 100 pixels a share is found for sure, and nothing else
        def of(share):
            mask = np.tile(np.arange(pixels) < 100, (len(share), 1, 1))
            hit = np.arange(pixels) < np.round(share * 100)[:, None]
            return f(np.where(hit[:, None], 20.0, -20.0), mask, **kwargs)

        return of

    def coloured(f, size):
        # the object's pixels get a probability, the background 0.02
        def of(p):
            mask = np.tile(np.arange(pixels) < size, (len(p), 1))
            inside, outside = log_odds(p)[:, None], log_odds(np.array(0.02))
            object_ = np.where(mask, inside, outside)
            return f(
                np.stack([np.zeros_like(object_), object_], axis=1), mask.astype(int)
            )

        return of

    def alarmed(f):
        # an object of 100 pixels is found; the next 100 pixels get a probability
        def of(p):
            place = np.tile(np.arange(pixels), (len(p), 1))
            sure = np.where(place < 100, 20.0, -20.0)
            object_ = np.where(
                (place < 100) | (place >= 200), sure, log_odds(p)[:, None]
            )
            scores = np.stack([np.zeros_like(object_), object_], axis=1)
            return f(scores, (place < 100).astype(int))

        return of

    return {
        "dice": Figure(
            "The price of missing an object, against its size",
            "Cross-entropy, averaged over the pixels, is close to 0 for a small object "
            "that is missed entirely; Dice is close to 1 whatever the size.",
            (0.005, 0.5),
            (0, 2),
            "share of the image that the missed object covers",
            (
                Curve("Dice", missed(dice.binary_dice_loss)),
                Curve("cross-entropy", missed(weighted_bce.weighted_bce_loss)),
            ),
            (0.005, 0.25, 0.5),
            points=101,
        ),
        "generalized-dice": Figure(
            "Generalised Dice and Dice, for an object of 1 % of the image",
            "Against the probability that the object's pixels get.",
            (0.02, 0.999),
            (0, 1),
            "probability on the object's pixels",
            (
                Curve(
                    "generalised Dice",
                    coloured(generalized_dice.generalized_dice_loss, 4),
                ),
                Curve("Dice", coloured(dice.dice_loss, 4)),
            ),
            (0.02, 0.5, 1),
            points=101,
        ),
        "tversky": Figure(
            "Tversky and focal Tversky",
            "Against the share of the object that is found, with no false alarm: the "
            "larger beta, the dearer a miss.",
            (0, 1),
            (0, 1),
            "share of the object found, no false alarm",
            (
                Curve(
                    "beta 0.7", found(tversky.binary_tversky_loss, alpha=0.3, beta=0.7)
                ),
                Curve(
                    "beta 0.3", found(tversky.binary_tversky_loss, alpha=0.7, beta=0.3)
                ),
                Curve("focal", found(focal_tversky.binary_focal_tversky_loss)),
            ),
            points=101,
        ),
        "jaccard": Figure(
            "Jaccard and Dice",
            "Against the share of the object that is found: Jaccard is never smaller "
            "than Dice, and both fall together.",
            (0, 1),
            (0, 1),
            "share of the object found, no false alarm",
            (
                Curve("Jaccard", found(jaccard.binary_jaccard_loss)),
                Curve("Dice", found(dice.binary_dice_loss)),
            ),
            points=101,
        ),
        "lovasz": Figure(
            "Lovász-Softmax and soft Jaccard against a false alarm",
            "The object is found; as many pixels beside it get a probability from 0 to "
            "1. Lovász is the straight line between the two hard decisions, soft "
            "Jaccard bends.",
            (0.001, 0.999),
            (0, 0.5),
            "probability of as many false alarms",
            (
                Curve("Lovász-Softmax", alarmed(lovasz.lovasz_softmax_loss)),
                Curve("Jaccard", alarmed(jaccard.jaccard_loss)),
            ),
            (0, 0.5, 1),
            points=101,
        ),
    }


def spaces() -> dict[str, Figure]:
    """Return the figures of the losses of boxes, embeddings and sequences."""

    def moved(f):
        # a unit box slides past a box of 1 by 2
        def of(x):
            zero, one = np.zeros_like(x), np.ones_like(x)
            box = np.stack([x, zero, x + 1, one], axis=1)
            return f(box, np.stack([zero, zero, one, 2 * one], axis=1))

        return of

    def each(f):
        return lambda x: np.array([f(float(value)) for value in x])

    def retrieved(temperature):
        def of(x):
            # a partner at cosine x and three rivals at a right angle
            partner = [x, np.sqrt(max(0.0, 1 - x * x)), 0.0, 0.0, 0.0]
            candidates = np.stack([partner, *np.eye(5)[2:]])
            queries = np.eye(5)[[0, 2, 3, 4]]
            return info_nce.info_nce_loss(queries, candidates, temperature=temperature)[
                0
            ]

        return each(of)

    def labelled(f, **kwargs):
        # two items of one class at an angle, two of another at right angles to both
        def of(angle):
            u = [np.cos(np.radians(angle)), np.sin(np.radians(angle)), 0.0]
            vectors = np.array([[1.0, 0.0, 0.0], u, [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
            return f(vectors, np.array([0, 0, 1, 1]), **kwargs)[0]

        return each(of)

    def turned(f, **kwargs):
        # the angle to the true class; one rival at a right angle
        def of(angle):
            cosines = np.stack(
                [np.cos(np.radians(angle)), np.zeros(len(angle))], axis=1
            )
            return f(cosines, first(angle), **kwargs)

        return of

    def spelled(frames):
        def of(p):
            scores = np.zeros((len(p), frames, 2))
            scores[:, :, 1] = log_odds(p)[:, None]
            return ctc.ctc_loss(scores, np.ones((len(p), 1), int))

        return of

    angle, angles = "angle between two items of a class", (0.0, 90.0, 180.0)
    supcon = supervised_contrastive.supervised_contrastive_loss
    return {
        "iou": Figure(
            "Box losses against a shift",
            "A unit box slides past a box of 1 by 2. IoU is flat at 1 once they are "
            "apart. GIoU keeps rising, and so do DIoU and CIoU, which nearly coincide.",
            (-3, 3),
            (0, 2),
            "shift to the side",
            (
                Curve("IoU", moved(box_iou.box_iou_loss)),
                Curve("GIoU", moved(giou.generalized_box_iou_loss)),
                Curve("DIoU", moved(diou.distance_box_iou_loss)),
                Curve("CIoU", moved(ciou.complete_box_iou_loss)),
            ),
        ),
        "info-nce": Figure(
            "InfoNCE and its temperature",
            "Against the cosine of query and partner, three rivals at a right angle: "
            "the smaller the temperature, the steeper.",
            (-1, 1),
            (0, 5),
            "cosine of query and partner",
            (
                Curve("temperature 0.1", retrieved(0.1)),
                Curve("0.5", retrieved(0.5)),
                Curve("1", retrieved(1.0)),
            ),
            points=101,
        ),
        "supervised-contrastive": Figure(
            "Supervised contrastive",
            "Against the angle between two items of a class, two of another class at "
            "right angles: lowest at 0, steeper with a smaller temperature.",
            (0, 180),
            (0, 12),
            angle,
            tuple(
                Curve(f"temperature {t:g}", labelled(supcon, temperature=t))
                for t in (0.1, 0.5)
            ),
            angles,
            points=101,
        ),
        "triplet": Figure(
            "Triplet",
            "Against the angle between two items of a class, their rivals at right "
            "angles: 0 until the margin is broken.",
            (0, 180),
            (0, 1.2),
            angle,
            tuple(
                Curve(f"margin {m:g}", labelled(triplet.triplet_loss, margin=m))
                for m in (0.2, 0.5)
            ),
            angles,
            points=181,
        ),
        "circle": Figure(
            "Circle",
            "Against the angle between two items of a class, rivals at right angles: "
            "nearly 0 up to 41 degrees, then steeper and steeper.",
            (0, 180),
            (0, 1000),
            angle,
            (Curve("circle", labelled(circle.circle_loss)),),
            angles,
            points=101,
        ),
        "arcface": Figure(
            "ArcFace, CosFace and a plain softmax over cosines",
            "Against the angle to the true class, one rival at a right angle: with a "
            "margin the loss is 0 only at a much smaller angle.",
            (0, 120),
            (0, 40),
            "angle to the true class",
            (
                Curve("ArcFace", turned(arcface.arcface_loss)),
                Curve("CosFace", turned(arcface.cosface_loss)),
                Curve("no margin", turned(arcface.cosface_loss, margin=0.0)),
            ),
            (0, 60, 120),
        ),
        "ctc": Figure(
            "CTC",
            "Against the probability that every frame gives to the one symbol of the "
            "word: with more frames there are more ways to spell it.",
            (0.01, 0.99),
            (0, 4),
            "probability of the symbol in every frame",
            tuple(Curve(f"{n} frame" + "s" * (n > 1), spelled(n)) for n in (1, 2, 4)),
            (0.01, 0.5, 0.99),
            points=101,
        ),
    }


def figures() -> dict[str, Figure]:
    """Return every figure by the section of the page that it belongs to."""
    return classification() | regression() | masks() | spaces()


def drawings() -> dict[Path, str]:
    """Return every figure as SVG, by its file."""
    return {FOLDER / f"{slug}.svg": svg(slug, f) for slug, f in figures().items()}
