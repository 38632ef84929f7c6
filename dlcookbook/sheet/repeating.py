"""Repeating a run: what is drawn where, the line that fixes it, what no line fixes."""

from dataclasses import dataclass

__all__ = ["ROWS", "Repeating"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeating:
    """One source of chance, and what takes it away.

    Attributes
    ----------
    name : str
        What it is.
    slug : str
        Its address on the page, its name for `dlcookbook choose`.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    repeating : str
        What must be the same, in plain words.
    torch, keras : str
        The line, as code. There are arrays `x` and `y`, a `data` set, a `model`.
    when, when_not : str
        What it fixes, and what it does not.
    trap : tuple of str
        Demonstrations in the tests of what goes wrong.
    source : str
        Title and address.
    """

    name: str
    slug: str
    tasks: tuple[str, ...]
    repeating: str
    torch: str
    keras: str
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS: tuple[Repeating, ...] = (
    Repeating(
        name="Seeds",
        slug="seeds",
        tasks=("start",),
        repeating="the weights at the start, dropout, all that is drawn",
        torch="torch.manual_seed(0)",
        keras="keras.utils.set_random_seed(0)",
        when="First line of every run, before the model is built. Keras' line seeds "
        "Python, NumPy and the backend; PyTorch's seeds PyTorch alone.",
        when_not="One draw more, anywhere, and all later draws are others.",
        trap=("a_seed_after_the_model", "two_layers_with_one_seed"),
        source="PyTorch, reproducibility "
        "https://docs.pytorch.org/docs/stable/notes/randomness.html",
    ),
    Repeating(
        name="Order of the examples",
        slug="order",
        tasks=("order",),
        repeating="the order in which the examples come",
        torch="torch.utils.data.DataLoader(data, batch_size=8, shuffle=True, "
        "generator=torch.Generator().manual_seed(0))",
        keras="tf.data.Dataset.from_tensor_slices((x, y)).shuffle("
        "len(x), seed=0, reshuffle_each_iteration=True).batch(8)",
        when="A generator of its own: nothing else that draws can move the order.",
        when_not="Keep its state too where a run may stop and go on.",
        trap=("a_draw_more_moves_the_order",),
        source="PyTorch, torch.utils.data "
        "https://docs.pytorch.org/docs/stable/data.html",
    ),
    Repeating(
        name="Split",
        slug="split",
        tasks=("split",),
        repeating="which examples are held out",
        torch="torch.utils.data.random_split("
        "data, [0.8, 0.2], torch.Generator().manual_seed(0))",
        keras="keras.utils.split_dataset((x, y), left_size=0.8, shuffle=True, seed=0)",
        when="Fix it once, whatever else the seeds of the runs are.",
        when_not="Data are added later: split by a hash of each example's name then.",
        trap=("classes_from_a_set",),
        source="Keras, utils https://keras.io/api/utils/python_utils/",
    ),
    Repeating(
        name="Workers",
        slug="workers",
        tasks=("workers",),
        repeating="augmentation that runs in worker processes",
        torch="torch.utils.data.DataLoader(data, num_workers=2, "
        "generator=torch.Generator().manual_seed(0))",
        keras="keras.utils.set_random_seed(0)",
        when="PyTorch derives the seed of each worker, NumPy's global one with it, "
        "from the loader's generator. Draw within `__getitem__`.",
        when_not="Another number of workers is another run. Keras' workers are threads "
        "that share one state: seed by the index of the batch instead.",
        trap=("a_generator_copied_to_every_worker",),
        source="PyTorch, randomness in multi-process data loading "
        "https://docs.pytorch.org/docs/stable/data.html",
    ),
    Repeating(
        name="Deterministic operations",
        slug="operations",
        tasks=("gpu",),
        repeating="sums that a GPU takes in any order",
        torch="torch.use_deterministic_algorithms(True)",
        keras="tf.config.experimental.enable_op_determinism()",
        when="On a GPU. What has no repeatable form raises an error that names it; "
        "`CUBLAS_WORKSPACE_CONFIG=:4096:8` must be set before.",
        when_not="It costs speed; and the sums are the same on the same machine alone. "
        "Not measured here, where there is no GPU.",
        source="TensorFlow, enable_op_determinism https://www.tensorflow.org/"
        "api_docs/python/tf/config/experimental/enable_op_determinism",
    ),
    Repeating(
        name="Threads",
        slug="threads",
        tasks=("threads",),
        repeating="the last bits on a CPU",
        torch="torch.set_num_threads(1)",
        keras="tf.config.threading.set_intra_op_parallelism_threads(1)",
        when="Each number of threads cuts the sums elsewhere, and rounds otherwise.",
        when_not="Slower; and another CPU, library or batch size rounds otherwise too.",
        source="PyTorch, CPU threading "
        "https://docs.pytorch.org/docs/stable/notes/cpu_threading_torchscript_inference.html",
    ),
)
