"""Convolutional networks: where to start, what the guidelines are worth."""

from dataclasses import dataclass

__all__ = ["GUIDELINES", "ROWS", "STARTS", "Guideline", "Start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A network to begin with.

    Attributes
    ----------
    name : str
        What is to be read, in plain words.
    slug : str
        Its address on the page, its name for `dlcookbook choose`.
    tasks : tuple of str
        What it can be chosen for.
    deciding : str
        What one has to decide.
    pixels : str
        Channels, height and width of a typical image.
    images : str
        How many it takes, roughly, to train it from random weights.
    torch, keras : str
        The network, as code.
    recipe : str
        The file of dlcookbook that a wing needs.
    when, when_not : str
        What speaks for it and against it.
    trap : tuple of str
        Demonstrations in the tests of what goes wrong.
    source : str
        Title and address.
    """

    name: str
    slug: str
    tasks: tuple[str, ...]
    deciding: str
    pixels: str
    images: str
    torch: str
    keras: str
    recipe: str = "cnn/starter_cnn"
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """A rule of thumb, and what it is worth.

    Attributes
    ----------
    name : str
        What is to be set.
    slug : str
        Its address on the page, its name for `dlcookbook choose`; where it was
        measured, the name of the experiment.
    tasks : tuple of str
        What it can be chosen for.
    deciding : str
        What one has to decide.
    guideline : str
        The rule.
    when, when_not : str
        Why it helps; when it fails.
    on_the_digits : str
        What came out of the experiment; empty where none decides.
    trap : tuple of str
        Demonstrations in the tests of what goes wrong.
    source : str
        Title and address.
    """

    name: str
    slug: str
    tasks: tuple[str, ...]
    deciding: str
    guideline: str
    when: str
    when_not: str
    on_the_digits: str = ""
    trap: tuple[str, ...] = ()
    source: str


VGG = "Simonyan, Zisserman 2015 https://arxiv.org/abs/1409.1556"
RESNET = "He et al. 2016 https://arxiv.org/abs/1512.03385"
NIN = "Lin et al. 2014 https://arxiv.org/abs/1312.4400"
NORM = "Ioffe, Szegedy 2015 https://arxiv.org/abs/1502.03167"
FIELD = "Araujo et al. 2019 https://doi.org/10.23915/distill.00021"

STARTS: tuple[Start, ...] = (
    Start(
        name="Digits, letters, icons",
        slug="digits",
        tasks=("small-grey-images",),
        deciding="a network for small grey images",
        pixels="1 x 28 x 28",
        images="1,000 to 60,000",
        torch="starter_cnn(10, in_channels=1, widths=(32, 64))",
        keras="starter_cnn(10, in_channels=1, widths=(32, 64))",
        when="Images of 8 to 32 pixels with one thing in each.",
        when_not="Never mirror digits and letters to get more of them.",
        source="LeCun et al. 1998 https://doi.org/10.1109/5.726791",
    ),
    Start(
        name="Small colour images",
        slug="small-colour-images",
        tasks=("small-colour-images",),
        deciding="a network for small colour images",
        pixels="3 x 32 x 32",
        images="10,000 to 100,000",
        torch="starter_cnn(10, widths=(64, 128, 256))",
        keras="starter_cnn(10, widths=(64, 128, 256))",
        when="Sets like CIFAR; mirror and shift the training images.",
        when_not="The last percents: ResNet with a stem of 3x3, stride 1.",
        source=VGG,
    ),
    Start(
        name="Images of 64 to 128 pixels",
        slug="middle-sized-images",
        tasks=("middle-sized-images",),
        deciding="a network for images of 64 to 128 pixels",
        pixels="3 x 96 x 96",
        images="10,000 to 100,000",
        torch="starter_cnn(10, widths=(32, 64, 128, 256))",
        keras="starter_cnn(10, widths=(32, 64, 128, 256))",
        when="Each more halving of the image takes one more stage.",
        when_not="Fewer images: begin with pre-trained weights.",
        source=VGG,
    ),
    Start(
        name="Photographs, from random weights",
        slug="photographs",
        tasks=("photographs",),
        deciding="a network for photographs, from random weights",
        pixels="3 x 224 x 224",
        images="more than 100,000",
        torch="starter_cnn(1000, widths=(64, 128, 256, 512), stem=4)",
        keras="starter_cnn(1000, widths=(64, 128, 256, 512), stem=4)",
        when="Your images are like none that weights were published for.",
        when_not="Photographs of things: begin with pre-trained weights. Above ten "
        "convolutions: ResNet.",
        source=RESNET,
    ),
    Start(
        name="Spectrograms",
        slug="spectrograms",
        tasks=("sound",),
        deciding="a network for sound, as pictures of frequencies over time",
        pixels="1 x 64 x 200",
        images="2,000 to 50,000",
        torch="starter_cnn(35, in_channels=1, widths=(32, 64, 128))",
        keras="starter_cnn(35, in_channels=1, widths=(32, 64, 128))",
        when="The average takes recordings of every length.",
        when_not="The pitch itself is the answer: the average forgets where it was.",
        source="Hershey et al. 2017 https://arxiv.org/abs/1609.09430",
    ),
    Start(
        name="Scans and satellite images",
        slug="many-channels",
        tasks=("many-channels",),
        deciding="a network for scans, microscopes, satellites",
        pixels="13 x 256 x 256",
        images="5,000 to 100,000",
        torch="starter_cnn(5, in_channels=13, widths=(32, 64, 128, 256), stem=2)",
        keras="starter_cnn(5, in_channels=13, widths=(32, 64, 128, 256), stem=2)",
        when="Channels are no colours; every channel is scaled by itself.",
        when_not="What counts is smaller than the stride of the stem.",
        source="Helber et al. 2019 https://arxiv.org/abs/1709.00029",
    ),
    Start(
        name="Where is it? Coordinates",
        slug="coordinates",
        tasks=("coordinates",),
        deciding="a network that says where something is",
        pixels="3 x 64 x 64",
        images="2,000 to 50,000",
        torch="starter_cnn(4, widths=(16, 32, 64), convs=1, flatten_size=64)",
        keras="starter_cnn(4, widths=(16, 32, 64), convs=1, flatten_size=64)",
        when="One box or point per image: flattening keeps the place.",
        when_not="Several things per image: a detector. Every pixel: a U-Net.",
        source="Liu et al. 2018 https://arxiv.org/abs/1807.03247",
    ),
    Start(
        name="A microcontroller",
        slug="tiny",
        tasks=("tiny-devices",),
        deciding="a network of a few kilobytes",
        pixels="1 x 96 x 96",
        images="5,000 to 100,000",
        torch="starter_cnn(2, in_channels=1, widths=(8, 16, 32), convs=1, stem=2)",
        keras="starter_cnn(2, in_channels=1, widths=(8, 16, 32), convs=1, stem=2)",
        when="Yes-or-no questions where memory is counted in kilobytes.",
        when_not="A telephone: MobileNet and EfficientNet get more from a product.",
        source="Chowdhery et al. 2019 https://arxiv.org/abs/1906.05721",
    ),
)

GUIDELINES: tuple[Guideline, ...] = (
    Guideline(
        name="Filters (width)",
        slug="width",
        tasks=("filters",),
        deciding="how many filters",
        guideline="16 to 64 in the first stage; twice as many when the map halves.",
        when="A halved map has a quarter of the places: every stage costs the same.",
        when_not="Little data or memory. Powers of two are for the hardware alone.",
        on_the_digits="No difference in accuracy between doubling, staying and "
        "halving, at as many parameters. Doubling needs half to two thirds of the "
        "multiply-adds.",
        source=VGG,
    ),
    Guideline(
        name="Kernel",
        slug="kernel",
        tasks=("kernel",),
        deciding="how large the kernels",
        guideline="3x3, one after another.",
        when="Two see 5x5 with 18 weights for 25, and an activation in between.",
        when_not="The first layer of large images (7x7), depthwise convolutions (5x5 "
        "in EfficientNet, 7x7 in ConvNeXt): there a large kernel is cheap.",
        on_the_digits="Undecided: 5x5 once was 1.8 points lower, with fewer "
        "weights, and the interval reaches 0. 3x3 once, and 1x1, are worse.",
        trap=("two_convolutions_without_an_activation",),
        source=VGG,
    ),
    Guideline(
        name="Depth",
        slug="depth",
        tasks=("depth",),
        deciding="how many layers",
        guideline="2 or 3 convolutions per stage; more only with a norm, and above ten "
        "with residual branches.",
        when="Depth widens the field and bends the function more often.",
        when_not="Plain stacks: deeper ones train worse, not only test worse.",
        on_the_digits="Up to 8 per stage no difference with a norm. Without one, 16 "
        "convolutions learn nothing: 10 %.",
        source=RESNET,
    ),
    Guideline(
        name="Padding",
        slug="padding",
        tasks=("padding",),
        deciding="whether to pad",
        guideline="Pad 3x3 by 1, so that the size stays.",
        when="Depth and size can be chosen freely; the border is read as often.",
        when_not="`same` with a stride: the frameworks pad differently. Zeros are "
        "pixels that no image has.",
        on_the_digits="Does not hold: as deep, without padding 98.2 %, with padding "
        "93.2 %. Padding allows more depth, and that makes up for it.",
        source="Dumoulin, Visin 2016 https://arxiv.org/abs/1603.07285",
    ),
    Guideline(
        name="Halving the map",
        slug="downsampling",
        tasks=("pooling",),
        deciding="how to halve the map: pooling or stride",
        guideline="2x2 maximum pooling, or a stride of 2 in a convolution.",
        when="The field grows twice as fast, and the work shrinks to a quarter.",
        when_not="Small things and masks: what is pooled away has no place any more. "
        "Odd sizes lose their last row.",
        on_the_digits="All three the same on centred digits. On moved ones the "
        "stride loses 13 points, and average pooling beats maximum pooling.",
        trap=("pooling_drops_the_last_row", "kernel_on_a_map_of_one_pixel"),
        source="Springenberg et al. 2015 https://arxiv.org/abs/1412.6806",
    ),
    Guideline(
        name="Convolution, norm, activation",
        slug="order",
        tasks=("batch-norm",),
        deciding="where batch normalisation goes",
        guideline="Convolution without a bias, batch norm, activation, in this order.",
        when="The norm keeps every layer at a scale at which a large rate works.",
        when_not="Batches of one or two images: group norm. The order is a "
        "habit, the norm "
        "is not.",
        on_the_digits="The order makes no difference. No norm costs 18 points, 11 "
        "at a larger rate.",
        trap=("conv_bias_in_front_of_a_norm", "batch_norm_left_in_training_mode"),
        source=NORM,
    ),
    Guideline(
        name="Dropout",
        slug="dropout",
        tasks=("dropout",),
        deciding="where dropout goes, and how much",
        guideline="0.2 to 0.5 before the last dense layer; none between convolutions.",
        when="Dense layers have most of the weights, and overfit first.",
        when_not="Small networks and short trainings: it slows them down. In front of "
        "a norm it falsifies the variance.",
        on_the_digits="No use in so short a training; before or behind the norm, "
        "the same.",
        trap=("dropout_in_front_of_a_norm",),
        source="Li et al. 2019 https://arxiv.org/abs/1801.05134",
    ),
    Guideline(
        name="Head",
        slug="head",
        tasks=("head",),
        deciding="how a map becomes a vector: flatten or average",
        guideline="Global average, then one dense layer.",
        when="Few weights, images of every size, less memory for places.",
        when_not="The place is the answer: coordinates, boards, aligned faces.",
        on_the_digits="The same on centred digits. On moved ones the average is 17 "
        "points better.",
        trap=("flatten_takes_one_size",),
        source=NIN,
    ),
    Guideline(
        name="Activation",
        slug="activation",
        tasks=("activation",),
        deciding="which activation",
        guideline="ReLU after every convolution; none after the last layer.",
        when="Cheap, and its gradient does not fade with depth.",
        when_not="`Always` is too much: EfficientNet has SiLU, ConvNeXt GELU.",
        on_the_digits="ReLU, SiLU, GELU: no difference. Sigmoid is worse.",
        source="Glorot, Bordes, Bengio 2011 https://proceedings.mlr.press/v15/glorot11a",
    ),
    Guideline(
        name="Scale of the pixels",
        slug="scale",
        tasks=("input-scale",),
        deciding="how to scale the pixels",
        guideline="Divide by 255; or subtract the mean, divide by the deviation.",
        when="Initial weights and usual learning rates are made for numbers around 1.",
        when_not="Pre-trained weights: scale as they were trained, nothing else.",
        on_the_digits="With a norm behind the first convolution, no difference. "
        "Without any norm the advice is wrong here: 0 to 255 gets 96 %, 0 to 1 gets "
        "81 %.",
        trap=(
            "imagenet_statistics_on_bytes",
            "reshaped_channels",
            "keras_reads_rows_as_channels",
        ),
        source="LeCun et al. 1998 https://doi.org/10.1007/978-3-642-35289-8_3",
    ),
    Guideline(
        name="Augmentation",
        slug="augmentation",
        tasks=("augmentation",),
        deciding="whether and how to augment",
        guideline="Shift, mirror, turn and zoom the training images, anew every pass.",
        when="It says which changes do not matter, if they do not.",
        when_not="The change alters the answer (a mirrored 2), or the images are "
        "aligned already and will be in use.",
        on_the_digits="Shifts gain nothing on centred digits and 11 points on moved "
        "ones; mirroring harms.",
        source="Shorten, Khoshgoftaar 2019 https://doi.org/10.1186/s40537-019-0197-0",
    ),
    Guideline(
        name="Batch size",
        slug="batch",
        tasks=("batch-size",),
        deciding="how many images per step",
        guideline="32 to 128; more images, larger learning rate.",
        when="Large enough for the norm and the hardware.",
        when_not="Compared at equal passes: a large batch takes fewer steps. Compared "
        "at equal steps, the large one loses nothing.",
        on_the_digits="Equal passes: 16 is best, 512 hopeless. Equal steps: no "
        "difference between 64 and 512.",
        source="Shallue et al. 2019 https://arxiv.org/abs/1811.03600",
    ),
    Guideline(
        name="Learning rate",
        slug="learning-rate",
        tasks=("learning-rate",),
        deciding="which learning rate",
        guideline="Adam and AdamW: 0.001, and try 0.0003 and 0.003; SGD: 0.1; let it "
        "fall along a cosine.",
        when="The one number to tune before all others.",
        when_not="Fine-tuning: ten to a hundred times less. Without a norm large rates "
        "diverge.",
        on_the_digits="0.001 to 0.1 all work, 0.0001 does not: with a norm, too low "
        "is worse than too high.",
        source="Loshchilov, Hutter 2019 https://arxiv.org/abs/1711.05101",
    ),
    Guideline(
        name="Epochs",
        slug="epochs",
        tasks=("epochs",),
        deciding="how long to train",
        guideline="Until the validation loss has not fallen for 10 passes.",
        when="The best length depends on everything else.",
        when_not="The rate falls along a schedule: stopping cuts off its best part.",
        on_the_digits="40 passes are no better than 10, and no worse: nothing to "
        "stop early for.",
        source="Prechelt 1998 https://doi.org/10.1007/3-540-49430-8_3",
    ),
    Guideline(
        name="Strides and the last map",
        slug="last-map",
        tasks=("stride",),
        deciding="how often to halve",
        guideline="Stride 1 within a stage; halve until 4 to 8 places are left.",
        when="The field covers the image, and kernels still fit into the map.",
        when_not="Things of a few pixels: halve less often.",
        source=FIELD,
    ),
    Guideline(
        name="Size of the images",
        slug="input-size",
        tasks=("input-size",),
        deciding="how large the images",
        guideline="So large that a person can tell the classes; then a multiple of the "
        "total stride.",
        when="Multiply-adds and memory grow with the area.",
        when_not="More pixels without more field: the network sees parts only.",
        source="Tan, Le 2019 https://arxiv.org/abs/1905.11946",
    ),
    Guideline(
        name="Few images: pre-trained weights",
        slug="pre-trained",
        tasks=("few-images",),
        deciding="what to do with few images",
        guideline="Below some thousands: fine-tune weights from ImageNet.",
        when="Edges and textures are the same everywhere.",
        when_not="Channels or scales unlike photographs. Freeze the norms, too.",
        source="Kornblith et al. 2019 https://arxiv.org/abs/1805.08974",
    ),
    Guideline(
        name="Counting before training",
        slug="counting",
        tasks=("cost",),
        deciding="what a network costs",
        guideline="Print the table: shapes, parameters, multiply-adds, field, memory.",
        when="A wrong shape, a dense layer with all the weights, a blind last map.",
        when_not="Multiply-adds are no time: a depthwise convolution waits for memory.",
        trap=(
            "torchinfo_counts_no_attention",
            "pytorch_counts_no_operation_of_an_lstm",
        ),
        source="Ma et al. 2018 https://arxiv.org/abs/1807.11164",
    ),
)

ROWS: tuple[Start | Guideline, ...] = (*STARTS, *GUIDELINES)
