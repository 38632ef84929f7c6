"""Fields: what is to be solved, and the page that starts it."""

from dataclasses import dataclass

__all__ = ["ROWS", "Field", "Setup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A task of a field and what to start it with.

    Attributes
    ----------
    name : str
        What people call the task.
    slug : str
        Its address on the page of its field, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    solving : str
        What goes in and what is wanted, in plain words.
    features : str
        What the head is given: dtype and shape, in torch's layout; Keras puts the
        channels of images last.
    torch, keras : str
        The head, as code; a recipe is imported from its own wing.
    recipe : str
        The file of dlcookbook that the head needs, or nothing.
    loss, metric : tuple of str
        What to minimise, added up, and what to report: slugs of the two sheets, or
        the file of a recipe.
    optimizer : str
        What to begin with: a slug of the sheet.
    augmentation : tuple of str
        What keeps the labels right: slugs of the sheet.
    start : str
        Hyperparameters to start from, in words.
    when, when_not : str
        What speaks for it and against it.
    trap : tuple of str
        Demonstrations in the tests of what goes wrong.
    source : str
        Title and address.
    """

    name: str
    slug: str
    section: str = ""
    tasks: tuple[str, ...]
    solving: str
    features: str
    torch: str
    keras: str
    recipe: str = ""
    loss: tuple[str, ...]
    metric: tuple[str, ...]
    optimizer: str
    augmentation: tuple[str, ...] = ()
    start: str
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field and its page.

    Attributes
    ----------
    name : str
        What it is called.
    slug : str
        Its page, its sheet and its name for `dlcookbook choose`.
    tasks : tuple of str
        What it can be chosen for.
    solving : str
        What goes in and what is wanted, in plain words.
    when, when_not : str
        What speaks for it and against it.
    """

    name: str
    slug: str
    tasks: tuple[str, ...]
    solving: str
    when: str
    when_not: str


ROWS = (
    Field(
        name="Images to classes",
        slug="images",
        tasks=("images",),
        solving="one picture, one class or several labels",
        when="The answer is about the whole picture.",
        when_not="The place matters: detection or segmentation.",
    ),
    Field(
        name="Object detection",
        slug="detection",
        tasks=("detection",),
        solving="one picture, a box and a class for every object",
        when="Objects are counted, found or cut out.",
        when_not="The outline matters: segmentation.",
    ),
    Field(
        name="Segmentation",
        slug="segmentation",
        tasks=("segmentation",),
        solving="one picture, a class for every pixel",
        when="The outline or the area is what counts.",
        when_not="A box is enough: it is cheaper to label.",
    ),
    Field(
        name="Text",
        slug="text",
        tasks=("text",),
        solving="a text, a label, a tag for every word or a text",
        when="Order and context of words decide.",
        when_not="Few texts and clear words: count words, and a linear model.",
    ),
    Field(
        name="Recurrent nets",
        slug="recurrent",
        tasks=("recurrent",),
        solving="a sequence that is read step by step",
        when="Long streams, small memory, one step at a time.",
        when_not="The whole sequence is there and fits: a transformer or convolutions.",
    ),
    Field(
        name="Attention and transformers",
        slug="transformers",
        tasks=("transformers",),
        solving="a sequence in which everything may matter to everything",
        when="Much data, or a pre-trained model.",
        when_not="Little data and no pre-trained model.",
    ),
    Field(
        name="Time series",
        slug="forecasting",
        tasks=("forecasting",),
        solving="the past of a series, its future",
        when="There is more than the last season to learn from.",
        when_not="Repeating the last season is as good: measure it first.",
    ),
    Field(
        name="Tables",
        slug="tabular",
        tasks=("tabular",),
        solving="a row of a table, a class or a number",
        when="Many rows, categories of many values, several kinds of input.",
        when_not="A few hundred rows: a line; some thousand: boosted trees first.",
    ),
    Field(
        name="Transfer learning",
        slug="transfer",
        tasks=("transfer",),
        solving="few examples, and a model that has seen many others",
        when="Nearly always, where there is a model for the kind of data.",
        when_not="The data are of a kind that no model has seen.",
    ),
    Field(
        name="Imbalance",
        slug="imbalance",
        tasks=("imbalance",),
        solving="a class that is rare, or that costs more",
        when="The rare class is the reason for the model.",
        when_not="Classes differ two or three times: nothing needs to be done.",
    ),
    Field(
        name="Generative models",
        slug="generative",
        tasks=("generative",),
        solving="examples, and more like them",
        when="Samples, restored pictures or densities are wanted.",
        when_not="A number or a class is wanted.",
    ),
    Field(
        name="Contrastive and self-supervised",
        slug="embeddings",
        tasks=("embeddings",),
        solving="examples without labels, vectors that tell them apart",
        when="Labels are few and examples many; search by likeness.",
        when_not="There are labels for all: train on them.",
    ),
    Field(
        name="Deployment",
        slug="deployment",
        tasks=("deployment",),
        solving="a trained model, answers in use",
        when="The model leaves the notebook.",
        when_not="It is trained still: see saving.",
    ),
    Field(
        name="From data to deployment",
        slug="workflow",
        tasks=("workflow",),
        solving="a question and data, a model in use",
        when="A project begins.",
        when_not="It runs, and one thing is wrong: see debugging.",
    ),
)
