"""Layers: which one, what shape comes out, what it costs, what goes wrong."""

from dataclasses import dataclass

__all__ = ["DIFFERENCES", "INITIALISERS", "ROWS", "Difference", "Initialiser", "Layer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer, of the sizes that its inputs name.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the layers page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    shaping : str
        What the data looks like and what is wanted, in plain words.
    inputs : str
        Dtype, shape and values, in torch's layout; Keras puts channels last.
    given : tuple of (str, str)
        Name and description of everything else that the calls mention.
    output : str
        Shape of the outputs, as code, in torch's layout.
    parameters : str
        Number of trained weights in torch, as code.
    keras_parameters : str
        The same in Keras, where it differs.
    macs : str
        Multiplications and additions of one example in matrix products and
        convolutions, as code.
    torch, keras : str
        The layer, or the call where it mentions `x`, as code.
    reference : str
        The definition.
    arguments : str
        What the definition is given besides the inputs, as code: weights by the names
        that torch has for them.
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
    shaping: str
    inputs: str
    given: tuple[tuple[str, str], ...] = ()
    output: str
    parameters: str = "0"
    keras_parameters: str = ""
    macs: str = "0"
    torch: str
    keras: str
    reference: str
    arguments: str = ""
    recipe: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialiser:
    """One way to draw first weights, as each framework does it.

    Attributes
    ----------
    name : str
        What people call it.
    torch, keras : str
        Weights from 400 inputs to 300 outputs, as code.
    torch_std, keras_std : str
        Their standard deviation, as code of `fan_in` and `fan_out`.
    torch_bound, keras_bound : str
        What none of them exceeds, as code; `inf` for a whole normal.
    note : str
        What is the same only in name.
    """

    name: str
    torch: str
    keras: str
    torch_std: str
    keras_std: str
    torch_bound: str
    keras_bound: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A point where the two frameworks give different numbers by default.

    Attributes
    ----------
    convention : str
        What they disagree about.
    inputs : str
        What the calls mention, as code.
    torch, keras : str
        What each does, as code.
    same : str
        Code that gives the other framework's number.
    note : str
        The difference in words.
    """

    convention: str
    inputs: str
    torch: str
    keras: str
    same: str
    note: str


IMAGES = "float (N, C, H, W)"
STEPS = "float (N, T, C)"
LECUN = "LeCun et al. 1998 https://doi.org/10.1109/5.726791"
ARITHMETIC = "Dumoulin, Visin 2016 https://arxiv.org/abs/1603.07285"

ROWS: tuple[Layer, ...] = (
    Layer(
        name="Dense",
        slug="dense",
        tasks=("features",),
        shaping="a row of features; every output may depend on every input",
        inputs="float (N, C)",
        output="(N, K)",
        parameters="C * K + K",
        macs="C * K",
        torch="nn.Linear(C, K)",
        keras="layers.Dense(K)",
        reference="layers/dense.dense",
        arguments="weight, bias",
        when="Features without neighbours, and the last layer of nearly every model.",
        when_not="Images: it must learn every place by itself, and the size is fixed.",
        trap=("bias_before_batch_norm", "dense_on_channels_first"),
        source="Rosenblatt 1958 https://doi.org/10.1037/h0042519",
    ),
    Layer(
        name="Convolution",
        slug="conv",
        tasks=("images",),
        shaping="an image; the same small pattern matters wherever it is",
        inputs=IMAGES,
        output="(N, K, H, W)",
        parameters="C * K * 3 * 3 + K",
        macs="H * W * C * K * 3 * 3",
        torch="nn.Conv2d(C, K, 3, padding=1)",
        keras="layers.Conv2D(K, 3, padding='same')",
        reference="layers/conv.conv",
        arguments="weight, bias, padding=1",
        when="Neighbours belong together: images, spectra, sequences.",
        when_not="The order of the axes has no meaning, as in a table.",
        trap=("convolution_is_not_shift_invariant",),
        source=LECUN,
    ),
    Layer(
        name="Strided convolution",
        slug="strided-conv",
        section="conv",
        tasks=("halve",),
        shaping="an image that is to be halved, with weights",
        inputs=IMAGES,
        output="(N, K, (H - 1) // 2 + 1, (W - 1) // 2 + 1)",
        parameters="C * K * 3 * 3 + K",
        macs="((H - 1) // 2 + 1) * ((W - 1) // 2 + 1) * C * K * 3 * 3",
        torch="nn.Conv2d(C, K, 3, stride=2, padding=1)",
        keras="keras.Sequential([layers.ZeroPadding2D(1), "
        "layers.Conv2D(K, 3, strides=2)])",
        reference="layers/conv.conv",
        arguments="weight, bias, stride=2, padding=1",
        when="Half the size for a quarter of the work.",
        when_not="Weights come from TensorFlow: `same_conv` has its padding.",
        source=ARITHMETIC,
    ),
    Layer(
        name="TensorFlow's 'same' convolution",
        slug="same-conv",
        section="padding",
        tasks=("halve",),
        shaping="an image that is to be halved, by weights from TensorFlow",
        inputs="float (N, C, H, 8)",
        given=(("weight", "float (K, C, 3, 3)"), ("bias", "float (K)")),
        output="(N, K, (H + 1) // 2, 4)",
        macs="((H + 1) // 2) * 4 * C * K * 3 * 3",
        torch="same_conv(x, weight, bias, stride=2)",
        keras="same_conv(x, kernel, bias, stride=2)",
        reference="layers/same_conv.same_conv",
        arguments="weight, bias, stride=2",
        recipe="layers/same_conv",
        when="Weights move between the frameworks, or both must give one number.",
        when_not="A model that is trained in torch alone.",
        trap=("same_padding_with_a_stride",),
        source="TensorFlow https://www.tensorflow.org/api_docs/python/tf/nn",
    ),
    Layer(
        name="Dilated convolution",
        slug="dilated-conv",
        section="conv",
        tasks=("wide-view",),
        shaping="an image whose size must stay while the view widens",
        inputs=IMAGES,
        output="(N, K, H, W)",
        parameters="C * K * 3 * 3 + K",
        macs="H * W * C * K * 3 * 3",
        torch="nn.Conv2d(C, K, 3, padding=2, dilation=2)",
        keras="layers.Conv2D(K, 3, padding='same', dilation_rate=2)",
        reference="layers/conv.conv",
        arguments="weight, bias, padding=2, dilation=2",
        when="Segmentation, audio: a view of 5 for the price of 3.",
        when_not="The same rate again and again: it reads a grid with holes.",
        source="Yu, Koltun 2015 https://arxiv.org/abs/1511.07122",
    ),
    Layer(
        name="Grouped convolution",
        slug="grouped-conv",
        section="conv",
        tasks=("cheap",),
        shaping="an image with many channels, for less work",
        inputs=IMAGES,
        output="(N, D, H, W)",
        parameters="C // 2 * D * 3 * 3 + D",
        macs="H * W * C // 2 * D * 3 * 3",
        torch="nn.Conv2d(C, D, 3, padding=1, groups=2)",
        keras="layers.Conv2D(D, 3, padding='same', groups=2)",
        reference="layers/conv.conv",
        arguments="weight, bias, padding=1, groups=2",
        when="Work divided by the number of groups.",
        when_not="Nothing mixes the groups afterwards.",
        source="Xie et al. 2016 https://arxiv.org/abs/1611.05431",
    ),
    Layer(
        name="Depthwise convolution",
        slug="depthwise-conv",
        section="conv",
        tasks=("cheap",),
        shaping="an image; each channel is to be filtered by itself",
        inputs=IMAGES,
        output="(N, C, H, W)",
        parameters="C * 3 * 3 + C",
        macs="H * W * C * 3 * 3",
        torch="nn.Conv2d(C, C, 3, padding=1, groups=C)",
        keras="layers.DepthwiseConv2D(3, padding='same')",
        reference="layers/conv.conv",
        arguments="weight, bias, padding=1, groups=C",
        when="With a 1 x 1 convolution behind it, in models for small devices.",
        when_not="Alone: channels never meet.",
        source="Howard et al. 2017 https://arxiv.org/abs/1704.04861",
    ),
    Layer(
        name="Separable convolution",
        slug="separable-conv",
        section="conv",
        tasks=("cheap",),
        shaping="an image, for far fewer weights than a convolution has",
        inputs=IMAGES,
        output="(N, K, H, W)",
        parameters="C * 3 * 3 + C * K + K",
        macs="H * W * (C * 3 * 3 + C * K)",
        torch="nn.Sequential(nn.Conv2d(C, C, 3, padding=1, groups=C, bias=False), "
        "nn.Conv2d(C, K, 1))",
        keras="layers.SeparableConv2D(K, 3, padding='same')",
        reference="layers/separable_conv.separable_conv",
        arguments="w['0.weight'], w['1.weight'], w['1.bias'], padding=1",
        when="MobileNet, Xception: first the places, then the channels.",
        when_not="Few channels: there is little to save.",
        source="Chollet 2016 https://arxiv.org/abs/1610.02357",
    ),
    Layer(
        name="Convolution of a sequence",
        slug="conv-1d",
        section="conv",
        tasks=("series",),
        shaping="a signal or series; a short pattern matters whenever it is",
        inputs="float (N, C, W)",
        output="(N, K, W - 2)",
        parameters="C * K * 3 + K",
        macs="(W - 2) * C * K * 3",
        torch="nn.Conv1d(C, K, 3)",
        keras="layers.Conv1D(K, 3)",
        reference="layers/conv.conv",
        arguments="weight, bias",
        when="Audio, sensors, fixed windows of time; all steps at once.",
        when_not="What came long ago decides: attention or a recurrent layer.",
        source="Waibel et al. 1989 https://doi.org/10.1109/29.21701",
    ),
    Layer(
        name="Causal convolution",
        slug="causal-conv",
        section="conv",
        tasks=("series",),
        shaping="a signal or series, of which no output may see what comes later",
        inputs="float (N, C, W)",
        output="(N, K, W)",
        parameters="C * K * 3 + K",
        macs="W * C * K * 3",
        torch="nn.Sequential(nn.ConstantPad1d((2, 0), 0.0), nn.Conv1d(C, K, 3))",
        keras="layers.Conv1D(K, 3, padding='causal')",
        reference="layers/causal_conv.causal_conv",
        arguments="weight, bias",
        when="Forecasts, sound, text: all zeros stand before, d * (k - 1) of them.",
        when_not="The whole series is known: let it look both ways.",
        trap=("a_forecast_that_sees_the_next_step",),
        source="van den Oord et al. 2016 https://arxiv.org/abs/1609.03499",
    ),
    Layer(
        name="Transposed convolution",
        slug="conv-transpose",
        tasks=("enlarge",),
        shaping="a map that is to be enlarged, with weights",
        inputs=IMAGES,
        output="(N, K, 2 * H, 2 * W)",
        parameters="C * K * 2 * 2 + K",
        macs="H * W * C * K * 2 * 2",
        torch="nn.ConvTranspose2d(C, K, 2, stride=2)",
        keras="layers.Conv2DTranspose(K, 2, strides=2)",
        reference="layers/conv_transpose.conv_transpose",
        arguments="weight, bias, stride=2",
        when="Decoders, generators. Kernel a multiple of the stride: no checkerboard.",
        when_not="A smooth picture is wanted: resize, then convolve.",
        trap=("checkerboard_of_a_transposed_convolution",),
        source="Zeiler et al. 2010 https://doi.org/10.1109/CVPR.2010.5539957",
    ),
    Layer(
        name="TensorFlow's 'same' transposed convolution",
        slug="same-conv-transpose",
        section="padding",
        tasks=("enlarge",),
        shaping="a map that is to be enlarged, by weights from TensorFlow",
        inputs=IMAGES,
        given=(("weight", "float (C, K, 3, 3)"), ("bias", "float (K)")),
        output="(N, K, 2 * H, 2 * W)",
        macs="H * W * C * K * 3 * 3",
        torch="same_conv_transpose(x, weight, bias, stride=2)",
        keras="same_conv_transpose(x, kernel, bias, stride=2)",
        reference="layers/same_conv_transpose.same_conv_transpose",
        arguments="weight, bias, stride=2",
        recipe="layers/same_conv_transpose",
        when="Weights move between the frameworks.",
        when_not="A model that is trained in torch alone.",
        trap=("transposed_convolution_one_pixel_off",),
        source=ARITHMETIC,
    ),
    Layer(
        name="Upsampling",
        slug="upsampling",
        section="resize",
        tasks=("enlarge",),
        shaping="a map that is to be enlarged, without weights",
        inputs=IMAGES,
        output="(N, C, 2 * H, 2 * W)",
        torch="nn.Upsample(scale_factor=2, mode='bilinear')",
        keras="layers.UpSampling2D(2, interpolation='bilinear')",
        reference="layers/resize.resize",
        arguments="(2 * H, 2 * W)",
        when="Before a convolution, in place of a transposed one.",
        when_not="Labels: nearest, since a mean of two classes is a third.",
        source="Odena et al. 2016 https://doi.org/10.23915/distill.00003",
    ),
    Layer(
        name="Resize as TensorFlow does",
        slug="resize",
        tasks=("enlarge",),
        shaping="images of a new size, the same numbers in both frameworks",
        inputs=IMAGES,
        output="(N, C, 5, 12)",
        torch="resize(x, (5, 12), method='bicubic')",
        keras="resize(x, (5, 12), method='bicubic')",
        reference="layers/resize.resize",
        arguments="(5, 12), method='bicubic'",
        recipe="layers/resize",
        when="Preprocessing must match what a model was trained with.",
        when_not="Made much smaller: filter first, `antialias=True` of the frameworks.",
        trap=("nearest_pixels_of_two_frameworks", "bicubic_of_two_frameworks"),
        source="Keys 1981 https://doi.org/10.1109/TASSP.1981.1163711",
    ),
    Layer(
        name="Max pooling",
        slug="max-pool",
        section="pool",
        tasks=("halve",),
        shaping="an image that is to be halved, without weights",
        inputs=IMAGES,
        output="(N, C, H // 2, W // 2)",
        torch="nn.MaxPool2d(2)",
        keras="layers.MaxPooling2D(2)",
        reference="layers/pool.max_pool",
        arguments="2",
        when="Whether a feature is there matters more than where.",
        when_not="Exact places matter, and sizes are odd: the last row is dropped.",
        trap=("odd_sizes_lose_a_row", "tensorflow_max_pooling_hides_a_nan"),
        source="Ranzato et al. 2007 https://doi.org/10.1109/CVPR.2007.383157",
    ),
    Layer(
        name="Average pooling",
        slug="average-pool",
        section="pool",
        tasks=("halve",),
        shaping="a smooth map that is to be halved",
        inputs=IMAGES,
        output="(N, C, H // 2, W // 2)",
        torch="nn.AvgPool2d(2)",
        keras="layers.AveragePooling2D(2)",
        reference="layers/pool.average_pool",
        arguments="2",
        when="Smoothing before a step; the shortcut of some residual nets.",
        when_not="Features are rare: one strong value drowns among zeros.",
        trap=("average_pooling_counts_zeros_outside",),
        source=LECUN,
    ),
    Layer(
        name="TensorFlow's 'same' pooling",
        slug="same-pool",
        section="padding",
        tasks=("halve",),
        shaping="an image that is to be halved, as a model of TensorFlow does",
        inputs="float (N, C, H, 8)",
        output="(N, C, (H + 1) // 2, 4)",
        torch="same_average_pool(x, 3, stride=2)",
        keras="same_average_pool(x, 3, stride=2)",
        reference="layers/same_pool.same_average_pool",
        arguments="3, stride=2",
        recipe="layers/same_pool",
        when="Weights move between the frameworks; Keras on torch.",
        when_not="A model that is trained in torch alone.",
        source="TensorFlow https://www.tensorflow.org/api_docs/python/tf/nn",
    ),
    Layer(
        name="Global average pooling",
        slug="global-average-pool",
        section="pool",
        tasks=("summarise",),
        shaping="a map of any size that is to become one row per image",
        inputs=IMAGES,
        output="(N, C)",
        torch="nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())",
        keras="layers.GlobalAveragePooling2D()",
        reference="layers/pool.global_average_pool",
        when="The head of a classifier: any input size, no weights.",
        when_not="Where something is matters to the answer.",
        source="Lin et al. 2013 https://arxiv.org/abs/1312.4400",
    ),
    Layer(
        name="Adaptive average pooling",
        slug="adaptive-average-pool",
        section="pool",
        tasks=("summarise",),
        shaping="maps of many sizes that are to have one size",
        inputs=IMAGES,
        output="(N, C, 3, 4)",
        torch="nn.AdaptiveAvgPool2d((3, 4))",
        keras="layers.AdaptiveAveragePooling2D((3, 4))",
        reference="layers/pool.adaptive_average_pool",
        arguments="(3, 4)",
        when="A dense layer follows and images differ in size.",
        when_not="Exporting: windows that overlap unevenly are not everywhere.",
        source="He et al. 2014 https://arxiv.org/abs/1406.4729",
    ),
    Layer(
        name="Adaptive max pooling",
        slug="adaptive-max-pool",
        section="pool",
        tasks=("summarise",),
        shaping="maps of many sizes, of which the strongest responses count",
        inputs=IMAGES,
        output="(N, C, 3, 4)",
        torch="nn.AdaptiveMaxPool2d((3, 4))",
        keras="layers.AdaptiveMaxPooling2D((3, 4))",
        reference="layers/pool.adaptive_max_pool",
        arguments="(3, 4)",
        when="Pyramids of several sizes, side by side.",
        when_not="Exporting: windows that overlap unevenly are not everywhere.",
        source="He et al. 2014 https://arxiv.org/abs/1406.4729",
    ),
    Layer(
        name="Flatten",
        slug="flatten",
        tasks=("summarise",),
        shaping="a map of fixed size that is to become one row per image",
        inputs="float (N, D)",
        output="(N, D)",
        torch="nn.Flatten()",
        keras="layers.Flatten()",
        reference="layers/flatten.flatten",
        when="Small maps of fixed size, where places matter.",
        when_not="Large maps: the dense layer behind it has most of the weights.",
        trap=("flatten_in_two_orders",),
        source=LECUN,
    ),
    Layer(
        name="Embedding",
        slug="embedding",
        tasks=("words",),
        shaping="numbers that are names: words, users, categories",
        inputs="int64 (N, T), 0 to C-1",
        output="(N, T, K)",
        parameters="C * K",
        torch="nn.Embedding(C, K)",
        keras="layers.Embedding(C, K)",
        reference="layers/embedding.embedding",
        arguments="weight, x",
        when="Many categories; like ones shall end up near each other.",
        when_not="A handful of categories: one-hot.",
        trap=("mask_zero_trains_the_padding",),
        source="Bengio et al. 2003 https://www.jmlr.org/papers/v3/bengio03a.html",
    ),
    Layer(
        name="Batch normalisation",
        slug="batch-norm",
        section="norms",
        tasks=("normalise-images",),
        shaping="activations of images, batches of 16 and more",
        inputs=IMAGES,
        output="(N, C, H, W)",
        parameters="2 * C",
        torch="nn.BatchNorm2d(C)",
        keras="layers.BatchNormalization(momentum=0.9, epsilon=1e-5)",
        reference="layers/batch_norm.batch_norm",
        arguments="weight, bias",
        when="Convolutional nets with large batches; free at inference.",
        when_not="Batches below 16, sequences, or batches unlike what comes later.",
        trap=(
            "batch_norm_momentum_is_inverted",
            "frozen_batch_norm_still_learns",
            "dropout_before_batch_norm",
        ),
        source="Ioffe, Szegedy 2015 https://arxiv.org/abs/1502.03167",
    ),
    Layer(
        name="Batch normalisation of either framework",
        slug="batch-norm-either",
        section="norms",
        tasks=("normalise-images",),
        shaping="a model whose running variance must match the other framework",
        inputs=IMAGES,
        output="(N, C, H, W)",
        parameters="2 * C",
        torch="BatchNorm(C, unbiased=False)",
        keras="BatchNorm(C, unbiased=False)",
        reference="layers/batch_norm.batch_norm",
        arguments="weight, bias",
        recipe="layers/batch_norm",
        when="Training must be repeated number for number.",
        when_not="Only trained weights move: the statistics are copied.",
        trap=("running_variance_of_two_frameworks",),
        source="Ioffe, Szegedy 2015 https://arxiv.org/abs/1502.03167",
    ),
    Layer(
        name="Layer normalisation",
        slug="layer-norm",
        section="norms",
        tasks=("normalise-sequences",),
        shaping="activations of sequences, batches of any size",
        inputs="float (N, T, D)",
        output="(N, T, D)",
        parameters="2 * D",
        torch="nn.LayerNorm(D)",
        keras="layers.LayerNormalization(epsilon=1e-5)",
        reference="layers/layer_norm.layer_norm",
        arguments="weight, bias",
        when="Transformers and recurrent nets: each example by itself.",
        when_not="Convolutional nets: group normalisation.",
        trap=("epsilon_of_layer_norm",),
        source="Ba et al. 2016 https://arxiv.org/abs/1607.06450",
    ),
    Layer(
        name="RMS normalisation",
        slug="rms-norm",
        section="norms",
        tasks=("normalise-sequences",),
        shaping="activations of a large language model",
        inputs="float (N, T, D)",
        output="(N, T, D)",
        parameters="D",
        torch="nn.RMSNorm(D, eps=1e-6)",
        keras="layers.RMSNormalization(epsilon=1e-6)",
        reference="layers/rms_norm.rms_norm",
        arguments="weight",
        when="As layer normalisation, without the mean: cheaper, as good.",
        when_not="Activations have a large common offset.",
        source="Zhang, Sennrich 2019 https://arxiv.org/abs/1910.07467",
    ),
    Layer(
        name="Group normalisation",
        slug="group-norm",
        section="norms",
        tasks=("normalise-images",),
        shaping="activations of images, batches of a few",
        inputs=IMAGES,
        output="(N, C, H, W)",
        parameters="2 * C",
        torch="nn.GroupNorm(2, C)",
        keras="layers.GroupNormalization(2, epsilon=1e-5)",
        reference="layers/group_norm.group_norm",
        arguments="weight, bias, groups=2",
        when="Detection, segmentation: large images, small batches.",
        when_not="Large batches: batch normalisation is a little better and free.",
        source="Wu, He 2018 https://arxiv.org/abs/1803.08494",
    ),
    Layer(
        name="Instance normalisation",
        slug="instance-norm",
        section="norms",
        tasks=("normalise-images",),
        shaping="images whose contrast does not matter: style",
        inputs=IMAGES,
        output="(N, C, H, W)",
        parameters="2 * C",
        torch="nn.InstanceNorm2d(C, affine=True)",
        keras="layers.GroupNormalization(-1, epsilon=1e-5)",
        reference="layers/group_norm.instance_norm",
        arguments="weight, bias",
        when="Style transfer and image to image.",
        when_not="Classification: contrast is information.",
        source="Ulyanov et al. 2016 https://arxiv.org/abs/1607.08022",
    ),
    Layer(
        name="Weight normalisation",
        slug="weight-norm",
        section="norms",
        tasks=("normalise-weights",),
        shaping="weights whose length and direction are to be trained apart",
        inputs="float (N, C)",
        output="(N, K)",
        parameters="C * K + 2 * K",
        macs="C * K",
        torch="nn.utils.parametrizations.weight_norm(nn.Linear(C, K))",
        keras="WeightNorm(layers.Dense(K))",
        reference="layers/dense.dense",
        arguments="weight_norm(original1, original0[:, 0]), bias",
        recipe="layers/weight_norm",
        when="Sound and generative models, recurrent nets: no batch is needed.",
        when_not="Classifiers of images: batch normalisation trains better.",
        source="Salimans, Kingma 2016 https://arxiv.org/abs/1602.07868",
    ),
    Layer(
        name="Spectral normalisation",
        slug="spectral-norm",
        section="norms",
        tasks=("normalise-weights",),
        shaping="weights that must not stretch anything: a discriminator",
        inputs="float (N, C)",
        output="(N, K)",
        parameters="C * K + K",
        macs="C * K",
        torch="nn.utils.parametrizations.spectral_norm(nn.Linear(C, K), "
        "n_power_iterations=50)",
        keras="layers.SpectralNormalization(layers.Dense(K), power_iterations=50)",
        reference="layers/dense.dense",
        arguments="spectral_norm(original), bias",
        when="The discriminator of a GAN; one iteration per step will do.",
        when_not="Layers that must stretch: it takes away the scale.",
        trap=("keras_spectral_norm_starts_with_training",),
        source="Miyato et al. 2018 https://arxiv.org/abs/1802.05957",
    ),
    Layer(
        name="Dropout",
        slug="dropout",
        tasks=("regularise",),
        shaping="a dense layer that learns by heart",
        inputs="float (N, D)",
        output="(N, D)",
        torch="nn.Dropout(0.3)",
        keras="layers.Dropout(0.3)",
        reference="layers/dropout.dropout",
        arguments="kept, rate=0.3",
        when="Large dense layers, transformers; off at inference.",
        when_not="Before batch normalisation, or in small convolutional nets.",
        trap=("dropout_in_inference",),
        source="Srivastava et al. 2014 https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    Layer(
        name="Spatial dropout",
        slug="spatial-dropout",
        section="dropout",
        tasks=("regularise",),
        shaping="a convolution that learns by heart",
        inputs=IMAGES,
        output="(N, C, H, W)",
        torch="nn.Dropout2d(0.3)",
        keras="layers.SpatialDropout2D(0.3)",
        reference="layers/dropout.spatial_dropout",
        arguments="kept, rate=0.3",
        when="Maps, whose neighbours give a dropped pixel away.",
        when_not="Few channels.",
        source="Tompson et al. 2014 https://arxiv.org/abs/1411.4280",
    ),
    Layer(
        name="Alpha dropout",
        slug="alpha-dropout",
        section="dropout",
        tasks=("regularise",),
        shaping="a dense net with SELU",
        inputs="float (N, D)",
        output="(N, D)",
        torch="nn.AlphaDropout(0.3)",
        keras="layers.AlphaDropout(0.3)",
        reference="layers/dropout.alpha_dropout",
        arguments="kept, rate=0.3",
        when="With SELU and LeCun's initialiser: mean and variance stay.",
        when_not="Any other activation.",
        source="Klambauer et al. 2017 https://arxiv.org/abs/1706.02515",
    ),
    Layer(
        name="LSTM",
        slug="lstm",
        section="recurrent",
        tasks=("sequences",),
        shaping="a sequence, read step by step with a memory",
        inputs=STEPS,
        output="(N, T, K)",
        parameters="4 * K * (C + K) + 8 * K",
        keras_parameters="4 * K * (C + K) + 4 * K",
        macs="T * 4 * K * (C + K)",
        torch="nn.LSTM(C, K, batch_first=True)",
        keras="layers.LSTM(K, return_sequences=True)",
        reference="layers/lstm.lstm",
        arguments="weight_ih_l0, weight_hh_l0, bias_ih_l0 + bias_hh_l0",
        when="Small data, streams, devices that see one step at a time.",
        when_not="Long text with much data: transformers.",
        trap=("lstm_without_a_forget_bias", "the_last_step_is_padding"),
        source="Hochreiter, Schmidhuber 1997 https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    Layer(
        name="GRU",
        slug="gru",
        section="recurrent",
        tasks=("sequences",),
        shaping="a sequence, read step by step with three quarters of an LSTM",
        inputs=STEPS,
        output="(N, T, K)",
        parameters="3 * K * (C + K) + 6 * K",
        macs="T * 3 * K * (C + K)",
        torch="nn.GRU(C, K, batch_first=True)",
        keras="layers.GRU(K, return_sequences=True)",
        reference="layers/gru.gru",
        arguments="weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0",
        when="As an LSTM, with fewer weights.",
        when_not="Counting over long stretches: an LSTM can.",
        trap=("gru_gates_in_the_wrong_order", "gru_resets_before_or_after"),
        source="Cho et al. 2014 https://arxiv.org/abs/1406.1078",
    ),
    Layer(
        name="Simple recurrent layer",
        slug="rnn",
        section="recurrent",
        tasks=("sequences",),
        shaping="a short sequence, to see how recurrence works",
        inputs=STEPS,
        output="(N, T, K)",
        parameters="K * (C + K) + 2 * K",
        keras_parameters="K * (C + K) + K",
        macs="T * K * (C + K)",
        torch="nn.RNN(C, K, batch_first=True)",
        keras="layers.SimpleRNN(K, return_sequences=True)",
        reference="layers/rnn.rnn",
        arguments="weight_ih_l0, weight_hh_l0, bias_ih_l0 + bias_hh_l0",
        when="Teaching, and a handful of steps.",
        when_not="More than some ten steps: gradients vanish.",
        source="Elman 1990 https://doi.org/10.1207/s15516709cog1402_1",
    ),
    Layer(
        name="Bidirectional layer",
        slug="bidirectional",
        section="recurrent",
        tasks=("sequences",),
        shaping="a whole sequence, of which the end explains the beginning",
        inputs=STEPS,
        output="(N, T, 2 * K)",
        parameters="2 * (4 * K * (C + K) + 8 * K)",
        keras_parameters="2 * (4 * K * (C + K) + 4 * K)",
        macs="2 * T * 4 * K * (C + K)",
        torch="nn.LSTM(C, K, batch_first=True, bidirectional=True)",
        keras="layers.Bidirectional(layers.LSTM(K, return_sequences=True))",
        reference="layers/bidirectional.bidirectional",
        arguments="lambda x: lstm(x, weight_ih_l0, weight_hh_l0, "
        "bias_ih_l0 + bias_hh_l0), "
        "lambda x: lstm(x, weight_ih_l0_reverse, weight_hh_l0_reverse, "
        "bias_ih_l0_reverse + bias_hh_l0_reverse)",
        when="Tagging and classifying whole sentences.",
        when_not="Forecasts and streams: the future is not there.",
        trap=("last_step_of_a_bidirectional_layer",),
        source="Schuster, Paliwal 1997 https://doi.org/10.1109/78.650093",
    ),
    Layer(
        name="Attention with a mask",
        slug="attention",
        tasks=("context",),
        shaping="a set or sequence; what matters depends on what is asked",
        inputs="float (N, T, D)",
        given=(("keep", "int64 (N, T, T), 0 or 1"),),
        output="(N, T, D)",
        macs="2 * T * T * D",
        torch="masked_attention(x, x, x, keep=keep == 1)",
        keras="masked_attention(x, x, x, keep=keep == 1)",
        reference="layers/masked_attention.masked_attention",
        arguments="x, x, keep=keep == 1",
        recipe="layers/masked_attention",
        when="Building a block by hand; padding may fill a whole row.",
        when_not="Sequences of many thousands: the work grows with the square.",
        trap=("a_row_that_is_masked_whole", "a_mask_of_padding_without_an_axis"),
        source="Vaswani et al. 2017 https://arxiv.org/abs/1706.03762",
    ),
    Layer(
        name="Multi-head attention",
        slug="multi-head-attention",
        section="attention",
        tasks=("context",),
        shaping="tokens that look at each other in several ways at once",
        inputs="float (N, T, D)",
        output="(N, T, D)",
        parameters="4 * D * D + 4 * D",
        macs="4 * T * D * D + 2 * T * T * D",
        torch="nn.MultiheadAttention(D, 2, batch_first=True)",
        keras="layers.MultiHeadAttention(2, D // 2)",
        reference="layers/multi_head_attention.multi_head_attention",
        arguments="x, x, in_proj_weight, in_proj_bias, w['out_proj.weight'], "
        "w['out_proj.bias'], heads=2",
        when="Transformers.",
        when_not="Order matters and no position is added.",
        trap=("mask_polarity", "attention_over_the_wrong_axis"),
        source="Vaswani et al. 2017 https://arxiv.org/abs/1706.03762",
    ),
)

INITIALISERS: tuple[Initialiser, ...] = (
    Initialiser(
        name="Glorot uniform",
        torch="nn.init.xavier_uniform_(torch.empty(300, 400))",
        keras="keras.initializers.GlorotUniform(0)((400, 300))",
        torch_std="(2 / (fan_in + fan_out)) ** 0.5",
        keras_std="(2 / (fan_in + fan_out)) ** 0.5",
        torch_bound="(6 / (fan_in + fan_out)) ** 0.5",
        keras_bound="(6 / (fan_in + fan_out)) ** 0.5",
        note="The same.",
    ),
    Initialiser(
        name="Glorot normal",
        torch="nn.init.xavier_normal_(torch.empty(300, 400))",
        keras="keras.initializers.GlorotNormal(0)((400, 300))",
        torch_std="(2 / (fan_in + fan_out)) ** 0.5",
        keras_std="(2 / (fan_in + fan_out)) ** 0.5",
        torch_bound="inf",
        keras_bound="2 / 0.8796 * (2 / (fan_in + fan_out)) ** 0.5",
        note="Keras cuts at two deviations and widens by 1 / 0.8796.",
    ),
    Initialiser(
        name="He uniform",
        torch="nn.init.kaiming_uniform_(torch.empty(300, 400), nonlinearity='relu')",
        keras="keras.initializers.HeUniform(0)((400, 300))",
        torch_std="(2 / fan_in) ** 0.5",
        keras_std="(2 / fan_in) ** 0.5",
        torch_bound="(6 / fan_in) ** 0.5",
        keras_bound="(6 / fan_in) ** 0.5",
        note="The same.",
    ),
    Initialiser(
        name="He normal",
        torch="nn.init.kaiming_normal_(torch.empty(300, 400), nonlinearity='relu')",
        keras="keras.initializers.HeNormal(0)((400, 300))",
        torch_std="(2 / fan_in) ** 0.5",
        keras_std="(2 / fan_in) ** 0.5",
        torch_bound="inf",
        keras_bound="2 / 0.8796 * (2 / fan_in) ** 0.5",
        note="As Glorot: a whole normal against a truncated, rescaled one.",
    ),
    Initialiser(
        name="LeCun uniform",
        torch="nn.init.kaiming_uniform_(torch.empty(300, 400), nonlinearity='linear')",
        keras="keras.initializers.LecunUniform(0)((400, 300))",
        torch_std="(1 / fan_in) ** 0.5",
        keras_std="(1 / fan_in) ** 0.5",
        torch_bound="(3 / fan_in) ** 0.5",
        keras_bound="(3 / fan_in) ** 0.5",
        note="torch has no name of its own for it.",
    ),
    Initialiser(
        name="LeCun normal",
        torch="nn.init.kaiming_normal_(torch.empty(300, 400), nonlinearity='linear')",
        keras="keras.initializers.LecunNormal(0)((400, 300))",
        torch_std="(1 / fan_in) ** 0.5",
        keras_std="(1 / fan_in) ** 0.5",
        torch_bound="inf",
        keras_bound="2 / 0.8796 * (1 / fan_in) ** 0.5",
        note="As He normal.",
    ),
    Initialiser(
        name="Truncated normal of 0.05",
        torch="nn.init.trunc_normal_(torch.empty(300, 400), std=0.05)",
        keras="keras.initializers.TruncatedNormal(stddev=0.05, seed=0)((400, 300))",
        torch_std="0.05",
        keras_std="0.8796 * 0.05",
        torch_bound="2",
        keras_bound="2 * 0.05",
        note="torch's bounds are -2 and 2, whatever the deviation; Keras' are two "
        "deviations, and what is left is narrower than asked for.",
    ),
    Initialiser(
        name="Orthogonal",
        torch="nn.init.orthogonal_(torch.empty(300, 400))",
        keras="keras.initializers.Orthogonal(seed=0)((400, 300))",
        torch_std="(1 / fan_in) ** 0.5",
        keras_std="(1 / fan_in) ** 0.5",
        torch_bound="1",
        keras_bound="1",
        note="The same. torch's fails in half precision.",
    ),
    Initialiser(
        name="Default of a dense layer",
        torch="nn.Linear(400, 300).weight",
        keras="built(layers.Dense(300), (1, 400)).kernel",
        torch_std="(1 / 3 / fan_in) ** 0.5",
        keras_std="(2 / (fan_in + fan_out)) ** 0.5",
        torch_bound="(1 / fan_in) ** 0.5",
        keras_bound="(6 / (fan_in + fan_out)) ** 0.5",
        note="U(-1/sqrt(fan_in), 1/sqrt(fan_in)) against Glorot uniform.",
    ),
    Initialiser(
        name="Default of its bias",
        torch="nn.Linear(400, 100_000).bias",
        keras="built(layers.Dense(100_000), (1, 4)).bias",
        torch_std="(1 / 3 / fan_in) ** 0.5",
        keras_std="0",
        torch_bound="(1 / fan_in) ** 0.5",
        keras_bound="0",
        note="As the weights in torch, zeros in Keras.",
    ),
    Initialiser(
        name="Default of a convolution",
        torch="nn.Conv2d(16, 300, 5).weight",
        keras="built(layers.Conv2D(300, 5), (1, 9, 9, 16)).kernel",
        torch_std="(1 / 3 / 400) ** 0.5",
        keras_std="(2 / (400 + 7500)) ** 0.5",
        torch_bound="(1 / 400) ** 0.5",
        keras_bound="(6 / (400 + 7500)) ** 0.5",
        note="A fan counts channels times places: 400 in, 7500 out.",
    ),
    Initialiser(
        name="Default of a depthwise convolution",
        torch="nn.Conv2d(10_000, 10_000, 3, groups=10_000).weight",
        keras="built(layers.DepthwiseConv2D(3), (1, 9, 9, 10_000)).kernel",
        torch_std="(1 / 3 / 9) ** 0.5",
        keras_std="(2 / (90_000 + 9)) ** 0.5",
        torch_bound="(1 / 9) ** 0.5",
        keras_bound="(6 / (90_000 + 9)) ** 0.5",
        note="An output has 9 inputs; Keras counts all channels: with 10,000 of them "
        "its weights are 41 times smaller.",
    ),
    Initialiser(
        name="Default of an embedding",
        torch="nn.Embedding(400, 300).weight",
        keras="built(layers.Embedding(400, 300), (1, 1)).embeddings",
        torch_std="1",
        keras_std="(0.1**2 / 12) ** 0.5",
        torch_bound="inf",
        keras_bound="0.05",
        note="N(0, 1) against U(-0.05, 0.05): 35 times larger.",
    ),
)

# The same image with channels first.
FIRST = "first = torch.tensor(x).permute(0, 3, 1, 2)"
IMAGE = (
    f"x = np.random.default_rng(0).normal(size=(1, 8, 8, 1)).astype('float32')\n{FIRST}"
)

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        convention="3 x 3 at stride 2, even size",
        inputs=f"{IMAGE}\nones = np.ones((3, 3, 1, 1), 'float32')",
        torch="F.conv2d(first, torch.ones(1, 1, 3, 3), stride=2, padding=1)"
        "[0, 0, 0, 0]",
        keras="ops.conv(x, ones, strides=2, padding='same')[0, 0, 0, 0]",
        same="same_conv(first, torch.ones(1, 1, 3, 3), stride=2)[0, 0, 0, 0]",
        note="One zero on either side; or none before and one behind.",
    ),
    Difference(
        convention="max pooling at stride 2, even size",
        inputs=f"x = np.arange(64.0).reshape(1, 8, 8, 1).astype('float32')\n{FIRST}",
        torch="F.max_pool2d(first, 3, 2, padding=1)[0, 0, 0, 0]",
        keras="ops.max_pool(x, 3, strides=2, padding='same')[0, 0, 0, 0]",
        same="same_max_pool(first, 3, stride=2)[0, 0, 0, 0]",
        note="The same shift.",
    ),
    Difference(
        convention="average pooling at the edge",
        inputs=f"x = np.ones((1, 8, 8, 1), 'float32')\n{FIRST}",
        torch="F.avg_pool2d(first, 3, 1, padding=1)[0, 0, 0, 0]",
        keras="layers.AveragePooling2D(3, 1, padding='same')(x)[0, 0, 0, 0]",
        same="same_average_pool(first, 3, stride=1)[0, 0, 0, 0]",
        note="Zeros outside count in torch: `count_include_pad`.",
    ),
    Difference(
        convention="transposed convolution, twice as large",
        inputs=f"x = np.ones((1, 4, 4, 1), 'float32')\n{FIRST}\n"
        "ones = np.ones((3, 3, 1, 1), 'float32')",
        torch="F.conv_transpose2d(first, torch.ones(1, 1, 3, 3), stride=2, "
        "padding=1, output_padding=1)[0, 0, 0, 1]",
        keras="ops.conv_transpose(x, ones, strides=2, padding='same')[0, 0, 1, 0]",
        same="same_conv_transpose(first, torch.ones(1, 1, 3, 3), stride=2)[0, 0, 0, 1]",
        note="Cropped before, or behind: one pixel off.",
    ),
    Difference(
        convention="nearest pixel, 8 to 5",
        inputs=f"x = np.arange(8.0).reshape(1, 1, 8, 1).astype('float32')\n{FIRST}",
        torch="F.interpolate(first, (1, 5), mode='nearest').sum()",
        keras="ops.sum(ops.image.resize(x, (1, 5), 'nearest'))",
        same="resize(first, (1, 5), method='nearest').sum()",
        note="The left edge of a new pixel, or its middle (`nearest-exact`).",
    ),
    Difference(
        convention="bicubic, 2 to 4",
        inputs=f"x = np.array([0, 0, 1, 1], 'float32').reshape(1, 1, 4, 1)\n{FIRST}",
        torch="F.interpolate(first, (1, 8), mode='bicubic').max()",
        keras="ops.max(ops.image.resize(x, (1, 8), 'bicubic'))",
        same="resize(first, (1, 8), method='bicubic').max()",
        note="a = -0.75 against -0.5, and another edge.",
    ),
    Difference(
        convention="batch norm: running mean",
        inputs="x = np.full((4, 1), 10.0, 'float32')",
        torch="trained(nn.BatchNorm1d(1), torch.tensor(x)).running_mean",
        keras="trained(layers.BatchNormalization(), x).moving_mean[0]",
        same="trained(keras.layers.BatchNormalization(momentum=0.9), x).moving_mean[0]",
        note="The new batch weighs 0.1, or 0.01: momentum 0.99 keeps the old.",
    ),
    Difference(
        convention="batch norm: running variance, n = 2",
        inputs="x = np.array([[0.0], [4.0]], 'float32')",
        torch="trained(nn.BatchNorm1d(1), torch.tensor(x)).running_var",
        keras="trained(layers.BatchNormalization(momentum=0.9), x).moving_variance[0]",
        same="trained(BatchNorm(1, unbiased=False), torch.tensor(x)).running_var",
        note="Divided by n - 1, or by n. No argument maps it.",
    ),
    Difference(
        convention="layer norm of small numbers",
        inputs="x = np.array([[0.01, -0.01]], 'float32')",
        torch="nn.LayerNorm(2)(torch.tensor(x))[0, 0]",
        keras="layers.LayerNormalization()(x)[0, 0]",
        same="keras.layers.LayerNormalization(epsilon=1e-5)(x)[0, 0]",
        note="epsilon 1e-5 against 1e-3.",
    ),
    Difference(
        convention="RMS norm of small numbers",
        inputs="x = np.array([[0.001, -0.001]], 'float32')",
        torch="nn.RMSNorm(2)(torch.tensor(x))[0, 0]",
        keras="layers.RMSNormalization()(x)[0, 0]",
        same="nn.RMSNorm(2, eps=1e-6)(torch.tensor(x))[0, 0]",
        note="epsilon: the dtype's spacing, 1.2e-7, against 1e-6.",
    ),
    Difference(
        convention="LSTM: bias of the forget gate",
        inputs="torch.manual_seed(0)",
        torch="nn.LSTM(3, 500).bias_hh_l0[500:1000].mean().round(decimals=1).abs()",
        keras="built(layers.LSTM(500), (1, 1, 3)).cell.bias[500]",
        same="built(keras.layers.LSTM(500, unit_forget_bias=False), (1, 1, 3))"
        ".cell.bias[500]",
        note="Two random biases around 0, or one that starts at 1.",
    ),
    Difference(
        convention="boolean mask of multi-head attention",
        inputs="x = np.array([[[1.0], [3.0]]], 'float32')\n"
        "mask = np.array([[True, False], [True, False]])",
        torch="identity(nn.MultiheadAttention(1, 1, batch_first=True))"
        "(*3 * [torch.tensor(x)], attn_mask=torch.tensor(mask))[0][0, 0, 0]",
        keras="identity(layers.MultiHeadAttention(1, 1), x)"
        "(x, x, attention_mask=mask[None])[0, 0, 0]",
        same="identity(nn.MultiheadAttention(1, 1, batch_first=True))"
        "(*3 * [torch.tensor(x)], attn_mask=torch.tensor(~mask))[0][0, 0, 0]",
        note="True is ignored in torch's layer; True is attended to in Keras, and in "
        "torch's own function.",
    ),
    Difference(
        convention="attention: a row masked whole",
        inputs="x = np.array([[[1.0], [3.0]]], 'float32')\n"
        "mask = np.array([[False, False], [True, True]])",
        torch="F.scaled_dot_product_attention(*3 * [torch.tensor(x)], "
        "attn_mask=torch.tensor(mask))[0, 0, 0]",
        keras="identity(layers.MultiHeadAttention(1, 1), x)"
        "(x, x, attention_mask=mask[None])[0, 0, 0]",
        same="torch.tensor(x).mean()",
        note="0 (NaN in torch's layer), or the mean of all values.",
    ),
    Difference(
        convention="flatten: third value of a 2 x 2 RGB image",
        inputs=f"x = np.arange(12.0).reshape(1, 2, 2, 3)\n{FIRST}",
        torch="nn.Flatten()(first)[0, 2]",
        keras="layers.Flatten()(x)[0, 2]",
        same="nn.Flatten()(torch.tensor(x))[0, 2]",
        note="All of a channel first, or all channels of a pixel first.",
    ),
)
