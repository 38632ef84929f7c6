"""Saving: which file for what comes next, what it holds and what it leaves out."""

from dataclasses import dataclass

__all__ = ["ROWS", "Saving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """One kind of file.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the saving page, its name for `dlcookbook choose`.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    handing : str
        What comes next, in plain words; a row with it is a line of the decision table.
    torch_file, keras_file : str
        What the file is called, with the ending that it needs.
    torch, keras : str
        How it is written, as code. There are `model`, `optimizer` (in Keras the
        model's own), a batch `x` and a `path`.
    torch_load, keras_load : str
        How it is read, as code: it fills the `model` or gives what was `loaded`.
    runs_in : str
        What can run it.
    when, when_not : str
        What speaks for it and against it.
    trap : tuple of str
        Demonstrations in the tests of what goes wrong.
    source : str
        Title and address.
    """

    name: str
    slug: str
    tasks: tuple[str, ...] = ()
    handing: str = ""
    torch_file: str
    keras_file: str
    torch: str
    torch_load: str
    keras: str
    keras_load: str
    runs_in: str
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS: tuple[Saving, ...] = (
    Saving(
        name="Weights",
        slug="weights",
        tasks=("same-code",),
        handing="the same code, which builds the model again",
        torch_file="model.pt",
        keras_file="model.weights.h5",
        torch="torch.save(model.state_dict(), path)",
        torch_load="model.load_state_dict(torch.load(path, weights_only=True))",
        keras="model.save_weights(path)",
        keras_load="model.load_weights(path)",
        runs_in="the framework, with your code",
        when="You have the code. The plainest file; it outlives versions.",
        when_not="Training goes on from it: what the optimizer remembers is not there.",
        trap=(
            "a_state_dict_is_no_copy",
            "strict_false_loads_nothing",
            "keras_weights_go_by_position",
        ),
        source="PyTorch, saving and loading models "
        "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html",
    ),
    Saving(
        name="Checkpoint",
        slug="checkpoint",
        tasks=("go-on",),
        handing="the same training, which goes on later",
        torch_file="checkpoint.pt",
        keras_file="checkpoint.keras",
        torch="torch.save({'model': model.state_dict(), "
        "'optimizer': optimizer.state_dict()}, path)",
        torch_load="found = torch.load(path, weights_only=True); "
        "model.load_state_dict(found['model']); "
        "optimizer.load_state_dict(found['optimizer'])",
        keras="model.save(path)",
        keras_load="loaded = keras.saving.load_model(path)",
        runs_in="the framework; PyTorch needs your code",
        when="The training may stop before its end.",
        when_not="The run must go on bit for bit: random states and the place in the "
        "data are missing here too.",
        trap=("a_new_optimizer_forgets",),
        source="Keras, whole-model saving "
        "https://keras.io/guides/serialization_and_saving/",
    ),
    Saving(
        name="safetensors",
        slug="safetensors",
        tasks=("strangers",),
        handing="people whom you do not know, or from them to you",
        torch_file="model.safetensors",
        keras_file="model.safetensors",
        torch="safetensors.torch.save_model(model, path)",
        torch_load="safetensors.torch.load_model(model, path)",
        keras="safetensors.numpy.save_file("
        "{w.path: keras.ops.convert_to_numpy(w) for w in model.weights}, path)",
        keras_load="found = safetensors.numpy.load_file(path); "
        "[w.assign(found[w.path]) for w in model.weights]",
        runs_in="any framework, with code for the model",
        when="A header of names and shapes, then numbers: nothing in it can run.",
        when_not="Structure or optimizer has to come along. In Keras the keys hold the "
        "names of layers: give them, automatic ones count on.",
        source="safetensors https://huggingface.co/docs/safetensors/index",
    ),
    Saving(
        name="Exported program",
        slug="program",
        tasks=("without-code",),
        handing="a server in Python that does not have your code",
        torch_file="model.pt2",
        keras_file="model",
        torch="torch.export.save(torch.export.export(model, (x,), "
        "dynamic_shapes=({0: torch.export.Dim.DYNAMIC},)), path)",
        torch_load="loaded = torch.export.load(path).module()",
        keras="model.export(path, verbose=False)",
        keras_load="found = tf.saved_model.load(path); loaded = found.serve",
        runs_in="PyTorch, and C++ by AOTInductor; TensorFlow, TensorFlow Serving",
        when="The computation itself is in the file, with the weights.",
        when_not="Somebody wants to change the model: layers are no longer there.",
        trap=("exported_while_training",),
        source="torch.export https://docs.pytorch.org/docs/stable/export.html",
    ),
    Saving(
        name="ONNX",
        slug="onnx",
        tasks=("without-framework",),
        handing="a program without PyTorch and TensorFlow: C++, C#, Java, a browser",
        torch_file="model.onnx",
        keras_file="model.onnx",
        torch="torch.onnx.export(model, (x,), path, dynamo=True, verbose=False, "
        "external_data=False, dynamic_shapes=({0: 'batch'},))",
        torch_load="loaded = onnxruntime.InferenceSession(path)",
        keras="model.export(path, format='onnx', verbose=False)",
        keras_load="loaded = onnxruntime.InferenceSession(path)",
        runs_in="ONNX Runtime, TensorRT, OpenVINO, Core ML by conversion",
        when="One file that many runtimes read, on CPU and GPU.",
        when_not="An operation is missing there; compare the outputs, always.",
        source="PyTorch, torch.onnx https://docs.pytorch.org/docs/stable/onnx.html",
    ),
    Saving(
        name="LiteRT",
        slug="litert",
        tasks=("phone",),
        handing="a phone or a small board",
        torch_file="",
        keras_file="model.tflite",
        torch="",
        torch_load="",
        keras="model.export(path, format='litert', verbose=False)",
        keras_load="loaded = Interpreter(model_path=path)",
        runs_in="LiteRT, once called TensorFlow Lite: Android, iOS, microcontrollers",
        when="A flat file that is read in place, a runtime of a megabyte.",
        when_not="From PyTorch: another package (litert-torch) converts; not run here.",
        source="Google, LiteRT https://ai.google.dev/edge/litert",
    ),
    Saving(
        name="The object itself",
        slug="object",
        torch_file="model.pt",
        keras_file="model.h5",
        torch="torch.save(model, path)",
        torch_load="loaded = torch.load(path, weights_only=False)",
        keras="model.save(path)",
        keras_load="loaded = keras.saving.load_model(path)",
        runs_in="the framework; PyTorch needs your code, at the same place",
        when="Never again. Old files come like this.",
        when_not="A pickle runs what its author wants and breaks when your code moves. "
        "What Keras reads from HDF5 answers, and refuses to train.",
        source="PyTorch, torch.load "
        "https://docs.pytorch.org/docs/stable/generated/torch.load.html",
    ),
)
