"""Attention and transformers: what they are trained for, and with what."""

from dlcookbook.sheet.fields import Setup

__all__ = ["ROWS"]

ROWS: tuple[Setup, ...] = (
    Setup(
        name="Next token",
        slug="language-model",
        tasks=("language-model",),
        solving="the tokens so far, the next one",
        features="float (N, D)",
        torch="nn.Linear(num_features, num_classes, bias=False)",
        keras="layers.Dense(num_classes, use_bias=False)",
        loss=("cross-entropy",),
        metric=("perplexity",),
        optimizer="adamw-transformer",
        start="rate 6e-4 for 100 million weights, betas 0.9 and 0.95, decay 0.1, "
        "gradients clipped to 1; warm-up, then cosine to a tenth",
        when="Texts, code, molecules, moves: anything that is written in order.",
        when_not="A class is wanted and labels are few: fine-tune an encoder.",
        trap=("probabilities_divided_by_a_temperature", "the_token_that_crosses_p"),
        source="Brown et al. 2020 https://arxiv.org/abs/2005.14165",
    ),
    Setup(
        name="A class for a sequence",
        slug="sequence-class",
        tasks=("sequence-class",),
        solving="a sequence, one class",
        features="float (N, D)",
        torch="nn.Sequential(nn.LayerNorm(num_features), nn.Linear(num_features, "
        "num_classes))",
        keras="keras.Sequential([layers.LayerNormalization(), "
        "layers.Dense(num_classes)])",
        loss=("cross-entropy", "label-smoothing"),
        metric=("accuracy", "macro-f1"),
        optimizer="adamw",
        start="rate 3e-3, decay 0.3, warm-up of 10,000 steps; dropout 0.1; the mean of "
        "the real tokens",
        when="A hundred thousand examples, or pre-trained weights.",
        when_not="A few thousand examples and no pre-trained weights.",
        trap=("keras_attention_sees_the_future",),
        source="Dosovitskiy et al. 2020 https://arxiv.org/abs/2010.11929",
    ),
    Setup(
        name="Hidden tokens",
        slug="masked-tokens",
        tasks=("masked-tokens",),
        solving="a text with holes, the tokens in the holes",
        features="float (N, D)",
        torch="nn.Linear(num_features, num_classes)",
        keras="layers.Dense(num_classes)",
        loss=("cross-entropy",),
        metric=("perplexity", "accuracy"),
        optimizer="adamw-transformer",
        start="rate 1e-4, decay 0.01, warm-up of 10,000 steps; 15 % of the tokens, of "
        "them 80 % hidden, 10 % swapped, 10 % left",
        when="An encoder is to be pre-trained on texts without labels.",
        when_not="Text is to be written: next token.",
        source="Devlin et al. 2018 https://arxiv.org/abs/1810.04805",
    ),
    Setup(
        name="A sequence for a sequence",
        slug="seq2seq",
        tasks=("seq2seq",),
        solving="a sequence, another one: translation, summary",
        features="float (N, D)",
        torch="nn.Linear(num_features, num_classes, bias=False)",
        keras="layers.Dense(num_classes, use_bias=False)",
        loss=("label-smoothing",),
        metric=("perplexity", "error-rate"),
        optimizer="adam",
        start="betas 0.9 and 0.98, epsilon 1e-9; 4,000 steps of warm-up, then inverse "
        "square root; dropout 0.1, smoothing 0.1",
        when="Input and output are different things, with many pairs of them.",
        when_not="Few pairs: fine-tune a pre-trained one.",
        trap=("is_causal_with_one_query", "cache_without_its_place"),
        source="Vaswani et al. 2017 https://arxiv.org/abs/1706.03762",
    ),
)
