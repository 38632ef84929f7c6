"""Deployment: from a trained model to answers in use."""

from dataclasses import dataclass

__all__ = ["ROWS", "Way"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to answer.

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
        What is needed, in plain words.
    torch, keras : str
        The call, as code, or nothing. There are a `model` in evaluation mode, a batch
        `x` and a `path`.
    page : str
        Where its lines stand, if that is another page.
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
    torch: str
    keras: str
    page: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS: tuple[Way, ...] = (
    Way(
        name="In Python, batch by batch",
        slug="batches",
        tasks=("batches",),
        solving="answers for a whole file, now and then",
        torch="torch.inference_mode()(model)(x)",
        keras="model.predict_on_batch(x)",
        when="Nobody waits. The plainest way, with the code of the training.",
        when_not="Somebody waits, or the other side has no Python.",
        trap=("preprocessing_left_behind",),
        source="PyTorch, inference mode https://docs.pytorch.org/docs/stable/generated/"
        "torch.autograd.grad_mode.inference_mode.html",
    ),
    Way(
        name="A service",
        slug="service",
        tasks=("service",),
        solving="an answer for each request over the network",
        torch="torch.export.export(model, (x,)).module()(x)",
        keras="model.export(path, verbose=False)",
        page="saving.md#program",
        when="Several programs ask; the model changes without them.",
        when_not="Data may not leave the device.",
        trap=("the_mean_hides_the_slow_ones",),
        source="Keras, export https://keras.io/api/models/model_saving_apis/export/",
    ),
    Way(
        name="ONNX Runtime",
        slug="runtime",
        section="service",
        tasks=("no-python",),
        solving="answers within a program in C++, C#, Java or a browser",
        torch="",
        keras="",
        page="saving.md#onnx",
        when="Neither PyTorch nor TensorFlow shall be installed.",
        when_not="An operation is missing there.",
        source="ONNX Runtime https://onnxruntime.ai/docs/",
    ),
    Way(
        name="On the device",
        slug="device",
        section="service",
        tasks=("device",),
        solving="answers on a phone or a small board",
        torch="",
        keras="",
        page="saving.md#litert",
        when="No network, no delay, or data that must stay.",
        when_not="The model is larger than the memory, also with 8 bits.",
        source="LiteRT https://ai.google.dev/edge/litert",
    ),
    Way(
        name="Half precision",
        slug="half",
        section="smaller",
        tasks=("half",),
        solving="half the memory, on a processor that has the type",
        torch="model.bfloat16()(x.bfloat16())",
        keras="",
        when="A GPU or a newer CPU; large models first of all.",
        when_not="float16 with numbers beyond 65,504; bfloat16 where digits count.",
        trap=("float16_has_an_end",),
        source="PyTorch, AMP https://docs.pytorch.org/docs/stable/amp.html",
    ),
    Way(
        name="Eight bits",
        slug="eight-bits",
        section="smaller",
        tasks=("eight-bits",),
        solving="a quarter of the memory",
        torch="",
        keras="model.quantize('int8')",
        when="Weights of dense layers make up the size.",
        when_not="The score on the test falls: measure it after, not before.",
        trap=("one_scale_for_all_channels",),
        source="Jacob et al. 2017 https://arxiv.org/abs/1712.05877",
    ),
)
