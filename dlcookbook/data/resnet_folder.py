"""Checkpoint folders of ResNet: read and written without a framework."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

__all__ = [
    "Preprocessing",
    "enlarge_images",
    "prepare_images",
    "read_preprocessing",
    "read_resnet",
    "write_preprocessing",
    "write_resnet",
]

# What `ResNetConfig` takes where a file says nothing.
_USUAL: dict[str, Any] = {
    "num_channels": 3,
    "embedding_size": 64,
    "hidden_sizes": [256, 512, 1024, 2048],
    "depths": [3, 4, 6, 3],
    "layer_type": "bottleneck",
    "hidden_act": "relu",
    "downsample_in_first_stage": False,
    "downsample_in_bottleneck": False,
}
_HEAD = ("classifier.1.weight", "classifier.1.bias")


class Preprocessing(NamedTuple):
    """What is done with a picture, 0 to 1, before the network sees it.

    Attributes
    ----------
    size : int
        Height and width of what the network sees.
    read : int
        Height and width to which a picture is scaled before the middle is cut out.
    mean, std : tuple of float, one for each channel
        `(picture - mean) / std`.

    Examples
    --------
    >>> Preprocessing(224, 256).size
    224

    References
    ----------
    <https://huggingface.co/docs/transformers/main_classes/image_processor>
    """

    size: int = 32
    read: int = 32
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)


def read_resnet(
    folder: str | os.PathLike,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read the configuration and the weights of a ResNet, without its head.

    Needs the package `safetensors`.

    Parameters
    ----------
    folder : path
        With `config.json` and `model.safetensors`.

    Returns
    -------
    tuple of dict and dict of str to ndarray
        What `config.json` says, and the usual values of what it leaves out. The weights
        by their names in the file, less the prefix `resnet.`, in the order of
        computing; float32, kernels of shape (height, width, inputs, outputs).

    Raises
    ------
    FileNotFoundError
        If one of the two files is missing: how to fetch them.
    ValueError
        If this is no ResNet, it computes what `fine_tune_resnet` does not, a weight is
        missing or of another shape than the configuration says, or a file cannot be
        read: the pointer of Git LFS in its place, or weights in bfloat16.

    Examples
    --------
    >>> read_resnet("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: config.json is not in nowhere...

    References
    ----------
    <https://huggingface.co/docs/safetensors>
    """
    folder = Path(folder)
    for name in ("config.json", "model.safetensors"):
        _there(folder, name)
    given = _read_json(folder / "config.json")
    _check(given, folder / "config.json")
    config = _USUAL | given
    path = folder / "model.safetensors"
    try:
        tensors = load_file(path)
    except (SafetensorError, TypeError) as error:  # the second for bfloat16
        raise ValueError(
            f"{path} must be safetensors, in a type of NumPy. Received: {error}"
        ) from None
    found = {name.removeprefix("resnet."): weight for name, weight in tensors.items()}
    weights = {}
    for name, shape in _shapes(config).items():
        got = found[name].shape if name in found else "none"
        if got != shape:
            raise ValueError(
                f"{path} must have all weights of the ResNet in config.json. "
                f"Received: {got} for {name} of shape {shape}"
            )
        weights[name] = _turned(found[name], (2, 3, 1, 0)).astype("float32")
    return config, weights


