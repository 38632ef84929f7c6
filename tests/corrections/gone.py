"""Calls that are written everywhere and are gone. The page prints each body."""

from tests.corrections import Gone, Told


def lr_in_keras():
    import keras

    try:
        keras.optimizers.Adam(lr=0.001)
    except ValueError as error:
        raised = error
    return Gone(raised, "lr")


def decay_in_keras():
    import warnings

    import keras

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        keras.optimizers.SGD(0.1, decay=1e-4)
    return Told(heard, "decay")


def legacy_optimizers():
    import keras

    try:
        keras.optimizers.legacy.Adam(0.001)
    except ImportError as error:
        raised = error
    return Gone(raised, "legacy")


def fit_generator():
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    try:
        model.fit_generator([])
    except AttributeError as error:
        raised = error
    return Gone(raised, "fit_generator")


def predict_classes():
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    try:
        model.predict_classes([[1.0, 2.0]])
    except AttributeError as error:
        raised = error
    return Gone(raised, "predict_classes")


def keras_for_scikit_learn():
    try:
        from keras.wrappers.scikit_learn import KerasClassifier  # noqa: F401
    except ImportError as error:
        raised = error
    return Gone(raised, "scikit_learn")


def tokenizer():
    try:
        from keras.preprocessing.text import Tokenizer  # noqa: F401
    except ImportError as error:
        raised = error
    return Gone(raised, "keras.preprocessing.text")


def image_data_generator():
    try:
        from keras.preprocessing.image import ImageDataGenerator  # noqa: F401
    except ImportError as error:
        raised = error
    return Gone(raised, "ImageDataGenerator")


def imports_of_old_paths():
    try:
        from keras.layers.normalization import BatchNormalization  # noqa: F401
    except ImportError as error:
        raised = error
    return Gone(raised, "keras.layers.normalization")


def keras_backend_arithmetic():
    import keras

    try:
        keras.backend.round(keras.backend.clip([0.2, 0.7], 0, 1))
    except AttributeError as error:
        raised = error
    return Gone(raised, "keras.backend")


def weights_in_any_file():
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    try:
        model.save_weights("best.h5")
    except ValueError as error:
        raised = error
    return Gone(raised, ".weights.h5")


def model_in_an_h5_file():
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.save("model.h5")
    try:
        keras.models.load_model("model.h5")
    except ValueError as error:
        raised = error
    return Gone(raised, "mse")


def names_of_losses():
    import keras

    try:
        keras.losses.get("focal_loss")
    except ValueError as error:
        raised = error
    return Gone(raised, "focal_loss")


def input_shape_of_the_first_layer():
    import warnings

    import keras

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        keras.layers.Dense(8, input_shape=(4,))
    return Told(heard, "input_shape")


def labels_in_a_list():
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    try:
        model.fit(np.zeros((4, 2)), [0, 1, 0, 1], validation_split=0.5)
    except ValueError as error:
        raised = error
    return Gone(raised, "validation_split")


def convolution_without_a_kernel():
    import keras

    try:
        keras.layers.Conv2D(256)
    except TypeError as error:
        raised = error
    return Gone(raised, "kernel_size")


def a_range_as_an_argument():
    try:
        compile("Dropout(0.3\N{EN DASH}0.5)", "sheet", "eval")
    except SyntaxError as error:
        raised = error
    return Gone(raised, "invalid character")


def placeholders_and_sessions():
    import tensorflow as tf

    try:
        tf.placeholder(tf.float32, [None, 4])
    except AttributeError as error:
        raised = error
    return Gone(raised, "placeholder")


def volatile_variables():
    import warnings

    import torch

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        torch.autograd.Variable(torch.ones(1), volatile=True)
    return Told(heard, "volatile")


def size_average():
    import warnings

    from torch import nn

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        nn.MSELoss(size_average=False)
    return Told(heard, "size_average")


def an_item_by_index():
    import torch

    loss = torch.tensor([1.0, 2.0]).mean()
    try:
        loss.data[0]
    except IndexError as error:
        raised = error
    return Gone(raised, "0-dim")


def loading_a_whole_model():
    import torch

    torch.save(torch.nn.Linear(2, 1), "model.pt")
    try:
        torch.load("model.pt")
    except Exception as error:
        raised = error
    return Gone(raised, "Weights only")


def step_with_an_epoch():
    import warnings

    import torch

    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10)
    optimizer.step()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        schedule.step(3)
    return Told(heard, "epoch")


def next_of_an_iterator():
    from torch.utils.data import DataLoader

    try:
        iter(DataLoader([1, 2, 3])).next()
    except AttributeError as error:
        raised = error
    return Gone(raised, "next")


def numpy_float():
    import numpy as np

    try:
        np.zeros(3, dtype=np.float)  # noqa: NPY001
    except AttributeError as error:
        raised = error
    return Gone(raised, "float")


def root_of_the_squared_error():
    from sklearn.metrics import mean_squared_error

    try:
        mean_squared_error([1.0, 2.0], [1.0, 3.0], squared=False)
    except TypeError as error:
        raised = error
    return Gone(raised, "squared")


def compiled_by_script():
    import warnings

    import torch

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        torch.jit.script(torch.nn.ReLU())
    return Told(heard, "deprecated")
