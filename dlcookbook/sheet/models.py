"""Models: which network, how large, how much work, for which data."""

from dataclasses import dataclass

__all__ = ["ROWS", "Model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One network, at one size.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the models page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    building : str
        What goes in and comes out, in plain words.
    data : str
        How much data it wants, from random weights.
    inputs : str
        Dtype and shape of one batch, in torch's layout; Keras puts channels last.
    output : str
        Shape of what comes out for it.
    parameters : str
        Trainable numbers, as counted in both wings.
    multiply_adds : str
        Of convolutions and matrix products for one example of that input.
    torch, keras : str
        The builder's call, as code.
    recipe : str
        The file of dlcookbook.
    peer : str
        Whose weights were loaded into it, or who counted the same parameters.
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
    building: str
    data: str
    inputs: str
    output: str
    parameters: str
    multiply_adds: str
    torch: str
    keras: str
    recipe: str
    peer: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS = (
    Model(
        name="Multilayer perceptron",
        slug="mlp",
        tasks=("table", "vectors"),
        building="a row of numbers to a class",
        data="hundreds of rows",
        inputs="float (N, 784)",
        output="(N, 10)",
        parameters="568,330",
        multiply_adds="566,528",
        torch="mlp(784, 10)",
        keras="mlp(784, 10)",
        recipe="models/mlp",
        when="The columns have no order that means something.",
        when_not="Images and text: it learns every position anew. Small tables: "
        "compare with gradient-boosted trees first.",
        trap=("forgetting_eval", "keras_counts_the_statistics"),
        source="Rumelhart et al. 1986 https://doi.org/10.1038/323533a0",
    ),
    Model(
        name="Perceptron",
        slug="perceptron",
        section="mlp",
        tasks=("baseline",),
        building="anything, as the least that must be beaten",
        data="tens of rows",
        inputs="float (N, 784)",
        output="(N, 10)",
        parameters="7,850",
        multiply_adds="7,840",
        torch="perceptron(784, 10)",
        keras="perceptron(784, 10)",
        recipe="models/mlp",
        when="First, always: a model that it beats is not worth its cost.",
        when_not="The border between the classes is not straight.",
        source="Rosenblatt 1958 https://doi.org/10.1037/h0042519",
    ),
    Model(
        name="LeNet-5",
        slug="lenet",
        tasks=("digits",),
        building="a digit of 28 or 32 pixels to its value",
        data="thousands of images",
        inputs="float (N, 1, 32, 32)",
        output="(N, 10)",
        parameters="61,706",
        multiply_adds="416,520",
        torch="lenet5()",
        keras="lenet5()",
        recipe="models/lenet",
        when="To learn from, to test a pipeline in seconds.",
        when_not="Anything in colour: a network with ReLU and BatchNorm learns faster.",
        trap=("flatten_of_another_order",),
        source="LeCun et al. 1998 https://doi.org/10.1109/5.726791",
    ),
    Model(
        name="CIFAR CNN",
        slug="cifar-cnn",
        tasks=("small-images",),
        building="an image of 32 pixels to a class, in minutes on a CPU",
        data="ten thousand images",
        inputs="float (N, 3, 32, 32)",
        output="(N, 10)",
        parameters="122,570",
        multiply_adds="4,548,608",
        torch="cifar_cnn()",
        keras="cifar_cnn()",
        recipe="models/cifar_cnn",
        when="A first network for small images, without BatchNorm to explain.",
        when_not="The last points count: a small ResNet. Images of another size: its "
        "linear layer is made for one.",
        source="Krizhevsky 2009 https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf",
    ),
    Model(
        name="VGG, small",
        slug="vgg",
        tasks=("small-images",),
        building="a small image of any size to a class",
        data="ten thousand images",
        inputs="float (N, 3, 32, 32)",
        output="(N, 10)",
        parameters="1,148,874",
        multiply_adds="152,766,976",
        torch="vgg_small()",
        keras="vgg_small()",
        recipe="models/vgg",
        when="Plain, quick to change, any size of image; features for a style loss.",
        when_not="More than about ten layers: without sums, depth stops helping.",
        source="Simonyan and Zisserman 2014 https://arxiv.org/abs/1409.1556",
    ),
    Model(
        name="ResNet-18 for small images",
        slug="resnet-small",
        section="resnet",
        tasks=("small-images-best",),
        building="an image of about 32 pixels to a class, as well as can be",
        data="fifty thousand images",
        inputs="float (N, 3, 32, 32)",
        output="(N, 10)",
        parameters="11,173,962",
        multiply_adds="555,422,720",
        torch="resnet18(10, small_images=True)",
        keras="resnet18(10, small_images=True)",
        recipe="models/resnet",
        when="CIFAR-sized images and a GPU.",
        when_not="A CPU alone: it costs a hundred times the CIFAR CNN.",
        trap=("resnet_on_small_images",),
        source="He et al. 2015 https://arxiv.org/abs/1512.03385",
    ),
    Model(
        name="ResNet-50",
        slug="resnet",
        tasks=("photos", "fine-tuning", "backbone"),
        building="a photo to a class",
        data="a million photos; a thousand with weights that others trained",
        inputs="float (N, 3, 224, 224)",
        output="(N, 1000)",
        parameters="25,557,032",
        multiply_adds="4,089,184,256",
        torch="resnet50()",
        keras="resnet50()",
        recipe="models/resnet",
        peer="keras.applications, transformers",
        when="The default: weights everywhere, quick on every machine, the backbone of "
        "detectors and segmenters.",
        when_not="Multiply-adds or memory are short: EfficientNet.",
        trap=("resnet_v1_for_v15", "batch_norm_of_one"),
        source="He et al. 2015 https://arxiv.org/abs/1512.03385",
    ),
    Model(
        name="ResNet-34",
        slug="resnet-34",
        section="resnet",
        tasks=("photos",),
        building="a photo to a class",
        data="hundreds of thousands of photos",
        inputs="float (N, 3, 224, 224)",
        output="(N, 1000)",
        parameters="21,797,672",
        multiply_adds="3,663,761,408",
        torch="resnet34()",
        keras="resnet34()",
        recipe="models/resnet",
        peer="transformers",
        when="Between the two; maps of few channels, good for a U-Net's way down.",
        when_not="As costly as ResNet-50 and less exact.",
        source="He et al. 2015 https://arxiv.org/abs/1512.03385",
    ),
    Model(
        name="ResNet-18",
        slug="resnet-18",
        section="resnet",
        tasks=("photos", "fine-tuning"),
        building="a photo to a class",
        data="a hundred thousand photos",
        inputs="float (N, 3, 224, 224)",
        output="(N, 1000)",
        parameters="11,689,512",
        multiply_adds="1,814,073,344",
        torch="resnet18()",
        keras="resnet18()",
        recipe="models/resnet",
        peer="transformers",
        when="Experiments: half the cost of ResNet-34, most of what it knows.",
        when_not="The last points of accuracy count.",
        source="He et al. 2015 https://arxiv.org/abs/1512.03385",
    ),
    Model(
        name="EfficientNet-B0",
        slug="efficientnet",
        tasks=("few-multiply-adds", "photos"),
        building="a photo to a class, with few multiply-adds",
        data="a million photos; a thousand with weights that others trained",
        inputs="float (N, 3, 224, 224)",
        output="(N, 1000)",
        parameters="5,288,548",
        multiply_adds="385,814,752",
        torch="efficientnet('b0')",
        keras="efficientnet('b0')",
        recipe="models/efficientnet",
        peer="keras.applications, transformers",
        when="A tenth of ResNet-50's multiply-adds and a fifth of its parameters.",
        when_not="Speed on a GPU: depthwise convolutions wait for memory. Short "
        "training: it needs more epochs.",
        trap=("efficientnet_scales_itself", "drop_path_of_numbers"),
        source="Tan and Le 2019 https://arxiv.org/abs/1905.11946",
    ),
    Model(
        name="U-Net",
        slug="unet",
        tasks=("pixels", "masks"),
        building="an image to a class for every pixel",
        data="tens of images with crops and flips",
        inputs="float (N, 3, 256, 256)",
        output="(N, 2, 256, 256)",
        parameters="31,037,698",
        multiply_adds="48,171,581,440",
        torch="unet(2)",
        keras="unet(2)",
        recipe="models/unet",
        when="Few images and exact borders: medicine, microscopes, satellites.",
        when_not="Many classes of everyday scenes: a backbone with trained weights and "
        "ASPP.",
        trap=("concat_of_odd_sizes",),
        source="Ronneberger et al. 2015 https://arxiv.org/abs/1505.04597",
    ),
    Model(
        name="U-Net, small",
        slug="unet-small",
        section="unet",
        tasks=("pixels",),
        building="an image to a class for every pixel",
        data="tens of images with crops and flips",
        inputs="float (N, 3, 256, 256)",
        output="(N, 2, 256, 256)",
        parameters="482,754",
        multiply_adds="2,320,498,688",
        torch="unet(2, widths=(16, 32, 64, 128))",
        keras="unet(2, widths=(16, 32, 64, 128))",
        recipe="models/unet",
        when="First: a twentieth of the work, often as good on small data.",
        when_not="It underfits: training and validation both stay bad.",
        source="Ronneberger et al. 2015 https://arxiv.org/abs/1505.04597",
    ),
    Model(
        name="Denoising autoencoder",
        slug="autoencoder",
        tasks=("denoising", "compression"),
        building="a noisy image to a clean one",
        data="thousands of clean images; the noise is yours",
        inputs="float (N, 1, 28, 28)",
        output="(N, 1, 28, 28)",
        parameters="56,081",
        multiply_adds="5,701,248",
        torch="denoising_autoencoder()",
        keras="denoising_autoencoder()",
        recipe="models/autoencoder",
        when="Clean examples are at hand and the noise can be imitated; the narrow "
        "middle is a code for search.",
        when_not="New images are wanted: it has no distribution to draw from.",
        source="Vincent et al. 2008 https://doi.org/10.1145/1390156.1390294",
    ),
    Model(
        name="Single-shot detector head",
        slug="ssd-head",
        tasks=("boxes",),
        building="maps of a backbone to boxes around objects",
        data="thousands of boxes and a trained backbone",
        inputs="float (N, 512, 28, 28), (N, 1024, 14, 14), (N, 2048, 7, 7)",
        output="(N, 4606, 21), (N, 4606, 4)",
        parameters="4,608,400",
        multiply_adds="767,692,800",
        torch="ssd_head((512, 1024, 2048), 21)",
        keras="ssd_head((512, 1024, 2048), 21)",
        recipe="models/ssd_head",
        when="To see how a detector is put together, on the maps of a ResNet-50.",
        when_not="A product: take a trained detector.",
        trap=("anchors_mixed_up",),
        source="Liu et al. 2015 https://arxiv.org/abs/1512.02325",
    ),
    Model(
        name="LSTM text classifier",
        slug="text-classifier",
        tasks=("text", "sequence-to-class"),
        building="a text to a class, with few examples and no trained weights",
        data="a thousand texts",
        inputs="int64 (N, 100), 0 to 9999",
        output="(N, 2)",
        parameters="673,154",
        multiply_adds="3,276,928",
        torch="lstm_classifier(10_000, 2)",
        keras="lstm_classifier(10_000, 2)",
        recipe="models/text_classifier",
        peer="nn.LSTM on packed sequences",
        when="Small data, small machines, streams: the state is all it carries.",
        when_not="A model that was trained on much text is at hand: it knows the words "
        "already. Long texts: step by step, a GPU waits.",
        source="Hochreiter and Schmidhuber 1997 https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    Model(
        name="GRU text classifier",
        slug="gru",
        section="text-classifier",
        tasks=("text",),
        building="a text to a class, with few examples and no trained weights",
        data="a thousand texts",
        inputs="int64 (N, 100), 0 to 9999",
        output="(N, 2)",
        parameters="665,090",
        multiply_adds="2,457,728",
        torch="gru_classifier(10_000, 2)",
        keras="gru_classifier(10_000, 2)",
        recipe="models/text_classifier",
        peer="nn.GRU on packed sequences",
        when="Three quarters of the LSTM's work, often for the same result.",
        when_not="Something must be counted or kept for long: the LSTM's memory.",
        source="Cho et al. 2014 https://arxiv.org/abs/1406.1078",
    ),
    Model(
        name="Bidirectional LSTM text classifier",
        slug="bidirectional-lstm",
        section="text-classifier",
        tasks=("text",),
        building="a text to a class, with few examples and no trained weights",
        data="a thousand texts",
        inputs="int64 (N, 100), 0 to 9999",
        output="(N, 2)",
        parameters="706,306",
        multiply_adds="6,553,856",
        torch="lstm_classifier(10_000, 2, bidirectional=True)",
        keras="lstm_classifier(10_000, 2, bidirectional=True)",
        recipe="models/text_classifier",
        peer="nn.LSTM on packed sequences",
        when="The whole text is there before the answer is needed.",
        when_not="Answers must come while the text comes in.",
        source="Graves and Schmidhuber 2005 https://doi.org/10.1016/j.neunet.2005.06.042",
    ),
    Model(
        name="Temporal convolution",
        slug="tcn",
        tasks=("forecast", "every-step"),
        building="a sequence to numbers or classes at every step",
        data="a thousand sequences",
        inputs="float (N, 100, 1)",
        output="(N, 100, 1)",
        parameters="21,953",
        multiply_adds="2,166,400",
        torch="tcn(1)",
        keras="tcn(1)",
        recipe="models/tcn",
        when="Forecasts, sensors, sound: all steps at once, a past of known length.",
        when_not="What decides lies further back than the receptive field: more "
        "blocks, or attention.",
        trap=("same_padding_sees_the_future",),
        source="Bai et al. 2018 https://arxiv.org/abs/1803.01271",
    ),
    Model(
        name="Vision transformer, tiny",
        slug="vit",
        tasks=("photos-with-trained-weights", "patches"),
        building="a photo to a class, from weights that others trained",
        data="a thousand photos with such weights; a million and much augmentation "
        "without",
        inputs="float (N, 3, 224, 224)",
        output="(N, 1000)",
        parameters="5,717,416",
        multiply_adds="1,253,683,200",
        torch="vit_tiny()",
        keras="vit_tiny()",
        recipe="models/vit",
        peer="transformers",
        when="Trained weights fit the task, or images and text share one model.",
        when_not="Few photos and no weights: a ResNet knows from the start that "
        "neighbours belong together. Images of another size than the positions.",
        trap=(
            "norm_behind_the_sum",
            "no_norm_behind_the_last_block",
            "initializer_object_for_two_layers",
        ),
        source="Dosovitskiy et al. 2020 https://arxiv.org/abs/2010.11929",
    ),
    Model(
        name="Vision transformer, small",
        slug="vit-small",
        section="vit",
        tasks=("photos-with-trained-weights",),
        building="a photo to a class, from weights that others trained",
        data="a thousand photos with such weights; a million and much augmentation "
        "without",
        inputs="float (N, 3, 224, 224)",
        output="(N, 1000)",
        parameters="22,050,664",
        multiply_adds="4,598,882,304",
        torch="vit_small()",
        keras="vit_small()",
        recipe="models/vit",
        peer="transformers",
        when="The size of a ResNet-50, parameters and work alike.",
        when_not="A first try: tiny costs a quarter.",
        source="Touvron et al. 2020 https://arxiv.org/abs/2012.12877",
    ),
    Model(
        name="Small GPT",
        slug="gpt",
        tasks=("next-token", "text-generation"),
        building="a text to its next token",
        data="a million tokens for letters; billions for sense",
        inputs="int64 (N, 256), 0 to 255",
        output="(N, 256, 256)",
        parameters="858,880",
        multiply_adds="276,824,064",
        torch="gpt(256)",
        keras="gpt(256)",
        recipe="models/gpt",
        peer="transformers",
        when="To learn how a language model works, or a language of your own: notes, "
        "molecules, moves.",
        when_not="A product: take trained weights, and a cache of keys and values, "
        "which is not in here.",
        trap=(
            "attention_without_its_scale",
            "float_mask_is_added",
            "positions_beyond_the_training",
            "targets_that_are_not_shifted",
        ),
        source="Radford et al. 2019 https://github.com/openai/gpt-2",
    ),
)
