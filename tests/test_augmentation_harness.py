"""The contract of augmentation is itself tested: planted bugs must make it fail."""

import pytest

from tests import test_augmentation as told
from tests import wings
from tests.test_harness import Bug, broken, stand_in

BUGS = [
    Bug("torch/augmentation/mixup", "torch.lerp(images[j], images[i], weights[i]",
        "torch.lerp(images[i], images[j], weights[i]", "pixels and label swapped"),
    Bug("torch/augmentation/mixup", "share * soft + (1 - share) * soft[order]",
        "share * soft + (1 - share) * soft.flip(0)", "label of another partner"),
    Bug("torch/augmentation/mixup", "count = len(images) if per_sample else 1",
        "count = 1", "one weight for all"),
    Bug("torch/augmentation/mixup", "/ alpha", "* alpha",
        "another distribution"),
    Bug("torch/augmentation/mixup", "torch.empty_like(images) if out is None else out",
        "images if out is None else out", "in place: partners are gone"),
    Bug("torch/augmentation/cutmix", "pasted = (ends[1] - ends[0]).prod(dim=0)",
        "pasted = ((2 * half) ** 2 * size.prod()).expand(len(images))",
        "the area that was drawn, not what was cut off"),
    Bug("torch/augmentation/cutmix", "images[j, :, top:bottom, left:right]",
        "images[i, :, top:bottom, left:right]", "pastes nothing"),
    Bug("torch/augmentation/cutmix", ".clamp(0, 1)", ".clamp(0.01, 0.9)",
        "the last rows are never reached"),
    Bug("torch/augmentation/cutmix", "images[order], images, out=out",
        "images, images[order], out=out", "on a GPU the wrong way round"),
    Bug("torch/augmentation/warp", "2 * x / width - 1", "2 * x / (width - 1) - 1",
        "align_corners mixed up"),
    Bug("torch/augmentation/warp", "back = torch.linalg.inv(matrices",
        "back = (matrices", "not inverted"),
    Bug("torch/augmentation/warp", "torch.where(inside, masks.flatten(1)",
        "torch.where(inside | True, masks.flatten(1)", "border has the edge's class"),
    Bug("torch/augmentation/warp", "[0, 2, 0, 2]], boxes.to(kind)[..., [1, 1, 3, 3]]",
        "[0, 2]], boxes.to(kind)[..., [1, 3]]", "two corners of four"),
    Bug("torch/augmentation/warp", "boxes[..., 2:] >= boxes[..., :2]",
        "boxes[..., 2:] >= boxes[..., 2:]", "width and height for right and bottom"),
    Bug("torch/augmentation/warp", "seen >= min_visible * whole",
        "seen >= 0 * whole", "boxes never vanish"),
    Bug("torch/augmentation/warp", "torch.tensor([width, height] * 2)",
        "torch.tensor([height, width] * 2)", "clipped at the wrong sides"),
    Bug("torch/augmentation/random_affine", "(turn.cos() * slant + turn.sin()) * fy",
        "(turn.cos() * slant - turn.sin()) * fy", "sign of the angle"),
    Bug("torch/augmentation/random_affine", "(draws[3] < flips[0])",
        "(draws[3] > flips[0])", "chance turned round"),
    Bug("torch/augmentation/random_affine", "- c * width / 2", "- c * height / 2",
        "turned about another place"),
    Bug("torch/augmentation/random_resized_crop", "(width - w)", "width",
        "sticks out"),
    Bug("torch/augmentation/random_resized_crop", "(share / sides", "(share * sides",
        "ratio used twice"),
    Bug("torch/augmentation/color_jitter", "(clash * x + (1 - clash) * grey)",
        "(clash * (x - grey))", "contrast about black"),
    Bug("torch/augmentation/color_jitter", ".mean(dim=(-2, -1), keepdim=True)",
        ".mean(keepdim=True)", "mean of the whole batch"),
    Bug("torch/augmentation/color_jitter", "6 * turn", "turn", "hue in sixths"),
    Bug("torch/augmentation/random_erasing", "(side - long + 1)", "side",
        "sticks out, the area is wrong"),
    Bug("torch/augmentation/random_erasing", "draws[4] < chance", "draws[0] < chance",
        "only the small ones"),
    Bug("torch/augmentation/randaugment", "b * height / width", "b",
        "a shear and an angle that depend on the shape"),
    Bug("torch/augmentation/randaugment", "x > 1 - m.abs()", "x > m.abs()",
        "the weakest solarizes most"),
    Bug("torch/augmentation/randaugment", "new[at] = _applied(name, new[at]",
        "new[at] = _applied(name, images.to(new)[at]",
        "the last operation alone"),
    Bug("torch/augmentation/time_series", "first = time.floor()", "first = time.ceil()",
        "the next value"),
    Bug("torch/augmentation/time_series", "len(series), 1, knots,",
        "len(series), series.shape[1], knots,", "channels drift apart"),
    Bug("torch/augmentation/time_series", "(steps - length + 1)", "(steps - length)",
        "the last window is never taken"),
    Bug("keras/augmentation/mixup", "mixed = images + shaped * (",
        "mixed = images + (1 - shaped) * (", "pixels and label swapped"),
    Bug("keras/augmentation/mixup", "_beta_weights(count if per_sample else 1",
        "_beta_weights(count if not per_sample else 1", "option turned round"),
    Bug("keras/augmentation/cutmix", "ops.prod(last - first, axis=0)",
        "ops.cast((2 * half) ** 2 * ops.prod(size) * ops.ones(count), 'int32')",
        "the area that was drawn, not what was cut off"),
    Bug("keras/augmentation/cutmix", "at < last[i]", "at <= last[i]",
        "a row and a column more than the label says"),
    Bug("keras/augmentation/warp", "ops.clip(y - 0.5,", "ops.clip(y,",
        "half a pixel off"),
    Bug("keras/augmentation/warp", "2 * side - 1 - at", "2 * side - 2 - at",
        "another mirror"),
    Bug("keras/augmentation/warp", "first + i * width + j, axis=0)\n    return",
        "i * width + j, axis=0)\n    return", "every mask is the first one"),
    Bug("keras/augmentation/warp", "(width, height)[i % 2]", "(height, width)[i % 2]",
        "clipped at the wrong sides"),
    Bug("keras/augmentation/random_affine", "(scale[1] / scale[0]) ** draws[1]",
        "(1 + (scale[1] / scale[0] - 1) * draws[1])", "not even in the logarithm"),
    Bug("keras/augmentation/random_resized_crop", "-sy * top", "-top",
        "shift in old pixels"),
    Bug("keras/augmentation/time_series", "ops.exp(speed - ops.max(speed,",
        "(1 + speed - 0 * ops.max(speed,", "time may run backwards"),
    Bug("keras/augmentation/time_series", "* steps\n    windows",
        "* length\n    windows", "windows of other series"),
]  # fmt: skip


