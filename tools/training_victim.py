"""A small real training in PyTorch, made to be killed: it ends with one hash.

Dropout, batch norm, shuffling and three random generators that move the images are in
it, an average of the weights and a schedule.
"""

import functools
import hashlib
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from dlcookbook.data.digits import load_digits_split
from dlcookbook.torch.training import checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit

BATCH = 32
# Read once, before a process is copied.
PARTS = load_digits_split()


class Digits(Dataset):
    """Some digits; in training each is moved by three kinds of random numbers."""

    def __init__(self, part, move=False):
        self.images, self.labels, self.move = part.images, part.labels, move

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, at):
        image = torch.tensor(self.images[at]).flatten()
        if self.move:
            image = image * (1 + 0.1 * random.random()) + 0.05 * torch.rand(64)
            image = image.roll(int(np.random.randint(-1, 2)))  # noqa: NPY002
        return image, int(self.labels[at])


def train(folder: Path, epochs: int = 3, size: int = 160, wait: float = 0.0) -> str:
    """Train from where the folder has it and return the hash of the end."""
    torch.manual_seed(7)
    train, validation = Digits(PARTS[0], move=True), Digits(PARTS[1])
    train.labels, validation.labels = train.labels[:size], validation.labels[:64]
    layers = [nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3)]
    model = nn.Sequential(*layers, nn.Linear(32, 10))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    steps = epochs * -(-size // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
    stopping = EarlyStopping("val_loss", mode="min", patience=9)

    def loss(logits, labels):
        time.sleep(wait)
        return nn.functional.cross_entropy(logits, labels)

    history = fit(
        model,
        loss,
        optimizer,
        DataLoader(train, BATCH, shuffle=True),
        DataLoader(validation, BATCH),
        epochs=epochs,
        schedule=schedule,
        stopping=stopping,
        ema=0.8,
        clip=1.0,
        save=functools.partial(checkpoint.save_checkpoint, folder),
        load=functools.partial(checkpoint.load_checkpoint, folder),
        save_every=2,
        log=lambda text: None,
    )
    ends = hashlib.sha256(repr(history).encode())
    states = [model.state_dict(), optimizer.state_dict(), stopping.weights]
    for state in states:
        for tensor in tensors(state):
            ends.update(tensor.numpy().tobytes())
    return ends.hexdigest()


def tensors(state):
    """Yield every tensor within, in order."""
    if isinstance(state, torch.Tensor):
        yield state.detach()
    elif isinstance(state, dict):
        for value in state.values():
            yield from tensors(value)
    elif isinstance(state, list | tuple):
        for value in state:
            yield from tensors(value)


# What writes a checkpoint.
WRITER = torch, "save"


def forget() -> None:
    """Let checkpoints come back without the state of the optimizer, as many do."""
    load = checkpoint.load_checkpoint

    def forgetful(folder: Path, optimizer: object, **parts: Any) -> object:
        return load(folder, **parts)

    setattr(checkpoint, "load_checkpoint", forgetful)  # noqa: B010