def write_resnet(
    folder: str | os.PathLike,
    config: Mapping[str, Any],
    weights: Mapping[str, np.ndarray],
    head: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write a folder that `ResNetForImageClassification.from_pretrained` reads.

    Needs the package `safetensors`.

    Parameters
    ----------
    folder : path
        Is made.
    config : mapping
        At least what is not as in ResNet-50.
    weights : mapping of str to ndarray, kernels of shape (height, width, ins, outs)
        As `read_resnet` returns them.
    head : (ndarray, ndarray), shapes (features, num_classes) and (num_classes,)
        Kernel and bias of the classifier.

    Raises
    ------
    ValueError
        If a weight is missing or of another shape than the configuration says.

    Examples
    --------
    >>> head = np.zeros((8, 2)), np.zeros(2)
    >>> write_resnet("nowhere", {"hidden_sizes": [8], "depths": [1]}, {}, head)
    Traceback (most recent call last):
    ValueError: weights must have embedder.embedder.convolution.weight... Received: none

    References
    ----------
    <https://huggingface.co/docs/transformers/model_doc/resnet>
    """
    folder = Path(folder)
    _check(config, folder / "config.json")
    tensors = {}
    for name, shape in _shapes(_USUAL | dict(config)).items():
        value = _turned(weights[name], (3, 2, 0, 1)) if name in weights else None
        if value is None or value.shape != shape:
            got = "none" if value is None else f"{value.shape}"
            raise ValueError(
                f"weights must have {name}, turned to shape {shape}. Received: {got}"
            )
        tensors[f"resnet.{name}"] = np.ascontiguousarray(value, "float32")
        if name.endswith("running_var"):
            # transformers counts batches, and calls a file without the count incomplete
            count = f"resnet.{name.removesuffix('running_var')}num_batches_tracked"
            tensors[count] = np.array(0, "int64")
    tensors[_HEAD[0]] = np.ascontiguousarray(head[0].T, "float32")
    tensors[_HEAD[1]] = np.ascontiguousarray(head[1], "float32")
    folder.mkdir(parents=True, exist_ok=True)
    names = {str(label): f"LABEL_{label}" for label in range(len(head[1]))}
    full: dict[str, Any] = {"architectures": ["ResNetForImageClassification"]}
    full |= {"model_type": "resnet"} | _USUAL | dict(config) | {"id2label": names}
    full["label2id"] = {name: int(label) for label, name in names.items()}
    (folder / "config.json").write_text(json.dumps(full, indent=2) + "\n", "utf-8")
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def read_preprocessing(folder: str | os.PathLike) -> Preprocessing:
    """Read what a checkpoint's pictures went through.

    Parameters
    ----------
    folder : path
        With `preprocessor_config.json`.

    Returns
    -------
    Preprocessing
        For `prepare_images`. Of the filter for scaling nothing is taken over.

    Raises
    ------
    FileNotFoundError
        If the file is missing: how to fetch it.
    ValueError
        If the size is that of no square, pictures are not to be divided by 255, or
        there are not three means and deviations.

    Examples
    --------
    >>> read_preprocessing("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: preprocessor_config.json is not in nowhere...

    References
    ----------
    <https://huggingface.co/docs/transformers/main_classes/image_processor>
    """
    path = _there(Path(folder), "preprocessor_config.json")
    given = _read_json(path)
    edge = given.get("crop_size") if given.get("do_center_crop") else None
    read, size = (
        _square(path, given.get("size")),
        _square(path, edge or given["size"]),
    )
    if "ConvNext" in (
        given.get("image_processor_type") or given.get("feature_extractor_type") or ""
    ):
        # this one has no crop_size: from 384 on it takes the whole picture
        read = int(size / (given.get("crop_pct") or 224 / 256)) if size < 384 else size
    if not 0 < size <= read:
        raise ValueError(
            f"{path} must cut out what is there. Received: {size} of {read} pixels"
        )
    factor = given.get("rescale_factor", 1 / 255)
    if not given.get("do_rescale", True) or abs(255 * factor - 1) > 1e-3:
        raise ValueError(
            f"rescale_factor in {path} must be 1/255. Received: {factor} with "
            f"do_rescale {given.get('do_rescale', True)}"
        )
    mean: Any = (0.0, 0.0, 0.0)
    std: Any = (1.0, 1.0, 1.0)
    if given.get("do_normalize", True):
        mean, std = (given.get(f"image_{name}") for name in ("mean", "std"))
    for name, three in {"image_mean": mean, "image_std": std}.items():
        if not (
            isinstance(three, list | tuple)
            and len(three) == 3
            and all(isinstance(number, int | float) for number in three)
            and all(0 <= number < np.inf for number in three)
        ):
            raise ValueError(
                f"{name} in {path} must be three numbers. Received: {three}"
            )
    if not all(std):
        raise ValueError(f"image_std in {path} must be above 0. Received: {std}")
    return Preprocessing(size, read, tuple(mean), tuple(std))


def write_preprocessing(
    folder: str | os.PathLike, preprocessing: Preprocessing
) -> None:
    """Write the `preprocessor_config.json` that `AutoImageProcessor` reads.

    Parameters
    ----------
    folder : path
        Is made.
    preprocessing : Preprocessing
        As `read_preprocessing` returns it.

    Raises
    ------
    ValueError
        If a middle of 384 pixels or more is to be cut out: such a file cannot say so.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_preprocessing(folder, Preprocessing(24, 32))
    ...     read_preprocessing(folder)[:2]
    (24, 32)

    References
    ----------
    <https://huggingface.co/docs/transformers/model_doc/convnext>
    """
    size, read, folder = preprocessing.size, preprocessing.read, Path(folder)
    if size >= 384 and read != size:
        raise ValueError(
            "preprocessing must cut out less than 384 pixels, or nothing. "
            f"Received: {size} of {read}"
        )
    share = size / read
    if int(size / share) < read:  # it is divided and cut off where it is read
        share = math.nextafter(share, 0)
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "image_processor_type": "ConvNextImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": size},
        "crop_pct": share,
        "resample": 2,  # bilinear, as `read_image` scales
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(preprocessing.mean),
        "image_std": list(preprocessing.std),
    }
    path = folder / "preprocessor_config.json"
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def prepare_images(images: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """Cut out the middle, and shift and scale the channels.

    Parameters
    ----------
    images : ndarray, shape (N, H, W, 3), float32
        0 (black) to 1 (white), of height and width `preprocessing.read`.
    preprocessing : Preprocessing
        As `read_preprocessing` returns it.

    Returns
    -------
    ndarray, shape (N, size, size, 3), float32
        What the network takes, channels last.

    Raises
    ------
    ValueError
        If the pictures are of another size.

    Examples
    --------
    >>> x = prepare_images(np.ones((1, 32, 32, 3)), Preprocessing(24, 32))
    >>> x.shape, x.max()
    ((1, 24, 24, 3), np.float32(1.0))

    References
    ----------
    <https://huggingface.co/docs/transformers/main_classes/image_processor>
    """
    size, read, mean, std = preprocessing
    wanted = (read, read, len(mean))
    if images.shape[1:] != wanted:
        raise ValueError(
            f"images must be of shape (N, {', '.join(map(str, wanted))}). "
            f"Received: {images.shape}"
        )
    start = (read - size) // 2
    cut = images[:, start : start + size, start : start + size]
    return ((cut - np.array(mean)) / np.array(std)).astype("float32")


def enlarge_images(images: np.ndarray, size: int) -> np.ndarray:
    """Make pictures of a checkpoint's size out of small grey ones, by straight lines.

    Parameters
    ----------
    images : ndarray, shape (N, H, H)
        Squares.
    size : int >= 1
        Height and width wanted.

    Returns
    -------
    ndarray, shape (N, size, size, 3), float32
        Three channels that are alike.

    Raises
    ------
    ValueError
        If the pictures are no squares.

    Examples
    --------
    >>> enlarge_images(np.array([[[0, 1], [0, 1]]]), 4)[0, 0, :, 0].tolist()
    [0.0, 0.25, 0.75, 1.0]

    References
    ----------
    <https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters>
    """
    if images.ndim != 3 or images.shape[1] != images.shape[2]:
        raise ValueError(f"images must be of shape (N, H, H). Received: {images.shape}")
    edge = images.shape[1]
    # middles of the new pixels, counted in old ones
    at = np.clip((np.arange(size) + 0.5) * edge / size - 0.5, 0, edge - 1)
    shares = np.stack([np.interp(at, np.arange(edge), row) for row in np.eye(edge)])
    large = shares.T @ images @ shares
    return np.repeat(large[..., None], 3, axis=3).astype("float32")


def _there(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise FileNotFoundError(
            f"{name} is not in {folder}. Fetch a folder with: "
            "hf download microsoft/resnet-18 --local-dir resnet"
        )
    return folder / name


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} must be JSON. Received: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path} must hold a JSON object. Received: {found!r:.40}")
    return found


def _check(config: Mapping[str, Any], path: Path) -> None:
    """Refuse what the Keras project does not compute; PyTorch follows it."""
    rules: dict[str, tuple] = {
        "model_type": ("resnet",),
        "layer_type": ("basic", "bottleneck"),
        "hidden_act": ("relu",),
        "num_channels": (3,),
    }
    # one of another kind may have none of these keys, and looks like a ResNet-50 then
    kind = "resnet" if "depths" in config else None
    full: dict[str, Any] = {"model_type": kind} | _USUAL | dict(config)
    for key, wanted in rules.items():
        if full[key] not in wanted:
            raise ValueError(
                f"{key} in {path} must be {' or '.join(map(str, wanted))}. "
                f"Received: {full[key]}"
            )
    sizes, depths = full["hidden_sizes"], full["depths"]
    if not (
        isinstance(sizes, list | tuple)
        and isinstance(depths, list | tuple)
        and len(sizes) == len(depths) > 0
        and all(isinstance(number, int) and number > 0 for number in [*sizes, *depths])
    ):
        raise ValueError(
            f"depths in {path} must be a number for each of hidden_sizes. "
            f"Received: {full['depths']} for {full['hidden_sizes']}"
        )


def _square(path: Path, size: Any) -> int:
    """Return the edge of a square, however the file says it."""
    if isinstance(size, dict):
        edges = {
            size[key] for key in ("shortest_edge", "height", "width") if key in size
        }
        size = edges.pop() if len(edges) == 1 else size
    if not isinstance(size, int):
        raise ValueError(f"size in {path} must be of a square. Received: {size}")
    return size


def _shapes(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of all weights but the head's, as in the file."""
    found: dict[str, tuple[int, ...]] = {}

    def conv(name: str, inputs: int, outputs: int, width: int) -> None:
        found[f"{name}.convolution.weight"] = (outputs, inputs, width, width)
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{name}.normalization.{part}"] = (outputs,)

    last = config["embedding_size"]
    conv("embedder.embedder", config["num_channels"], last, 7)
    sizes = zip(config["hidden_sizes"], config["depths"], strict=True)
    for stage, (size, depth) in enumerate(sizes):
        for layer in range(depth):
            path = f"encoder.stages.{stage}.layers.{layer}"
            halves = not layer and (stage > 0 or config["downsample_in_first_stage"])
            if last != size or halves:
                conv(f"{path}.shortcut", last, size, 1)
            if config["layer_type"] == "basic":
                conv(f"{path}.layer.0", last, size, 3)
                conv(f"{path}.layer.1", size, size, 3)
            else:
                conv(f"{path}.layer.0", last, size // 4, 1)
                conv(f"{path}.layer.1", size // 4, size // 4, 3)
                conv(f"{path}.layer.2", size // 4, size, 1)
            last = size
    return found


def _turned(weight: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Return a kernel with its axes in another order, and all else as it is."""
    return weight.transpose(axes) if weight.ndim == 4 else weight
