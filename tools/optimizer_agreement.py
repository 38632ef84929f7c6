"""Measure how far the optimizers of the frameworks are apart after 100 steps.

    python -m tools.optimizer_agreement

Writes docs/evidence/optimizers_agreement.json with the versions and a hash of each
source that it depends on: a test fails when one of them has changed since.
"""

import hashlib
import json
import os
import platform
from importlib import metadata
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# imported after TensorFlow it can crash
import torch  # noqa: F401

from tests.optimizers import (
    FOLLOW,
    SHAPES,
    STEPS,
    Case,
    apart,
    follow_keras,
    follow_reference,
    follow_torch,
)
from tests.optimizers.cases import CASES
from tools.places import ROOT

FILE = ROOT / "docs" / "evidence" / "optimizers_agreement.json"
SOURCES = ("dlcookbook/*/optimizers/[!_]*.py", "tests/optimizers/*.py")
RATES = "Keras keeps the rate in float32."

# How each is called by default, and the calls that make the frameworks agree.
ROWS: tuple[dict[str, Any], ...] = (
    {
        "optimizer": "SGD",
        "of": ("sgd.sgd",),
        "defaults": ("torch.optim.SGD(params)", "keras.optimizers.SGD()"),
        "mapped_torch": "torch.optim.SGD(params, lr=0.01)",
        "mapped_keras": "keras.optimizers.SGD(0.01)",
        "cause": f"Another default rate. {RATES}",
    },
    {
        "optimizer": "SGD, momentum, changing rate",
        "of": ("sgd.sgd",),
        "scheduled": True,
        "defaults": (
            "torch.optim.SGD(params, lr=0.03125, momentum=0.9)",
            "keras.optimizers.SGD(0.03125, momentum=0.9)",
        ),
        "mapped_torch": "TwinSGD(params, lr=0.03125, momentum=0.9, convention='keras')",
        "mapped_keras": "keras.optimizers.SGD(0.03125, momentum=0.9)",
        "cause": "Keras' buffer keeps old rates, PyTorch's does not: no argument maps "
        "them, the twin does. Keras keeps the momentum in float32.",
    },
    {
        "optimizer": "SGD, weight decay, momentum",
        "of": ("sgd.sgd",),
        "defaults": (
            "torch.optim.SGD(params, lr=0.03125, momentum=0.9, weight_decay=0.25)",
            "keras.optimizers.SGD(0.03125, momentum=0.9, weight_decay=0.25)",
        ),
        "mapped_torch": "torch.optim.SGD(params, lr=0.03125, momentum=0.9, "
        "weight_decay=0.25)",
        "mapped_keras": "TwinSGD(0.03125, momentum=0.9, weight_decay=0.25, "
        "convention='torch')",
        "cause": "In the gradient in PyTorch, decoupled in Keras: no argument maps "
        "them, the twin does.",
    },
    {
        "optimizer": "Adagrad",
        "of": ("adagrad.adagrad",),
        "defaults": ("torch.optim.Adagrad(params)", "keras.optimizers.Adagrad()"),
        "mapped_torch": "torch.optim.Adagrad(params, lr=0.001, eps=0, "
        "initial_accumulator_value=0.1 + 1e-7)",
        "mapped_keras": "keras.optimizers.Adagrad()",
        "cause": "Keras' epsilon stands inside the root, so it is part of the first "
        f"sum. {RATES}",
    },
    {
        "optimizer": "RMSprop",
        "of": ("rmsprop.rmsprop",),
        "defaults": ("torch.optim.RMSprop(params)", "keras.optimizers.RMSprop()"),
        "mapped_torch": "TwinRMSprop(params, lr=0.001, alpha=0.9, eps=1e-7, "
        "convention='keras')",
        "mapped_keras": "keras.optimizers.RMSprop()",
        "cause": "Epsilon is inside the root in Keras and outside in PyTorch: no "
        f"argument maps them, the twin does. {RATES}",
    },
    {
        "optimizer": "Adadelta",
        "of": ("adadelta.adadelta",),
        "defaults": ("torch.optim.Adadelta(params)", "keras.optimizers.Adadelta()"),
        "mapped_torch": "torch.optim.Adadelta(params)",
        "mapped_keras": "keras.optimizers.Adadelta(1.0, rho=0.9, epsilon=1e-6)",
        "cause": "Other defaults, above all the rate: 1 and 0.001.",
    },
    {
        "optimizer": "Adam",
        "of": ("adam.adam",),
        "defaults": ("torch.optim.Adam(params)", "keras.optimizers.Adam()"),
        "mapped_torch": "TwinAdam(params, eps=1e-7, convention='keras')",
        "mapped_keras": "keras.optimizers.Adam()",
        "cause": "Keras adds epsilon before the correction; and it takes powers of a "
        "0.999 of float32, which is most of what is left.",
    },
    {
        "optimizer": "Adam, weight decay",
        "of": ("adam.adam",),
        "defaults": (
            "torch.optim.Adam(params, weight_decay=0.25)",
            "keras.optimizers.Adam(weight_decay=0.25)",
        ),
        "mapped_torch": "torch.optim.AdamW(params, eps=1e-7, weight_decay=0.25)",
        "mapped_keras": "keras.optimizers.Adam(weight_decay=0.25)",
        "cause": "In the gradient in PyTorch; in Keras decoupled, so it is AdamW. "
        "Left: where epsilon stands, and 0.999 in float32.",
    },
    {
        "optimizer": "AdamW",
        "of": ("adam.adamw",),
        "defaults": ("torch.optim.AdamW(params)", "keras.optimizers.AdamW()"),
        "mapped_torch": "torch.optim.AdamW(params, eps=1e-7, weight_decay=0.004)",
        "mapped_keras": "keras.optimizers.AdamW()",
        "cause": "Another default decay. Left: where epsilon stands, and 0.999 in "
        "float32.",
    },
    {
        "optimizer": "NAdam",
        "of": ("nadam.nadam",),
        "defaults": ("torch.optim.NAdam(params)", "keras.optimizers.Nadam()"),
        "mapped_torch": "torch.optim.NAdam(params, lr=0.001, eps=1e-7, "
        "momentum_decay=1)",
        "mapped_keras": "keras.optimizers.Nadam()",
        "cause": "Keras' momentum warms up 250 times as fast and it has no argument "
        "for that. Left: its betas and 0.96 in float32.",
    },
    {
        "optimizer": "RAdam",
        "of": ("radam.radam",),
        "defaults": ("torch.optim.RAdam(params)", "RAdam()"),
        "mapped_torch": "torch.optim.RAdam(params)",
        "mapped_keras": "RAdam()",
        "cause": f"Keras has none: a recipe. {RATES}",
    },
    {
        "optimizer": "Adamax",
        "of": ("adamax.adamax",),
        "defaults": ("torch.optim.Adamax(params)", "keras.optimizers.Adamax()"),
        "mapped_torch": "torch.optim.Adamax(params, lr=0.001, eps=1e-7)",
        "mapped_keras": "keras.optimizers.Adamax()",
        "cause": "Another default rate. Left: epsilon stands inside the maximum in "
        "PyTorch, and rates in float32.",
    },
    {
        "optimizer": "Lion",
        "of": ("lion.lion",),
        "defaults": ("Lion(params)", "keras.optimizers.Lion()"),
        "mapped_torch": "Lion(params, lr=0.001)",
        "mapped_keras": "keras.optimizers.Lion()",
        "cause": f"PyTorch has none: a recipe, with the paper's rate. {RATES}",
    },
    {
        "optimizer": "LAMB",
        "of": ("lamb.lamb",),
        "defaults": ("Lamb(params)", "keras.optimizers.Lamb()"),
        "mapped_torch": "Lamb(params, eps=1e-7)",
        "mapped_keras": "keras.optimizers.Lamb()",
        "cause": "PyTorch has none: a recipe. With a decay they differ: the paper's "
        "counts in the ratio, Keras' does not. Left: Keras' betas in float32.",
    },
    {
        "optimizer": "LARS",
        "of": ("lars.lars",),
        "defaults": ("LARS(params, 1.0)", "LARS(1.0)"),
        "mapped_torch": "LARS(params, 1.0)",
        "mapped_keras": "LARS(1.0)",
        "cause": "Neither framework has it: one recipe each.",
    },
    {
        "optimizer": "Adafactor",
        "of": ("adafactor.adafactor",),
        "defaults": ("torch.optim.Adafactor(params)", "keras.optimizers.Adafactor()"),
        "mapped_torch": "torch.optim.Adafactor(params, lr=0.001, eps=(0, 0.001))",
        "mapped_keras": "keras.optimizers.Adafactor()",
        "cause": f"Another default rate. {RATES}",
    },
    {
        "optimizer": "Muon",
        "of": ("muon.muon",),
        "matrices": True,
        "keras_dtype": "float32",
        "defaults": ("torch.optim.Muon(params)", "keras.optimizers.Muon()"),
        "mapped_torch": "torch.optim.Muon(params, weight_decay=0.004, "
        "adjust_lr_fn='match_rms_adamw')",
        "mapped_keras": "keras.optimizers.Muon()",
        "cause": "Other defaults of decay and scale. Left: PyTorch computes in "
        "bfloat16, Keras here in float32.",
    },
    {
        "optimizer": "Schedule-Free AdamW",
        "of": ("schedule_free.schedule_free_adamw",),
        "defaults": (
            "ScheduleFreeAdamW(params)",
            "keras.optimizers.ScheduleFreeAdamW()",
        ),
        "mapped_torch": "ScheduleFreeAdamW(params)",
        "mapped_keras": "ScheduleFreeAdamW()",
        "cause": "PyTorch has none: a recipe. Keras' own takes the new z for the old "
        f"on TensorFlow and PyTorch: a recipe there too. {RATES}",
    },
    {
        "optimizer": "AdaBelief",
        "of": ("adabelief.adabelief",),
        "defaults": ("AdaBelief(params)", "AdaBelief()"),
        "mapped_torch": "AdaBelief(params)",
        "mapped_keras": "AdaBelief()",
        "cause": f"Neither framework has it: one recipe each. {RATES}",
    },
    {
        "optimizer": "FTRL",
        "of": ("ftrl.ftrl",),
        "defaults": ("Ftrl(params, 0.001)", "keras.optimizers.Ftrl()"),
        "mapped_torch": "Ftrl(params, 0.001, keep_start=False)",
        "mapped_keras": "keras.optimizers.Ftrl()",
        "cause": "PyTorch has none: a recipe, which keeps the first weights, where "
        f"Keras' pulls them to 0 at once. {RATES}",
    },
)


