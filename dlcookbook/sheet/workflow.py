"""From data to deployment: the steps of a project and the check that ends each."""

from dataclasses import dataclass

__all__ = ["ROWS", "Step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a project.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for.
    solving : str
        What has to be known before it ends, as a question.
    doing : str
        What is done.
    ends : str
        The check that ends it.
    pages : str
        Pages or sections that have the lines for it, with commas between.
    when, when_not : str
        What speaks for going on, and for going back.
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
    doing: str
    ends: str
    pages: str
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


RULES = "Zinkevich, Rules of ML https://developers.google.com/machine-learning/guides/rules-of-ml"
RECIPE = "Karpathy 2019 https://karpathy.github.io/2019/04/25/recipe/"
PLAYBOOK = "Godbole et al. 2023 https://github.com/google-research/tuning_playbook"

ROWS: tuple[Step, ...] = (
    Step(
        name="Ask",
        slug="ask",
        section="steps",
        tasks=("ask",),
        solving="What is decided with the answer, and what do mistakes cost?",
        doing="choose the output, the loss and one number that says what is better",
        ends="a constant answer and a rule by hand have a score",
        pages="fields.md, losses.md, metrics.md",
        when="Somebody has said which score would be of use.",
        when_not="Two metrics are wanted, and nobody says which decides.",
        source=RULES,
    ),
    Step(
        name="Collect",
        slug="collect",
        section="steps",
        tasks=("collect",),
        solving="Are the data like those that will come?",
        doing="gather examples with labels, and write down where they come from",
        ends="fifty drawn at random were looked at; two people agree on their labels",
        pages="metrics.md",
        when="A person can solve it from what the model gets to see.",
        when_not="The answer stands in the data: a file name, a stamp, a later field.",
        source=RECIPE,
    ),
    Step(
        name="Split",
        slug="split",
        tasks=("split",),
        solving="What must not be on both sides?",
        doing="keep test data apart, by person, place or time; then never look at them",
        ends="no example, no person and no later time is on both sides",
        pages="workflow.md#split, repeating.md#split, forecasting.md#leakage",
        when="The test is as far from the training as the use will be.",
        when_not="Rows were shuffled that belong together.",
        trap=("the_same_person_on_both_sides",),
        source="Kaufman et al. 2012 https://doi.org/10.1145/2382577.2382579",
    ),
    Step(
        name="Preprocess",
        slug="preprocess",
        section="steps",
        tasks=("preprocess",),
        solving="Does the model get what was meant?",
        doing="clean, fill gaps, scale with the training part; augment it alone",
        ends="one batch, as the model gets it, was looked at with its labels",
        pages="tabular.md#missing, tabular.md#scaling, augmentation.md",
        when="The same lines will run in use.",
        when_not="A number of the whole set went into the training part.",
        source=RECIPE,
    ),
    Step(
        name="Design",
        slug="design",
        section="steps",
        tasks=("design",),
        solving="Which model is the smallest that could do it?",
        doing="take a model that others have used for it, pre-trained if there is one",
        ends="shapes fit, and a tiny batch is learned by heart to a loss near 0",
        pages="models.md, training.md#preflight",
        when="It beats the constant and the rule on the tiny batch.",
        when_not="It does not learn twenty examples by heart: there is a mistake.",
        source=RECIPE,
    ),
    Step(
        name="Compile",
        slug="compile",
        section="steps",
        tasks=("compile",),
        solving="What is minimised, and with what?",
        doing="loss, optimizer, schedule and metrics",
        ends="the first loss is that of a guess: the log of the number of classes",
        pages="training.md#compile, losses.md, optimizers.md, schedules.md",
        when="Loss and output fit: logits or probabilities.",
        when_not="The first loss is another: the debugging page.",
        source=RECIPE,
    ),
    Step(
        name="Train",
        slug="train",
        section="arithmetic",
        tasks=("train",),
        solving="Does it learn, and does it stop in time?",
        doing="train with validation, early stopping and checkpoints",
        ends="the training loss falls, and validation has passed its best",
        pages="training.md#loop, training.md#early-stopping, debugging.md",
        when="The best weights are kept, and the run can be repeated.",
        when_not="Validation still gets better: go on.",
        trap=("steps_rounded_down",),
        source=PLAYBOOK,
    ),
    Step(
        name="Evaluate",
        slug="evaluate",
        section="hyperparameters",
        tasks=("evaluate",),
        solving="Is it better than the rule, and by more than chance?",
        doing="score, confusion, the worst mistakes, groups; several seeds",
        ends="an interval of the score over seeds or examples is above the rule's",
        pages="metrics.md, repeating.md",
        when="It is better where it matters.",
        when_not="One group is much worse than the mean: more data of it.",
        trap=("the_best_of_many_on_the_test",),
        source="Bouthillier et al. 2021 https://arxiv.org/abs/2103.03098",
    ),
    Step(
        name="Tune",
        slug="tune",
        section="hyperparameters",
        tasks=("tune",),
        solving="What is the next thing that can make it better?",
        doing="more and cleaner data, then rate, then size and regularization",
        ends="the last ten trials have not moved the best by more than the seeds do",
        pages="schedules.md#range-test, regularization.md, optimizers.md",
        when="Training is good, and validation is not: regularize. Both bad: larger.",
        when_not="The test was used to choose: a new test is needed.",
        trap=("rates_on_a_straight_scale",),
        source="Bergstra, Bengio 2012 https://jmlr.org/papers/v13/bergstra12a.html",
    ),
    Step(
        name="Deploy",
        slug="deploy",
        section="steps",
        tasks=("deploy",),
        solving="Does it answer in use what it answered here?",
        doing="export, serve, watch inputs and answers, keep the way back",
        ends="ten saved inputs give the same outputs there as here",
        pages="deployment.md, saving.md",
        when="Inputs are logged, and somebody is told when they change.",
        when_not="Nobody knows which version answers.",
        source=RULES,
    ),
)
