"""Start a recipe in every wing: `make new NAME=losses/foo` writes files to fill in.

What is written fails the tests until its gaps are filled, so nothing is forgotten.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADS = {
    "reference": ("import numpy as np", "logits, targets", ""),
    "torch": ("import torch\nfrom torch import Tensor", "logits, targets", ""),
    "keras": (
        "import keras\nfrom keras import KerasTensor, ops",
        "y_true, y_pred",
        '@keras.saving.register_keras_serializable(package="dlcookbook")\n',
    ),
}
RECIPE = '''"""One line that says what it is for."""

{imports}

__all__ = ["{function}"]


{decorator}def {function}({arguments}):
    r"""One line; formula, parameters, returns, raises, examples, references."""
    raise NotImplementedError
'''
CASES = '''"""Cases of {name}."""

from tests.losses import Case

CASES: list[Case] = []
'''


def main(arguments: list[str]) -> int:
    """Write the files of one new recipe; refuse to touch one that exists."""
    match [a.split("/") for a in arguments]:
        case [[topic, name]] if topic.isidentifier() and name.isidentifier():
            pass
        case _:
            print(f"usage: make new NAME=losses/foo. Received: {' '.join(arguments)}")
            return 2
    function = f"{name}_loss" if topic == "losses" else name
    files = {
        ROOT / "dlcookbook" / wing / topic / f"{name}.py": RECIPE.format(
            imports=imports,
            function=function,
            arguments=parameters,
            decorator=decorator,
        )
        for wing, (imports, parameters, decorator) in HEADS.items()
    }
    files[ROOT / "tests" / topic / f"{name}.py"] = CASES.format(name=f"{topic}/{name}")
    for path in files:
        if path.exists():
            print(f"{path.relative_to(ROOT)} exists already: choose another name")
            return 1
        if not path.parent.is_dir():
            print(f"{path.parent.relative_to(ROOT)}/ is no topic: make it first")
            return 1
    for path, text in files.items():
        path.write_text(text)
        print(path.relative_to(ROOT))
    print("Fill them in after the pattern of losses/focal, then: make test")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