def contract(file: str, wing: str):
    """Yield every check that the contract makes of one recipe in one wing."""
    if file in ("mixup", "cutmix"):
        check = getattr(told, f"check_{file}")
        yield lambda: check(wing)
        yield lambda: check(wing, per_sample=False)
        yield lambda: told.test_the_weights_have_the_distribution_they_should(
            wing, file, 0.1
        )
        if wing == "torch":
            yield lambda: told.check_memory(file)
    elif file == "warp":
        yield lambda: told.check_warp(wing)
        yield lambda: told.check_warp(wing, "reflect", (5, 12))
        yield lambda: told.check_no_boxes(wing)
    elif file == "random_affine":
        yield lambda: told.check_affine(wing)
    elif file == "random_resized_crop":
        yield lambda: told.check_crop(wing)
    elif file == "time_series":
        yield lambda: told.check_series(wing)
    else:
        yield {
            "color_jitter": told.check_colour,
            "random_erasing": told.check_erasing,
            "randaugment": told.check_randaugment,
        }[file]


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: f"{b.path}: {b.why}")
def test_planted_bug_is_killed(bug, monkeypatch):
    wing, _, file = bug.path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    assert not stand_in(bug.path, broken(bug), contract(file, wing), monkeypatch)


@pytest.mark.parametrize("path", sorted({b.path for b in BUGS}))
def test_without_a_bug_the_contract_is_silent(path, monkeypatch):
    wing, _, file = path.split("/")
    if wing not in wings.WINGS:
        pytest.skip(f"{wing} is not installed")
    code = (wings.PACKAGE / f"{path}.py").read_text()
    assert stand_in(path, code, contract(file, wing), monkeypatch)
