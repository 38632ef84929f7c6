"""Activations: which one, where it stands, how it is called, what goes wrong."""

from dataclasses import dataclass

__all__ = [
    "DIFFERENCES",
    "INITIALISERS",
    "PLACES",
    "ROWS",
    "Activation",
    "Difference",
    "Initialiser",
    "Place",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """One function that stands between two layers or behind the last.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the activations page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    formula, slope : str
        The function and its derivative, as code of `x`; of the halves `a` and `b`, with
        both derivatives, where one half gates the other.
    init : str
        Name of the initialiser of the layer before it, where it has one.
    torch, keras : str
        The call, as code; recipes are imported from their own wing.
    defaults : tuple of (str, str)
        A call and the arguments that it has when none are given.
    reference : str
        The definition.
    arguments : str
        What the definition is given besides `x`, as code.
    recipe : str
        The file of dlcookbook that a wing needs, or nothing.
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
    formula: str
    slope: str
    init: str = ""
    torch: str
    keras: str
    defaults: tuple[tuple[str, str], ...] = ()
    reference: str
    arguments: str = ""
    recipe: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialiser:
    """Where the weights of a layer start.

    Attributes
    ----------
    name : str
        What people call it.
    torch : str
        Code that fills `weight` in PyTorch.
    keras : str
        What a Keras layer is given as `kernel_initializer`, as code.
    std : str
        Standard deviation of a weight, as code of `fan_in` and `fan_out`.
    """

    name: str
    torch: str
    keras: str
    std: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a model and the activation to start with there.

    Attributes
    ----------
    place : str
        Where, in plain words.
    task : str
        Its name for `dlcookbook choose`.
    activation : str
        Slug of the row.
    init : str
        Name of the initialiser of the layer before it.
    note : str
        Why, and what is used instead.
    """

    place: str
    task: str
    activation: str
    init: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A point where the two frameworks give different numbers by default.

    Attributes
    ----------
    convention : str
        What they disagree about.
    torch, keras : str
        What each gives, as code.
    same : str
        Code that gives the other framework's number.
    note : str
        The difference in words.
    """

    convention: str
    torch: str
    keras: str
    same: str
    note: str


INITIALISERS: tuple[Initialiser, ...] = (
    Initialiser(
        name="He",
        torch="nn.init.kaiming_normal_(weight, nonlinearity='relu')",
        keras="'he_normal'",
        std="sqrt(2 / fan_in)",
    ),
    Initialiser(
        name="Glorot",
        torch="nn.init.xavier_uniform_(weight)",
        keras="'glorot_uniform'",
        std="sqrt(2 / (fan_in + fan_out))",
    ),
    Initialiser(
        name="LeCun",
        torch="nn.init.kaiming_normal_(weight, nonlinearity='linear')",
        keras="'lecun_normal'",
        std="sqrt(1 / fan_in)",
    ),
    Initialiser(
        name="Normal 0.02",
        torch="nn.init.normal_(weight, std=0.02)",
        keras="keras.initializers.RandomNormal(stddev=0.02)",
        std="0.02",
    ),
)

PLACES: tuple[Place, ...] = (
    Place(
        place="hidden layer: MLP, tabular data",
        task="tabular",
        activation="relu",
        init="He",
        note="The start for everything. Units die at large steps: leaky ReLU.",
    ),
    Place(
        place="hidden layer: CNN",
        task="cnn",
        activation="relu",
        init="He",
        note="After the normalisation. EfficientNet and newer ones: SiLU or GELU.",
    ),
    Place(
        place="hidden layer: CNN on a phone",
        task="mobile",
        activation="hard-swish",
        init="He",
        note="No exponential, survives 8-bit integers. MobileNetV2: ReLU6.",
    ),
    Place(
        place="hidden layer: transformer",
        task="transformer",
        activation="gelu",
        init="Normal 0.02",
        note="BERT, ViT and GPT-2 (tanh form). The first transformer had ReLU.",
    ),
    Place(
        place="hidden layer: large language model",
        task="llm",
        activation="swiglu",
        init="Normal 0.02",
        note="Llama and its kin; the hidden width is cut to 2/3 to pay for the gate.",
    ),
    Place(
        place="hidden layer: deep MLP without normalisation",
        task="self-normalising",
        activation="selu",
        init="LeCun",
        note="With LeCun's initialisation and alpha dropout only.",
    ),
    Place(
        place="hidden layer: object detection",
        task="detection",
        activation="silu",
        init="He",
        note="YOLOv5 to v8. YOLOv3: leaky ReLU 0.1; Faster R-CNN: its backbone's ReLU.",
    ),
    Place(
        place="hidden layer: segmentation (U-Net)",
        task="segmentation",
        activation="relu",
        init="He",
        note="nnU-Net takes leaky ReLU 0.01.",
    ),
    Place(
        place="hidden layer: GAN discriminator",
        task="gan",
        activation="leaky-relu",
        init="Normal 0.02",
        note="Slope 0.2 in DCGAN: the generator needs a gradient from every unit.",
    ),
    Place(
        place="hidden layer: its derivative is used too (physics, fields)",
        task="smooth",
        activation="tanh",
        init="Glorot",
        note="The second derivative of ReLU is 0 everywhere. Softplus and SiLU work.",
    ),
    Place(
        place="state of an RNN, LSTM or GRU",
        task="rnn-state",
        activation="tanh",
        init="Glorot",
        note="Bounded, so that a long sequence cannot blow it up.",
    ),
    Place(
        place="gate: LSTM, GRU, squeeze-and-excite",
        task="gate",
        activation="sigmoid",
        init="Glorot",
        note="From shut (0) to open (1). On a phone: hard sigmoid.",
    ),
    Place(
        place="attention weights",
        task="attention",
        activation="softmax",
        init="",
        note="Of the scores divided by the root of the head's width, masked.",
    ),
    Place(
        place="output: yes or no, any number of labels",
        task="binary-output",
        activation="linear",
        init="Glorot",
        note="Logits; the loss takes the sigmoid. For the reader: sigmoid.",
    ),
    Place(
        place="output: one class of C, also per pixel",
        task="class-output",
        activation="linear",
        init="Glorot",
        note="Logits; the loss takes the softmax. For the reader: softmax.",
    ),
    Place(
        place="output: a number",
        task="number-output",
        activation="linear",
        init="Glorot",
        note="Nothing. A ReLU cannot say minus.",
    ),
    Place(
        place="output: a positive number",
        task="positive-output",
        activation="softplus",
        init="Glorot",
        note="Has a slope everywhere. Or predict the logarithm.",
    ),
    Place(
        place="output: a box",
        task="box-output",
        activation="linear",
        init="Glorot",
        note="Faster R-CNN: deltas. YOLOv3: a sigmoid for the centre alone, exp for "
        "the size. DETR: sigmoid on all four.",
    ),
    Place(
        place="output: a pixel from 0 to 1",
        task="image-output",
        activation="sigmoid",
        init="Glorot",
        note="Scaled to -1 to 1: tanh.",
    ),
)

ROWS: tuple[Activation, ...] = (
    Activation(
        name="Sigmoid",
        slug="sigmoid",
        tasks=("gate", "image-output"),
        formula="1 / (1 + exp(-x))",
        slope="sigmoid(x) * (1 - sigmoid(x))",
        init="Glorot",
        torch="torch.sigmoid(x)",
        keras="keras.activations.sigmoid(x)",
        reference="activations/sigmoid.sigmoid",
        when="A gate, or a probability to show to someone.",
        when_not="Between hidden layers; in front of a loss that takes logits.",
        trap=(
            "sigmoid_as_a_fraction_of_exponentials",
            "softmax_after_sigmoid",
        ),
        source="Han and Moraga 1995 https://doi.org/10.1007/3-540-59497-3_175",
    ),
    Activation(
        name="Hard sigmoid",
        slug="hard-sigmoid",
        tasks=(),
        formula="minimum(maximum(x + 3, 0), 6) / 6",
        slope="where(abs(x) < 3, 1 / 6, 0)",
        init="Glorot",
        torch="F.hardsigmoid(x)",
        keras="keras.activations.hard_sigmoid(x)",
        reference="activations/sigmoid.hard_sigmoid",
        when="A gate on a phone: no exponential.",
        when_not="The gate must keep learning outside of -3 to 3.",
        trap=("hard_sigmoid_of_keras_2",),
        source="Howard 2019 https://arxiv.org/abs/1905.02244",
    ),
    Activation(
        name="Sparse sigmoid",
        slug="sparse-sigmoid",
        section="hard-sigmoid",
        tasks=(),
        formula="minimum(maximum((x + 1) / 2, 0), 1)",
        slope="where(abs(x) < 1, 1 / 2, 0)",
        init="Glorot",
        torch="sparse_sigmoid(x)",
        keras="sparse_sigmoid(x)",
        reference="activations/sparse_plus.sparse_sigmoid",
        recipe="activations/sparse_plus",
        when="A gate that must shut and open all the way.",
        when_not="The gate must keep learning outside of -1 to 1.",
        source="Blondel 2020 https://jmlr.org/papers/v21/19-021.html",
    ),
    Activation(
        name="Tanh",
        slug="tanh",
        tasks=("rnn-state", "smooth"),
        formula="(exp(x) - exp(-x)) / (exp(x) + exp(-x))",
        slope="1 - tanh(x) ** 2",
        init="Glorot",
        torch="torch.tanh(x)",
        keras="keras.activations.tanh(x)",
        reference="activations/tanh.tanh",
        when="A state that must stay bounded, with mean 0.",
        when_not="Many layers without normalisation: its slopes multiply to nothing.",
        source="LeCun 1998 https://doi.org/10.1007/3-540-49430-8_2",
    ),
    Activation(
        name="Hard tanh",
        slug="hard-tanh",
        section="tanh",
        tasks=(),
        formula="minimum(maximum(x, -2), 2)",
        slope="where(abs(x) < 2, 1, 0)",
        init="Glorot",
        torch="F.hardtanh(x, -2.0, 2.0)",
        keras="ops.clip(x, -2.0, 2.0)",
        defaults=(("F.hardtanh(x)", "min_val=-1.0, max_val=1.0"),),
        reference="activations/tanh.hard_tanh",
        arguments="min_val=-2.0, max_val=2.0",
        when="Ends that are known, without an exponential. Keras' own is from -1 to 1.",
        when_not="It must keep learning outside of the ends.",
        source="Collobert 2004 https://ronan.collobert.com/pub/2004_phdthesis_lip6.pdf",
    ),
    Activation(
        name="Softsign",
        slug="softsign",
        tasks=(),
        formula="x / (1 + abs(x))",
        slope="1 / (1 + abs(x)) ** 2",
        init="Glorot",
        torch="F.softsign(x)",
        keras="keras.activations.softsign(x)",
        reference="activations/tanh.softsign",
        when="Like tanh, where it must still learn far out.",
        when_not="Values close to 1 are needed: it is 0.91 at 10.",
        source="Glorot and Bengio 2010 https://proceedings.mlr.press/v9/glorot10a.html",
    ),
    Activation(
        name="ReLU",
        slug="relu",
        tasks=("tabular", "cnn", "segmentation"),
        formula="maximum(x, 0)",
        slope="where(x > 0, 1, 0)",
        init="He",
        torch="F.relu(x)",
        keras="keras.activations.relu(x)",
        defaults=(
            (
                "keras.activations.relu(x)",
                "negative_slope=0.0, max_value=None, threshold=0.0",
            ),
        ),
        reference="activations/relu.relu",
        when="Hidden layers, to start with.",
        when_not="Outputs; units that died; anything that needs a second derivative.",
        trap=(
            "relu_on_a_number",
            "a_large_step_kills_a_unit",
            "relu_in_place",
        ),
        source="Nair and Hinton 2010 https://icml.cc/Conferences/2010/papers/432.pdf",
    ),
    Activation(
        name="ReLU6",
        slug="relu6",
        section="relu",
        tasks=(),
        formula="minimum(maximum(x, 0), 6)",
        slope="where((x > 0) & (x < 6), 1, 0)",
        init="He",
        torch="F.relu6(x)",
        keras="keras.activations.relu6(x)",
        reference="activations/relu.relu6",
        when="Networks for 8-bit integers: the range is known.",
        when_not="There is no such limit: it is dead on both sides.",
        source="Sandler 2018 https://arxiv.org/abs/1801.04381",
    ),
    Activation(
        name="Leaky ReLU",
        slug="leaky-relu",
        tasks=("gan", "tabular", "cnn", "segmentation"),
        formula="where(x > 0, x, 0.2 * x)",
        slope="where(x > 0, 1, 0.2)",
        init="He",
        torch="F.leaky_relu(x, 0.2)",
        keras="keras.activations.leaky_relu(x, 0.2)",
        defaults=(
            ("F.leaky_relu(x)", "negative_slope=0.01"),
            ("nn.LeakyReLU()(x)", "negative_slope=0.01"),
            ("keras.activations.leaky_relu(x)", "negative_slope=0.2"),
            ("keras.layers.LeakyReLU()(x)", "negative_slope=0.3"),
            ("tf.nn.leaky_relu(x)", "alpha=0.2"),
        ),
        reference="activations/relu.leaky_relu",
        arguments="negative_slope=0.2",
        when="Units die; a discriminator.",
        when_not="Zeros are wanted.",
        trap=("slopes_of_leaky_relu",),
        source="Maas 2013 "
        "https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
    ),
    Activation(
        name="RReLU",
        slug="rrelu",
        section="leaky-relu",
        tasks=(),
        formula="where(x > 0, x, 11 / 48 * x)",
        slope="where(x > 0, 1, 11 / 48)",
        init="He",
        torch="F.rrelu(x)",
        keras="RReLU()(x)",
        defaults=(("F.rrelu(x)", "lower=1 / 8, upper=1 / 3, training=False"),),
        reference="activations/rrelu.rrelu",
        recipe="activations/rrelu",
        when="Noise against overfitting: in training the slope is drawn anew for every "
        "number, at inference it is the mean.",
        when_not="Runs must repeat to the digit.",
        source="Xu 2015 https://arxiv.org/abs/1505.00853",
    ),
    Activation(
        name="PReLU",
        slug="prelu",
        tasks=(),
        formula="where(x > 0, x, 0.25 * x)",
        slope="where(x > 0, 1, 0.25)",
        init="He",
        torch="PReLU()(x)",
        keras="PReLU()(x)",
        defaults=(
            ("nn.PReLU()(x)", "num_parameters=1, init=0.25"),
            ("keras.layers.PReLU()(x)", "alpha_initializer='zeros', shared_axes=None"),
        ),
        reference="activations/prelu.prelu",
        arguments="[0.25]",
        recipe="activations/prelu",
        when="The slope is worth learning: one for all, or one per channel.",
        when_not="Keras' layer without shared_axes; weight decay on the slopes.",
        trap=("keras_prelu_learns_a_slope_per_pixel",),
        source="He 2015 https://arxiv.org/abs/1502.01852",
    ),
    Activation(
        name="ELU",
        slug="elu",
        tasks=("tabular",),
        formula="where(x > 0, x, exp(x) - 1)",
        slope="where(x > 0, 1, exp(x))",
        init="He",
        torch="F.elu(x)",
        keras="elu(x)",
        defaults=(
            ("F.elu(x)", "alpha=1.0"),
            ("keras.activations.elu(x)", "alpha=1.0"),
        ),
        reference="activations/elu.elu",
        recipe="activations/elu",
        when="A smooth ReLU whose mean is closer to 0.",
        when_not="Speed counts; Keras' own in half precision.",
        trap=("tensorflow_elu_in_bfloat16",),
        source="Clevert 2016 https://arxiv.org/abs/1511.07289",
    ),
    Activation(
        name="CELU",
        slug="celu",
        section="elu",
        tasks=(),
        formula="where(x > 0, x, 2 * (exp(x / 2) - 1))",
        slope="where(x > 0, 1, exp(x / 2))",
        init="He",
        torch="F.celu(x, 2.0)",
        keras="celu(x, alpha=2.0)",
        defaults=(
            ("F.celu(x)", "alpha=1.0"),
            ("keras.activations.celu(x)", "alpha=1.0"),
        ),
        reference="activations/elu.celu",
        arguments="alpha=2.0",
        recipe="activations/elu",
        when="ELU with another alpha: the slope at 0 stays 1.",
        when_not="alpha is 1: that is ELU.",
        trap=("tensorflow_celu_slope_at_zero",),
        source="Barron 2017 https://arxiv.org/abs/1704.07483",
    ),
    Activation(
        name="SELU",
        slug="selu",
        tasks=("self-normalising",),
        formula="1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(x))",
        slope="1.0507009873554805 * where(x > 0, 1, 1.6732632423543772 * exp(x))",
        init="LeCun",
        torch="F.selu(x)",
        keras="selu(x)",
        reference="activations/elu.selu",
        recipe="activations/elu",
        when="Deep MLPs without normalisation.",
        when_not="Another initialisation, ordinary dropout, skip connections.",
        trap=("selu_with_default_weights", "selu_with_ordinary_dropout"),
        source="Klambauer 2017 https://arxiv.org/abs/1706.02515",
    ),
    Activation(
        name="GELU",
        slug="gelu",
        tasks=("transformer", "cnn"),
        formula="x * Phi(x)",
        slope="Phi(x) + x * phi(x)",
        init="He",
        torch="F.gelu(x)",
        keras="gelu(x)",
        defaults=(
            ("F.gelu(x)", "approximate='none'"),
            ("keras.activations.gelu(x)", "approximate=False"),
            ("keras.ops.gelu(x)", "approximate=True"),
            ("tf.nn.gelu(x)", "approximate=False"),
        ),
        reference="activations/gelu.gelu",
        recipe="activations/gelu",
        when="Transformers; CNNs of their time.",
        when_not="Weights that were trained with the tanh form.",
        source="Hendrycks and Gimpel 2016 https://arxiv.org/abs/1606.08415",
    ),
    Activation(
        name="GELU, tanh form",
        slug="gelu-tanh",
        section="gelu",
        tasks=("transformer",),
        formula="x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))",
        slope="sigmoid(2 * u) * (1 + 2 * x * sigmoid(-2 * u) * du)",
        init="He",
        torch="F.gelu(x, approximate='tanh')",
        keras="gelu(x, approximate=True)",
        reference="activations/gelu.gelu",
        arguments="approximate=True",
        recipe="activations/gelu",
        when="Weights that were trained with it: GPT-2, the first BERT.",
        when_not="A new model: the exact one is the rule.",
        trap=("tensorflow_gelu_in_float16",),
        source="Hendrycks and Gimpel 2016 https://arxiv.org/abs/1606.08415",
    ),
    Activation(
        name="SiLU (swish)",
        slug="silu",
        tasks=("detection", "cnn"),
        formula="x * sigmoid(x)",
        slope="sigmoid(x) * (1 + x * sigmoid(-x))",
        init="He",
        torch="F.silu(x)",
        keras="keras.activations.silu(x)",
        reference="activations/silu.silu",
        recipe="activations/silu",
        when="EfficientNet, YOLO, diffusion models. The recipe has a beta.",
        when_not="Integers or no exponential: hard swish.",
        source="Ramachandran 2017 https://arxiv.org/abs/1710.05941",
    ),
    Activation(
        name="Hard swish",
        slug="hard-swish",
        section="silu",
        tasks=("mobile",),
        formula="x * minimum(maximum(x + 3, 0), 6) / 6",
        slope="where(x >= 3, 1, where(x > -3, (2 * x + 3) / 6, 0))",
        init="He",
        torch="F.hardswish(x)",
        keras="keras.activations.hard_silu(x)",
        reference="activations/silu.hard_silu",
        when="MobileNetV3: SiLU without an exponential.",
        when_not="SiLU can be afforded: it is smooth.",
        source="Howard 2019 https://arxiv.org/abs/1905.02244",
    ),
    Activation(
        name="Mish",
        slug="mish",
        tasks=("detection",),
        formula="x * tanh(log1p(exp(x)))",
        slope="tanh(softplus(x)) + x * sigmoid(x) * (1 - tanh(softplus(x)) ** 2)",
        init="He",
        torch="F.mish(x)",
        keras="mish(x)",
        reference="activations/mish.mish",
        recipe="activations/mish",
        when="YOLOv4.",
        when_not="Speed counts: SiLU is nearly the same curve.",
        source="Misra 2019 https://arxiv.org/abs/1908.08681",
    ),
    Activation(
        name="Softplus",
        slug="softplus",
        tasks=("positive-output", "smooth"),
        formula="log1p(exp(x))",
        slope="sigmoid(x)",
        init="He",
        torch="F.softplus(x)",
        keras="softplus(x)",
        defaults=(("F.softplus(x)", "beta=1.0, threshold=20.0"),),
        reference="activations/softplus.softplus",
        recipe="activations/softplus",
        when="An output that must be positive. The recipe has a beta.",
        when_not="Hidden layers: far from zero-centred, and slower than ReLU.",
        source="Dugas 2000 https://papers.nips.cc/paper/"
        "1920-incorporating-second-order-functional-knowledge-for-better-option-pricing",
    ),
    Activation(
        name="Log-sigmoid",
        slug="log-sigmoid",
        section="softplus",
        tasks=(),
        formula="-log1p(exp(-x))",
        slope="sigmoid(-x)",
        torch="F.logsigmoid(x)",
        keras="log_sigmoid(x)",
        reference="activations/softplus.log_sigmoid",
        recipe="activations/softplus",
        when="The log of a probability, in a loss of your own.",
        when_not="An activation between layers.",
        source="Dugas 2000 https://papers.nips.cc/paper/"
        "1920-incorporating-second-order-functional-knowledge-for-better-option-pricing",
    ),
    Activation(
        name="Squareplus",
        slug="squareplus",
        tasks=("positive-output",),
        formula="(x + sqrt(x**2 + 4)) / 2",
        slope="(1 + x / sqrt(x**2 + 4)) / 2",
        init="He",
        torch="squareplus(x)",
        keras="squareplus(x)",
        defaults=(("keras.activations.squareplus(x)", "b=4"),),
        reference="activations/squareplus.squareplus",
        recipe="activations/squareplus",
        when="Softplus without an exponential; it falls to 0 slowly.",
        when_not="Keras' own in half precision: infinite from 256 on.",
        trap=("keras_squareplus_in_bfloat16",),
        source="Barron 2021 https://arxiv.org/abs/2112.11687",
    ),
    Activation(
        name="Sparse plus",
        slug="sparse-plus",
        section="squareplus",
        tasks=(),
        formula="where(x >= 1, x, where(x > -1, (x + 1) ** 2 / 4, 0))",
        slope="minimum(maximum((x + 1) / 2, 0), 1)",
        init="He",
        torch="sparse_plus(x)",
        keras="sparse_plus(x)",
        reference="activations/sparse_plus.sparse_plus",
        recipe="activations/sparse_plus",
        when="A smooth ReLU with exact zeros.",
        when_not="Units die left of -1, as with ReLU.",
        source="Blondel 2020 https://jmlr.org/papers/v21/19-021.html",
    ),
    Activation(
        name="GLU",
        slug="glu",
        tasks=("gate",),
        formula="a * sigmoid(b)",
        slope="sigmoid(b), a * sigmoid(b) * sigmoid(-b)",
        init="Glorot",
        torch="F.glu(x)",
        keras="keras.activations.glu(x)",
        defaults=(
            ("F.glu(x)", "dim=-1"),
            ("keras.activations.glu(x)", "axis=-1"),
        ),
        reference="activations/glu.glu",
        recipe="activations/glu",
        when="Gated convolutions over text or sound.",
        when_not="A transformer: SwiGLU and GEGLU do better there.",
        source="Dauphin 2017 https://arxiv.org/abs/1612.08083",
    ),
    Activation(
        name="SwiGLU",
        slug="swiglu",
        section="glu",
        tasks=("llm", "transformer"),
        formula="a * b * sigmoid(b)",
        slope="b * sigmoid(b), a * sigmoid(b) * (1 + b * sigmoid(-b))",
        init="Normal 0.02",
        torch="glu(x, gate='silu')",
        keras="glu(x, gate='silu')",
        reference="activations/glu.glu",
        arguments="gate='silu'",
        recipe="activations/glu",
        when="The feed-forward part of a language model.",
        when_not="The hidden width was not cut to 2/3: half as many weights again.",
        trap=("gate_in_the_other_half",),
        source="Shazeer 2020 https://arxiv.org/abs/2002.05202",
    ),
    Activation(
        name="GEGLU",
        slug="geglu",
        section="glu",
        tasks=("llm", "transformer"),
        formula="a * b * Phi(b)",
        slope="b * Phi(b), a * (Phi(b) + b * phi(b))",
        init="Normal 0.02",
        torch="glu(x, gate='gelu')",
        keras="glu(x, gate='gelu')",
        reference="activations/glu.glu",
        arguments="gate='gelu'",
        recipe="activations/glu",
        when="The same with GELU: T5 1.1, Gemma (tanh form).",
        when_not="Weights that were trained with SwiGLU.",
        source="Shazeer 2020 https://arxiv.org/abs/2002.05202",
    ),
    Activation(
        name="ReGLU",
        slug="reglu",
        section="glu",
        tasks=("llm",),
        formula="a * maximum(b, 0)",
        slope="maximum(b, 0), a * where(b > 0, 1, 0)",
        init="Normal 0.02",
        torch="glu(x, gate='relu')",
        keras="glu(x, gate='relu')",
        reference="activations/glu.glu",
        arguments="gate='relu'",
        recipe="activations/glu",
        when="A gate without an exponential.",
        when_not="Gates may not die.",
        source="Shazeer 2020 https://arxiv.org/abs/2002.05202",
    ),
    Activation(
        name="Softmax",
        slug="softmax",
        tasks=("attention",),
        formula="exp(x) / sum(exp(x))",
        slope="diag(p) - outer(p, p)",
        torch="x.softmax(dim=-1)",
        keras="keras.activations.softmax(x)",
        defaults=(("keras.activations.softmax(x)", "axis=-1"),),
        reference="activations/softmax.softmax",
        recipe="activations/softmax",
        when="Shares of one whole: attention, probabilities for the reader. The recipe "
        "has a temperature and a mask.",
        when_not="In front of a loss that takes logits; several labels at once.",
        trap=(
            "softmax_over_the_wrong_axis",
            "softmax_without_the_maximum",
            "temperature_after_the_softmax",
            "mask_that_multiplies",
        ),
        source="Bridle 1990 https://doi.org/10.1007/978-3-642-76153-9_28",
    ),
    Activation(
        name="Log-softmax",
        slug="log-softmax",
        section="softmax",
        tasks=(),
        formula="x - log(sum(exp(x)))",
        slope="eye - p",
        torch="x.log_softmax(dim=-1)",
        keras="keras.activations.log_softmax(x)",
        defaults=(("keras.activations.log_softmax(x)", "axis=-1"),),
        reference="activations/softmax.log_softmax",
        recipe="activations/softmax",
        when="A loss of your own.",
        when_not="The log of a softmax will do: it will not.",
        trap=("log_of_a_softmax",),
        source="Bridle 1990 https://doi.org/10.1007/978-3-642-76153-9_28",
    ),
    Activation(
        name="Softmin",
        slug="softmin",
        section="softmax",
        tasks=(),
        formula="exp(-x) / sum(exp(-x))",
        slope="outer(q, q) - diag(q)",
        torch="F.softmin(x, dim=-1)",
        keras="keras.activations.softmax(-x)",
        reference="activations/softmin.softmin",
        when="Shares by distance: the nearest gets most. It is `softmax(-x)`.",
        when_not="Scores, of which the largest is best.",
        source="Goodfellow 2016, ch. 6.2.2 https://www.deeplearningbook.org/",
    ),
    Activation(
        name="Sparsemax",
        slug="sparsemax",
        tasks=("attention",),
        formula="maximum(x - tau, 0)",
        slope="diag(s) - outer(s, s) / sum(s)",
        torch="sparsemax(x)",
        keras="sparsemax(x)",
        reference="activations/sparsemax.sparsemax",
        recipe="activations/sparsemax",
        when="Attention that must leave things out.",
        when_not="Every score needs a gradient; Keras' own is wrong.",
        trap=("keras_sparsemax_does_not_sum_to_one",),
        source="Martins and Astudillo 2016 https://arxiv.org/abs/1602.02068",
    ),
    Activation(
        name="Linear",
        slug="linear",
        tasks=("number-output", "binary-output", "class-output", "box-output"),
        formula="x",
        slope="1",
        init="Glorot",
        torch="x",
        keras="keras.activations.linear(x)",
        reference="activations/step.linear",
        when="Outputs: a number, or logits for the loss.",
        when_not="Between two layers: they become one.",
        source="Goodfellow 2016, ch. 6.2.2 https://www.deeplearningbook.org/",
    ),
    Activation(
        name="Step",
        slug="step",
        section="linear",
        tasks=(),
        formula="where(x >= 0, 1, 0)",
        slope="0",
        torch="torch.heaviside(x, torch.ones_like(x))",
        keras="ops.heaviside(x, 1.0)",
        reference="activations/step.step",
        when="The decision at the very end, outside of the model.",
        when_not="Anything that gradient descent must train.",
        trap=("step_has_no_slope",),
        source="Rosenblatt 1958 https://doi.org/10.1037/h0042519",
    ),
)

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        convention="leaky ReLU of -1, function",
        torch="F.leaky_relu(tensor(-1.0))",
        keras="keras.activations.leaky_relu(-1.0)",
        same="F.leaky_relu(tensor(-1.0), 0.2)",
        note="Slope 0.01 or 0.2.",
    ),
    Difference(
        convention="leaky ReLU of -1, layer",
        torch="nn.LeakyReLU()(tensor(-1.0))",
        keras="keras.layers.LeakyReLU()(ops.array(-1.0))",
        same="nn.LeakyReLU(0.3)(tensor(-1.0))",
        note="Slope 0.01 or 0.3: not that of Keras' own function.",
    ),
    Difference(
        convention="PReLU of -1, untrained",
        torch="nn.PReLU()(tensor([-1.0])).item()",
        keras="ops.sum(keras.layers.PReLU()(ops.array([[-1.0]])))",
        same="nn.PReLU(init=0.0)(tensor([-1.0])).item()",
        note="Starts at 0.25 or at 0, which is ReLU.",
    ),
    Difference(
        convention="slopes of a PReLU, 8 x 8 x 3",
        torch="count(nn.PReLU(), torch.ones(1, 3, 8, 8))",
        keras="count(keras.layers.PReLU(), ops.ones((1, 8, 8, 3)))",
        same="count(keras.layers.PReLU(shared_axes=[1, 2, 3]), ops.ones((1, 8, 8, 3)))",
        note="One, or one per pixel and channel.",
    ),
    Difference(
        convention="GELU of -3, `ops` and `F`",
        torch="F.gelu(tensor(-3.0))",
        keras="ops.gelu(-3.0)",
        same="F.gelu(tensor(-3.0), approximate='tanh')",
        note="`keras.ops.gelu` is the tanh form, `keras.activations.gelu` is not.",
    ),
    Difference(
        convention="slope of SELU at 0",
        torch="slope(F.selu, 0.0)",
        keras="slope_keras(keras.activations.selu, 0.0)",
        same="slope_keras(ours.selu, 0.0)",
        note="From the left or from the right; the paper's is the left one.",
    ),
    Difference(
        convention="slope of CELU at 0, alpha 2",
        torch="slope(lambda x: F.celu(x, 2.0), 0.0)",
        keras="slope_keras(lambda x: keras.activations.celu(x, 2.0), 0.0)",
        same="slope_keras(lambda x: ours.celu(x, alpha=2.0), 0.0)",
        note="Keras on TensorFlow adds up both sides.",
    ),
    Difference(
        convention="slope of hard tanh at -1",
        torch="slope(F.hardtanh, -1.0)",
        keras="slope_keras(keras.activations.hard_tanh, -1.0)",
        same="slope(lambda x: torch.clamp(x, -1.0, 1.0), -1.0)",
        note="0 or 1 at the very end.",
    ),
    Difference(
        convention="sum of a sparsemax of equals",
        torch="sparsemax(tensor([1.0, 1.0, 1.0])).sum()",
        keras="ops.sum(keras.activations.sparsemax(ops.array([[1.0, 1.0, 1.0]])))",
        same="ops.sum(ours_sparsemax(ops.array([[1.0, 1.0, 1.0]])))",
        note="PyTorch has none: the recipe. Keras 3.15 takes a wrong threshold.",
    ),
    Difference(
        convention="ELU of -0.001 in bfloat16, in 1/1000",
        torch="1000 * F.elu(tensor(-0.001, dtype=torch.bfloat16)).float()",
        keras="1000 * ops.cast(keras.activations.elu(low), 'float32')",
        same="1000 * ops.cast(ours.elu(low), 'float32')",
        note="Keras on TensorFlow subtracts 1 from a rounded exponential.",
    ),
    Difference(
        convention="squareplus of 300 in float16",
        torch="squareplus(tensor(300.0, dtype=torch.float16))",
        keras="keras.activations.squareplus(ops.cast(300.0, 'float16'))",
        same="ours_squareplus(ops.cast(300.0, 'float16'))",
        note="PyTorch has none: the recipe. The square overflows.",
    ),
    Difference(
        convention="slope of tanh-GELU at 300, float16",
        torch="slope(lambda x: F.gelu(x, approximate='tanh'), 300.0, torch.float16)",
        keras="slope_keras(lambda x: ops.gelu(x), 300.0, 'float16')",
        same="slope_keras(lambda x: ours_gelu(x, approximate=True), 300.0, 'float16')",
        note="The cube overflows, and its slope is not a number.",
    ),
)
