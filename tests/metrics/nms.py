"""Cases of metrics/nms."""

import numpy as np

from tests.metrics import Case, Refusal


def clusters(rng, size=60):
    """Boxes around few places, of sizes that differ; whole numbers make ties."""
    low = rng.integers(0, 3, (size, 2)) * 7 + rng.integers(0, 3, (size, 2))
    side = rng.integers(1, 4, (size, 1)) * 3 + rng.integers(0, 3, (size, 2))
    return (np.concatenate([low, low + side], 1).astype(float),)


SCORES = np.random.default_rng(3).permutation(60) / 64
TIED = np.random.default_rng(3).integers(0, 5, 60) / 4
CLASSES = np.random.default_rng(3).integers(0, 3, 60)


def tensorflow_nms(boxes, scores, iou_threshold):
    import tensorflow as tf

    return tf.image.non_max_suppression(
        boxes.astype("float32"), scores.astype("float32"), 60, iou_threshold
    )


def monai_nms(boxes, scores, iou_threshold):
    from monai.data.box_utils import non_max_suppression

    return non_max_suppression(boxes, scores, iou_threshold)


def tensorflow_by_class(boxes, scores, classes, iou_threshold):
    import tensorflow as tf

    kept = []
    for c in np.unique(classes):
        inside = np.flatnonzero(classes == c)
        parts = boxes[inside].astype("float32"), scores[inside].astype("float32")
        kept += list(inside[tf.image.non_max_suppression(*parts, 60, iou_threshold)])
    return np.array(sorted(kept, key=lambda i: -scores[i]))


def tensorflow_soft_nms(boxes, scores, sigma):
    import tensorflow as tf

    # there, sigma stands for half of the paper's
    indices, values = tf.image.non_max_suppression_with_scores(
        boxes.astype("float32"),
        scores.astype("float32"),
        60,
        iou_threshold=1.0,
        score_threshold=0.001,
        soft_nms_sigma=sigma / 2,
    )
    return indices, values


BOX, ONE = np.array([[0.0, 0, 2, 2]]), np.array([0.5])
THRESHOLD = {"scores": ONE, "iou_threshold": 0.5}
BY_CLASS = THRESHOLD | {"classes": np.array([0])}
REFUSALS = (
    Refusal(by="shape", inputs=(BOX[0],), match="boxes", kwargs={"scores": ONE}),
    Refusal(by="shape", inputs=(BOX,), match="scores", kwargs={"scores": SCORES}),
    Refusal(by="value", inputs=(BOX[:, ::-1],), match="x1 <= x2", kwargs=THRESHOLD),
    Refusal(by="value", inputs=(BOX * np.nan,), match="finite", kwargs=THRESHOLD),
    Refusal(
        by="value",
        inputs=(BOX,),
        match="scores must be finite",
        kwargs={"scores": ONE * np.nan},
    ),
    Refusal(
        by="argument",
        inputs=(BOX,),
        match="iou_threshold",
        kwargs=THRESHOLD | {"iou_threshold": 50},
    ),
)
CASES = [
    Case(
        function="nms",
        inputs=clusters,
        kwargs={"scores": SCORES, "iou_threshold": 0.45},
        oracles=(tensorflow_nms, monai_nms),
        ordered=True,
        refusals=REFUSALS,
    ),
    *(
        Case(
            function="nms",
            inputs=clusters,
            kwargs={"scores": TIED, "iou_threshold": threshold},
            oracles=(tensorflow_nms,),
            ordered=True,
        )
        for threshold in (0.0, 0.3, 1.0)
    ),
    Case(
        function="batched_nms",
        inputs=clusters,
        kwargs={"scores": SCORES, "classes": CLASSES, "iou_threshold": 0.3},
        oracles=(tensorflow_by_class,),
        ordered=True,
        refusals=(
            Refusal(
                by="shape",
                inputs=(BOX,),
                match="classes",
                kwargs=BY_CLASS | {"classes": CLASSES},
            ),
        ),
    ),
    Case(
        function="soft_nms",
        inputs=clusters,
        kwargs={"scores": SCORES, "sigma": 0.6},
        oracles=(tensorflow_soft_nms,),
        ordered=True,
        refusals=tuple(
            Refusal(
                by="argument", inputs=(BOX,), match=name, kwargs={"scores": ONE} | bad
            )
            for name, bad in {
                "method": {"method": "hard"},
                "sigma": {"sigma": 0.0},
                "scores": {"scores": -ONE},
            }.items()
        ),
    ),
    Case(
        function="soft_nms",
        inputs=clusters,
        kwargs={"scores": TIED, "method": "linear", "score_threshold": 0.2},
        ordered=True,
    ),
]