def sources() -> dict[str, str]:
    """Return a hash of each file that the numbers depend on, by its path."""
    paths = [path for pattern in SOURCES for path in sorted(ROOT.glob(pattern))]
    paths.append(ROOT / "tools" / "optimizer_agreement.py")
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def versions() -> dict[str, str]:
    """Return the versions of everything that computes a number here."""
    names = ("jax", "keras", "numpy", "optax", "tensorflow", "torch")
    found = {name: metadata.version(name) for name in names}
    return {"python": platform.python_version(), **found}


def settings() -> list[dict[str, Any]]:
    """Return how far each call of each case is from its definition."""
    found = []
    for case in CASES:
        right = follow_reference(case)
        for framework, follow in FOLLOW.items():
            if call := getattr(case, framework):
                difference = apart(right, follow(call, case))
                row = {"optimizer": case.optimizer, "framework": framework}
                found.append({**row, "call": call, "difference": difference})
                print(f"{difference:.1e}", call, flush=True)
    return found


def measured(row: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a row of the table: how far from the definition, and from each other."""
    case = Case(
        optimizer=row["of"][0],
        lr=0.03125,
        scheduled=row.get("scheduled", False),
        matrices=row.get("matrices", False),
        keras_dtype=row.get("keras_dtype", "float64"),
    )

    def between(torch_call: str, keras_call: str) -> float:
        return apart(follow_torch(torch_call, case), follow_keras(keras_call, case))

    made: dict[str, Any] = {"optimizer": row["optimizer"]}
    for framework in FOLLOW:
        made[framework] = max(
            (
                float(r["difference"])
                for r in found
                if r["optimizer"] in row["of"] and r["framework"] == framework
            ),
            default=None,
        )
    made["defaults_torch"], made["defaults_keras"] = row["defaults"]
    made["defaults_differ"] = between(*row["defaults"])
    made |= {name: row[name] for name in ("mapped_torch", "mapped_keras")}
    made["left"] = between(row["mapped_torch"], row["mapped_keras"])
    return made | {"cause": row["cause"]}


def main() -> None:
    """Measure everything and write the file."""
    before = sources()
    found = settings()
    rows = [measured(row, found) for row in ROWS]
    if sources() != before:
        raise SystemExit("a source changed while it ran; run it again")
    results = {
        "steps": STEPS,
        "shapes": SHAPES,
        "versions": versions(),
        "sources": before,
        "rows": rows,
        "settings": found,
    }
    FILE.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(f"wrote {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
