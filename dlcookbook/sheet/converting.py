"""Converting weights: the same layer in both frameworks, and what else to set."""

from dataclasses import dataclass

__all__ = ["ROWS", "Converting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Converting:
    """One layer that both frameworks have.

    Attributes
    ----------
    name : str
        What it is called.
    slug : str
        Its address on the page, its name for `dlcookbook choose`.
    section : str
        The section that explains it, where that is another one.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    converting : str
        What is to be moved, in plain words.
    torch, keras : str
        The same layer, as code.
    torch_input, keras_input : str
        Shape of an input, as code.
    when : str
        What is not in the weights, to be set by hand.
    trap : tuple of str
        Demonstrations in the tests of what goes wrong.
    recipe : str
        Name of the recipe.
    source : str
        Title and address.
    """

    name: str
    slug: str
    section: str = ""
    tasks: tuple[str, ...]
    converting: str = ""
    torch: str
    keras: str
    torch_input: str
    keras_input: str
    when: str
    trap: tuple[str, ...] = ()
    recipe: str = "convert/weights"
    source: str


ROWS: tuple[Converting, ...] = (
    Converting(
        name="Images: a whole network",
        slug="network",
        tasks=("network",),
        converting="a whole network for images",
        torch="nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), "
        "nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 5))",
        keras="keras.Sequential([keras.layers.Conv2D(8, 3), "
        "keras.layers.BatchNormalization(epsilon=1e-5), keras.layers.ReLU(), "
        "keras.layers.MaxPooling2D(2), keras.layers.Flatten(), "
        "keras.layers.Dense(5)])",
        torch_input="(2, 3, 8, 8)",
        keras_input="(2, 8, 8, 3)",
        when="What each of its layers needs. The order of what `Flatten` makes is "
        "seen to.",
        trap=("dense_behind_flatten_only_transposed", "parameters_without_statistics"),
        source="Keras, Flatten https://keras.io/api/layers/reshaping_layers/flatten/",
    ),
    Converting(
        name="Text: a whole network",
        slug="text",
        section="network",
        tasks=("network",),
        torch="nn.Sequential(nn.Embedding(50, 6), "
        "Last(nn.GRU(6, 5, batch_first=True)), nn.Linear(5, 3))",
        keras="keras.Sequential([keras.layers.Embedding(50, 6), keras.layers.GRU(5), "
        "keras.layers.Dense(3)])",
        torch_input="(2, 3)",
        keras_input="(2, 3)",
        when="`mask_zero` of Keras, packed sequences of PyTorch: which steps count.",
        source="Keras, GRU https://keras.io/api/layers/recurrent_layers/gru/",
    ),
    Converting(
        name="Linear",
        slug="linear",
        tasks=("linear",),
        converting="a linear layer",
        torch="nn.Linear(6, 4)",
        keras="keras.layers.Dense(4)",
        torch_input="(3, 6)",
        keras_input="(3, 6)",
        when="`activation` of Keras, which is a module of its own in PyTorch.",
        trap=("a_square_kernel_that_is_not_transposed",),
        source="PyTorch, Linear "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html",
    ),
    Converting(
        name="Convolution",
        slug="convolution",
        tasks=("convolution",),
        converting="a convolution",
        torch="nn.Conv2d(3, 6, 3, padding='same')",
        keras="keras.layers.Conv2D(6, 3, padding='same')",
        torch_input="(2, 3, 8, 9)",
        keras_input="(2, 8, 9, 3)",
        when="Stride, dilation and padding: with a stride, `'same'` of Keras is not "
        "`padding=1`.",
        trap=("same_padding_behind_a_conversion",),
        source="Keras, Conv2D https://keras.io/api/layers/convolution_layers/convolution2d/",
    ),
    Converting(
        name="Convolution in groups",
        slug="groups",
        section="convolution",
        tasks=("convolution",),
        torch="nn.Conv1d(4, 6, 3, groups=2)",
        keras="keras.layers.Conv1D(6, 3, groups=2)",
        torch_input="(2, 4, 9)",
        keras_input="(2, 9, 4)",
        when="Stride, dilation and padding.",
        source="Keras, Conv1D https://keras.io/api/layers/convolution_layers/convolution1d/",
    ),
    Converting(
        name="Depthwise convolution",
        slug="depthwise",
        section="convolution",
        tasks=("convolution",),
        torch="nn.Conv2d(4, 8, 3, groups=4)",
        keras="keras.layers.DepthwiseConv2D(3, depth_multiplier=2)",
        torch_input="(2, 4, 8, 9)",
        keras_input="(2, 8, 9, 4)",
        when="Stride, dilation and padding.",
        source="Keras, DepthwiseConv2D "
        "https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/",
    ),
    Converting(
        name="Separable convolution",
        slug="separable",
        section="convolution",
        tasks=("convolution",),
        torch="nn.Sequential(nn.Conv2d(4, 8, 3, groups=4, bias=False), "
        "nn.Conv2d(8, 5, 1))",
        keras="keras.layers.SeparableConv2D(5, 3, depth_multiplier=2)",
        torch_input="(2, 4, 8, 9)",
        keras_input="(2, 8, 9, 4)",
        when="Stride, dilation and padding, all of the first of the two.",
        source="Keras, SeparableConv2D "
        "https://keras.io/api/layers/convolution_layers/separable_convolution2d/",
    ),
    Converting(
        name="Transposed convolution",
        slug="transposed",
        section="convolution",
        tasks=("convolution",),
        torch="nn.ConvTranspose2d(4, 5, 3, stride=2)",
        keras="keras.layers.Conv2DTranspose(5, 3, strides=2)",
        torch_input="(2, 4, 6, 7)",
        keras_input="(2, 6, 7, 4)",
        when="Stride and crop: `'same'` of Keras cuts elsewhere than `padding=1, "
        "output_padding=1`.",
        source="Keras, Conv2DTranspose "
        "https://keras.io/api/layers/convolution_layers/convolution2d_transpose/",
    ),
    Converting(
        name="Batch norm",
        slug="batch-norm",
        section="norm",
        tasks=("norm",),
        converting="a norm",
        torch="nn.BatchNorm2d(6)",
        keras="keras.layers.BatchNormalization(epsilon=1e-5)",
        torch_input="(4, 6, 5, 5)",
        keras_input="(4, 5, 5, 6)",
        when="`epsilon`, 1e-3 in Keras; momentum, which is 1 minus that of PyTorch.",
        trap=("batch_norm_of_another_epsilon",),
        source="Keras, BatchNormalization "
        "https://keras.io/api/layers/normalization_layers/batch_normalization/",
    ),
    Converting(
        name="Layer norm",
        slug="layer-norm",
        section="norm",
        tasks=("norm",),
        torch="nn.LayerNorm(6)",
        keras="keras.layers.LayerNormalization(epsilon=1e-5)",
        torch_input="(3, 4, 6)",
        keras_input="(3, 4, 6)",
        when="`epsilon`, 1e-3 in Keras.",
        source="Keras, LayerNormalization "
        "https://keras.io/api/layers/normalization_layers/layer_normalization/",
    ),
    Converting(
        name="Group norm",
        slug="group-norm",
        section="norm",
        tasks=("norm",),
        torch="nn.GroupNorm(3, 6)",
        keras="keras.layers.GroupNormalization(3, epsilon=1e-5)",
        torch_input="(2, 6, 5, 5)",
        keras_input="(2, 5, 5, 6)",
        when="The number of groups; `epsilon`, 1e-3 in Keras.",
        source="Keras, GroupNormalization "
        "https://keras.io/api/layers/normalization_layers/group_normalization/",
    ),
    Converting(
        name="Instance norm",
        slug="instance-norm",
        section="norm",
        tasks=("norm",),
        torch="nn.InstanceNorm2d(6, affine=True)",
        keras="keras.layers.GroupNormalization(-1, epsilon=1e-5)",
        torch_input="(2, 6, 5, 5)",
        keras_input="(2, 5, 5, 6)",
        when="`epsilon`, 1e-3 in Keras; `affine`, off in PyTorch.",
        source="PyTorch, InstanceNorm2d "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html",
    ),
    Converting(
        name="RMS norm",
        slug="rms-norm",
        section="norm",
        tasks=("norm",),
        torch="nn.RMSNorm(6, eps=1e-6)",
        keras="keras.layers.RMSNormalization()",
        torch_input="(3, 4, 6)",
        keras_input="(3, 4, 6)",
        when="`eps`: 1e-6 in Keras, 1.2e-7 in PyTorch with float32.",
        source="PyTorch, RMSNorm "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html",
    ),
    Converting(
        name="PReLU",
        slug="prelu",
        section="norm",
        tasks=("norm",),
        torch="nn.PReLU(6)",
        keras="keras.layers.PReLU(shared_axes=[1, 2])",
        torch_input="(2, 6, 5, 5)",
        keras_input="(2, 5, 5, 6)",
        when="`shared_axes`: without it Keras has one slope for each place.",
        source="Keras, PReLU https://keras.io/api/layers/activation_layers/prelu/",
    ),
    Converting(
        name="Embedding",
        slug="embedding",
        section="sequence",
        tasks=("sequence",),
        converting="an embedding or a recurrent layer",
        torch="nn.Embedding(50, 6)",
        keras="keras.layers.Embedding(50, 6)",
        torch_input="(2, 3)",
        keras_input="(2, 3)",
        when="`mask_zero` of Keras tells the layers behind it which steps to leave "
        "out; `padding_idx` of PyTorch does not.",
        source="Keras, Embedding https://keras.io/api/layers/core_layers/embedding/",
    ),
    Converting(
        name="LSTM",
        slug="lstm",
        section="sequence",
        tasks=("sequence",),
        torch="nn.LSTM(6, 5, batch_first=True)",
        keras="keras.layers.LSTM(5, return_sequences=True)",
        torch_input="(2, 3, 6)",
        keras_input="(2, 3, 6)",
        when="`batch_first`, `return_sequences`, `mask_zero`.",
        trap=("half_the_bias_of_an_lstm", "two_biases_learn_twice_as_fast"),
        source="PyTorch, LSTM "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html",
    ),
    Converting(
        name="GRU",
        slug="gru",
        section="sequence",
        tasks=("sequence",),
        torch="nn.GRU(6, 5, batch_first=True)",
        keras="keras.layers.GRU(5, return_sequences=True)",
        torch_input="(2, 3, 6)",
        keras_input="(2, 3, 6)",
        when="`reset_after` stays True; `batch_first`, `return_sequences`, "
        "`mask_zero`.",
        trap=("gates_of_a_gru_in_the_other_order", "biases_of_a_gru_added"),
        source="PyTorch, GRU "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html",
    ),
    Converting(
        name="Plain recurrent layer",
        slug="rnn",
        section="sequence",
        tasks=("sequence",),
        torch="nn.RNN(6, 5, batch_first=True)",
        keras="keras.layers.SimpleRNN(5, return_sequences=True)",
        torch_input="(2, 3, 6)",
        keras_input="(2, 3, 6)",
        when="`nonlinearity`, where it is not tanh; `batch_first`, `return_sequences`.",
        source="PyTorch, RNN "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html",
    ),
    Converting(
        name="Both directions",
        slug="bidirectional",
        section="sequence",
        tasks=("sequence",),
        torch="nn.LSTM(6, 5, batch_first=True, bidirectional=True)",
        keras="keras.layers.Bidirectional(keras.layers.LSTM(5, return_sequences=True))",
        torch_input="(2, 3, 6)",
        keras_input="(2, 3, 6)",
        when="Without `return_sequences` Keras gives the last state of each "
        "direction: `torch.cat([*h[-2:]], 1)`.",
        source="Keras, Bidirectional "
        "https://keras.io/api/layers/recurrent_layers/bidirectional/",
    ),
    Converting(
        name="Several layers",
        slug="stacked",
        section="sequence",
        tasks=("sequence",),
        torch="nn.GRU(6, 5, num_layers=2, batch_first=True)",
        keras="keras.Sequential([keras.layers.GRU(5, return_sequences=True), "
        "keras.layers.GRU(5, return_sequences=True)])",
        torch_input="(2, 3, 6)",
        keras_input="(2, 3, 6)",
        when="`dropout` between the layers.",
        source="PyTorch, GRU "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html",
    ),
    Converting(
        name="Attention",
        slug="attention",
        tasks=("attention",),
        converting="an attention",
        torch="nn.MultiheadAttention(6, 2, batch_first=True)",
        keras="keras.layers.MultiHeadAttention(2, 3)",
        torch_input="(2, 3, 6)",
        keras_input="(2, 3, 6)",
        when="The number of heads: into Keras it cannot be checked. Masks: True leaves "
        "out in PyTorch, and keeps in Keras.",
        trap=("another_number_of_heads",),
        source="Keras, MultiHeadAttention "
        "https://keras.io/api/layers/attention_layers/multi_head_attention/",
    ),
)
