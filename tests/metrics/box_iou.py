"""Cases of metrics/box_iou."""

import numpy as np

from tests.metrics import Case, Refusal


def corners(rng, size=7):
    """Boxes of which many overlap; one is a line and one a point."""
    low = rng.uniform(0, 4, (size, 2))
    boxes = np.concatenate([low, low + rng.uniform(0.5, 4, (size, 2))], 1)
    boxes[0, 3] = boxes[0, 1]
    boxes[1, 2:] = boxes[1, :2]
    return boxes


# the same box, the same point, inside, apart, touching
OTHERS = np.concatenate(
    [
        corners(np.random.default_rng(0))[:3],
        [[1.0, 1, 2, 2], [-9, -9, -8, -7], [3, 0, 5, 3]],
    ]
)


def pycocotools_iou(boxes, others):
    from pycocotools import mask

    a, b = (np.hstack([x[:, :2], x[:, 2:] - x[:, :2]]) for x in (boxes, others))
    return np.nan_to_num(mask.iou(a, b, [0] * len(b)))


def monai_iou(boxes, others):
    from monai.data.box_utils import box_iou

    return box_iou(boxes, others)


def monai_giou(boxes, others):
    from monai.data.box_utils import box_giou

    return box_giou(boxes, others)


BAD = OTHERS[3:4]
REFUSALS = (
    Refusal(by="shape", inputs=(BAD[0],), match="boxes must have the shape"),
    Refusal(by="shape", inputs=(BAD[:, :3],), match="boxes must have the shape"),
    Refusal(by="shape", inputs=(OTHERS,), match="shape", kwargs={"others": OTHERS.T}),
    Refusal(by="value", inputs=(BAD[:, [2, 1, 0, 3]],), match="x1 <= x2"),
    Refusal(by="value", inputs=(BAD[:, [0, 3, 2, 1]],), match="y1 <= y2"),
    Refusal(by="value", inputs=(BAD * np.nan,), match="finite"),
    Refusal(
        by="value",
        inputs=(OTHERS,),
        match="finite",
        kwargs={"others": BAD * np.inf},
    ),
)
CASES = [
    Case(
        function=function,
        inputs=lambda rng: (corners(rng),),
        kwargs={"others": OTHERS},
        oracles=oracles,
        ordered=True,
        refusals=REFUSALS,
    )
    for function, oracles in {
        "box_iou": (pycocotools_iou,),
        "generalized_box_iou": (),
        "distance_box_iou": (),
        "complete_box_iou": (),
    }.items()
]


def of_some_area(rng):
    return (corners(rng)[2:],)


CASES += [
    Case(
        function=function,
        inputs=of_some_area,
        kwargs={"others": OTHERS[2:]},
        oracles=(oracle,),
        ordered=True,
    )
    for function, oracle in (
        ("box_iou", monai_iou),
        ("generalized_box_iou", monai_giou),
    )
]
