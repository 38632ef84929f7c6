"""Settings in which every optimizer of both frameworks must follow its definition."""

from tests.optimizers import Case

KERAS = {"decoupled": True}

CASES = (
    # SGD
    Case(
        optimizer="sgd.sgd",
        torch="torch.optim.SGD(params, lr=lr)",
        keras="keras.optimizers.SGD(lr)",
        optax="optax.sgd(lr)",
    ),
    Case(
        optimizer="sgd.sgd",
        kwargs={"momentum": 0.875, "nesterov": True, "weight_decay": 0.25},
        scheduled=True,
        torch="torch.optim.SGD(params, lr=lr, momentum=0.875, nesterov=True, "
        "weight_decay=0.25)",
        keras="TwinSGD(lr, momentum=0.875, nesterov=True, weight_decay=0.25, "
        "convention='torch')",
    ),
    Case(
        optimizer="sgd.sgd",
        kwargs={"momentum": 0.875, "nesterov": True, "weight_decay": 0.25}
        | {"lr_in_momentum": True, **KERAS},
        scheduled=True,
        torch="TwinSGD(params, lr, momentum=0.875, nesterov=True, weight_decay=0.25, "
        "convention='keras')",
        keras="keras.optimizers.SGD(lr, momentum=0.875, nesterov=True, "
        "weight_decay=0.25)",
    ),
    Case(
        optimizer="sgd.sgd",
        kwargs={"momentum": 0.875, "dampening": 0.25},
        torch="torch.optim.SGD(params, lr=lr, momentum=0.875, dampening=0.25)",
    ),
    Case(
        optimizer="sgd.sgd",
        kwargs={"momentum": 0.875, "lr_in_momentum": True},
        torch="TwinSGD(params, lr, momentum=0.875, convention='torch')",
        keras="TwinSGD(lr, momentum=0.875, convention='keras')",
        optax="optax.sgd(lr, momentum=0.875)",
    ),
    Case(
        optimizer="sgd.sgd",
        kwargs={"momentum": 0.5, "weight_decay": 0.25},
        torch="TwinSGD(params, lr, 0.5, 0.25, convention='torch')",
        keras="TwinSGD(lr, 0.5, 0.25, convention='torch')",
    ),
    Case(
        optimizer="sgd.sgd",
        kwargs={"momentum": 0.5, "weight_decay": 0.25, "lr_in_momentum": True} | KERAS,
        scheduled=True,
        torch="TwinSGD(params, lr, 0.5, 0.25, convention='keras')",
        keras="TwinSGD(lr, 0.5, 0.25, convention='keras')",
    ),
    # Adagrad
    Case(
        optimizer="adagrad.adagrad",
        kwargs={"lr_decay": 0.125, "weight_decay": 0.25, "eps": 0.015625},
        torch="torch.optim.Adagrad(params, lr=lr, lr_decay=0.125, weight_decay=0.25, "
        "eps=0.015625)",
    ),
    Case(
        optimizer="adagrad.adagrad",
        kwargs={"initial_accumulator_value": 0.125, "eps": 0.015625}
        | {"eps_inside": True, "weight_decay": 0.25, **KERAS},
        keras="keras.optimizers.Adagrad(lr, initial_accumulator_value=0.125, "
        "epsilon=0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="adagrad.adagrad",
        kwargs={"initial_accumulator_value": 0.140625, "eps": 0.0},
        torch="torch.optim.Adagrad(params, lr=lr, initial_accumulator_value=0.140625, "
        "eps=0)",
        keras="keras.optimizers.Adagrad(lr, initial_accumulator_value=0.125, "
        "epsilon=0.015625)",
        optax="optax.adagrad(lr, initial_accumulator_value=0.125, eps=0.015625)",
    ),
    # RMSprop
    Case(
        optimizer="rmsprop.rmsprop",
        kwargs={"alpha": 0.9375, "eps": 0.015625, "momentum": 0.5, "centered": True}
        | {"weight_decay": 0.25},
        scheduled=True,
        torch="torch.optim.RMSprop(params, lr=lr, alpha=0.9375, eps=0.015625, "
        "momentum=0.5, centered=True, weight_decay=0.25)",
        keras="TwinRMSprop(lr, 0.9375, 0.015625, momentum=0.5, centered=True, "
        "weight_decay=0.25, convention='torch')",
    ),
    Case(
        optimizer="rmsprop.rmsprop",
        kwargs={"alpha": 0.9375, "eps": 0.015625, "momentum": 0.5, "centered": True}
        | {"weight_decay": 0.25, "eps_inside": True, "lr_in_momentum": True, **KERAS},
        scheduled=True,
        torch="TwinRMSprop(params, lr, 0.9375, 0.015625, momentum=0.5, centered=True, "
        "weight_decay=0.25, convention='keras')",
        keras="keras.optimizers.RMSprop(lr, rho=0.9375, epsilon=0.015625, "
        "momentum=0.5, centered=True, weight_decay=0.25)",
    ),
    Case(
        optimizer="rmsprop.rmsprop",
        kwargs={"alpha": 0.875, "eps": 0.015625},
        torch="torch.optim.RMSprop(params, lr=lr, alpha=0.875, eps=0.015625)",
        keras="TwinRMSprop(lr, 0.875, 0.015625, convention='torch')",
        optax="optax.rmsprop(lr, decay=0.875, eps=0.015625, eps_in_sqrt=False)",
    ),
    Case(
        optimizer="rmsprop.rmsprop",
        kwargs={"alpha": 0.875, "eps": 0.015625, "eps_inside": True},
        torch="TwinRMSprop(params, lr, 0.875, 0.015625, convention='keras')",
        keras="keras.optimizers.RMSprop(lr, rho=0.875, epsilon=0.015625)",
        optax="optax.rmsprop(lr, decay=0.875, eps=0.015625)",
    ),
    Case(
        optimizer="rmsprop.rmsprop",
        kwargs={"alpha": 0.75, "eps": 0.25, "momentum": 0.5, "weight_decay": 0.25},
        torch="TwinRMSprop(params, lr, 0.75, 0.25, 0.5, 0.25, convention='torch')",
        keras="TwinRMSprop(lr, 0.75, 0.25, 0.5, 0.25, convention='torch')",
    ),
    Case(
        optimizer="rmsprop.rmsprop",
        kwargs={"alpha": 0.75, "eps": 0.25, "momentum": 0.5, "weight_decay": 0.25}
        | {"eps_inside": True, "lr_in_momentum": True, "centered": True, **KERAS},
        scheduled=True,
        torch="TwinRMSprop(params, lr, 0.75, 0.25, 0.5, 0.25, centered=True, "
        "convention='keras')",
        keras="TwinRMSprop(lr, 0.75, 0.25, 0.5, 0.25, centered=True, "
        "convention='keras')",
    ),
    # Adadelta
    Case(
        optimizer="adadelta.adadelta",
        lr=1.0,
        kwargs={"rho": 0.875, "eps": 0.015625},
        torch="torch.optim.Adadelta(params, lr=lr, rho=0.875, eps=0.015625)",
        keras="keras.optimizers.Adadelta(lr, rho=0.875, epsilon=0.015625)",
        optax="optax.adadelta(lr, rho=0.875, eps=0.015625)",
    ),
    Case(
        optimizer="adadelta.adadelta",
        lr=0.5,
        kwargs={"rho": 0.9375, "eps": 0.015625, "weight_decay": 0.25},
        torch="torch.optim.Adadelta(params, lr=lr, rho=0.9375, eps=0.015625, "
        "weight_decay=0.25)",
    ),
    Case(
        optimizer="adadelta.adadelta",
        lr=0.5,
        kwargs={"rho": 0.9375, "eps": 0.015625, "weight_decay": 0.25, **KERAS},
        keras="keras.optimizers.Adadelta(lr, rho=0.9375, epsilon=0.015625, "
        "weight_decay=0.25)",
    ),
    # Adam
    Case(
        optimizer="adam.adam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25}
        | {"amsgrad": True},
        torch="torch.optim.Adam(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25, amsgrad=True)",
        keras="TwinAdam(lr, 0.875, 0.96875, 0.015625, weight_decay=0.25, amsgrad=True, "
        "convention='torch')",
    ),
    Case(
        optimizer="adam.adamw",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25}
        | {"amsgrad": True, "eps_hat": True},
        torch="TwinAdam(params, lr, (0.875, 0.96875), 0.015625, weight_decay=0.25, "
        "amsgrad=True, convention='keras')",
        keras="keras.optimizers.Adam(lr, beta_1=0.875, beta_2=0.96875, "
        "epsilon=0.015625, weight_decay=0.25, amsgrad=True)",
    ),
    Case(
        optimizer="adam.adam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625},
        torch="torch.optim.Adam(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625)",
        keras="TwinAdam(lr, 0.875, 0.96875, 0.015625, convention='torch')",
        optax="optax.adam(lr, b1=0.875, b2=0.96875, eps=0.015625)",
    ),
    Case(
        optimizer="adam.adam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.0},
        torch="TwinAdam(params, lr, (0.875, 0.96875), 0.0, convention='torch')",
        keras="keras.optimizers.Adam(lr, beta_1=0.875, beta_2=0.96875, epsilon=0.0)",
    ),
    Case(
        optimizer="adam.adamw",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25},
        torch="torch.optim.AdamW(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25)",
        optax="optax.adamw(lr, b1=0.875, b2=0.96875, eps=0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="adam.adamw",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.0, "weight_decay": 0.25}
        | {"amsgrad": True},
        torch="torch.optim.AdamW(params, lr=lr, betas=(0.875, 0.96875), eps=0, "
        "weight_decay=0.25, amsgrad=True)",
        keras="keras.optimizers.AdamW(lr, beta_1=0.875, beta_2=0.96875, epsilon=0.0, "
        "weight_decay=0.25, amsgrad=True)",
    ),
    Case(
        optimizer="adam.adamw",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25}
        | {"eps_hat": True},
        keras="keras.optimizers.AdamW(lr, beta_1=0.875, beta_2=0.96875, "
        "epsilon=0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="adam.adam",
        kwargs={"betas": (0.75, 0.9375), "eps": 0.25, "weight_decay": 0.25}
        | {"amsgrad": True},
        torch="TwinAdam(params, lr, (0.75, 0.9375), 0.25, 0.25, amsgrad=True, "
        "convention='torch')",
        keras="TwinAdam(lr, 0.75, 0.9375, 0.25, 0.25, amsgrad=True, "
        "convention='torch')",
    ),
    Case(
        optimizer="adam.adamw",
        kwargs={"betas": (0.75, 0.9375), "eps": 0.25, "weight_decay": 0.25}
        | {"eps_hat": True},
        scheduled=True,
        torch="TwinAdam(params, lr, (0.75, 0.9375), 0.25, 0.25, convention='keras')",
        keras="TwinAdam(lr, 0.75, 0.9375, 0.25, 0.25, convention='keras')",
    ),
    # NAdam
    Case(
        optimizer="nadam.nadam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25},
        torch="torch.optim.NAdam(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25)",
    ),
    Case(
        optimizer="nadam.nadam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "momentum_decay": 0.004}
        | {"weight_decay": 0.25, **KERAS},
        torch="torch.optim.NAdam(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25, decoupled_weight_decay=True)",
        keras="NAdam(lr, 0.875, 0.96875, 0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="nadam.nadam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "momentum_decay": 1.0},
        torch="torch.optim.NAdam(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625, "
        "momentum_decay=1)",
        keras="NAdam(lr, 0.875, 0.96875, 0.015625, momentum_decay=1)",
    ),
    Case(
        optimizer="nadam.nadam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "momentum_decay": 1.0},
        keras="keras.optimizers.Nadam(lr, beta_1=0.875, beta_2=0.96875, "
        "epsilon=0.015625)",
        # it has its 0.96 in float32
        tolerance=5e-8,
    ),
    Case(
        optimizer="nadam.nadam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625}
        | {"momentum_decay": 1.0, "weight_decay": 0.25, **KERAS},
        keras="keras.optimizers.Nadam(lr, beta_1=0.875, beta_2=0.96875, "
        "epsilon=0.015625, weight_decay=0.25)",
        tolerance=5e-8,
    ),
    Case(
        optimizer="nadam.nadam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "momentum_decay": None},
        optax="optax.nadam(lr, b1=0.875, b2=0.96875, eps=0.015625)",
    ),
    # RAdam
    Case(
        optimizer="radam.radam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25}
        | {"threshold": 5.0, "eps_hat": True},
        torch="torch.optim.RAdam(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25)",
    ),
    Case(
        optimizer="radam.radam",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25}
        | {"threshold": 5.0, "eps_hat": True, **KERAS},
        torch="torch.optim.RAdam(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25, decoupled_weight_decay=True)",
        keras="RAdam(lr, 0.875, 0.96875, 0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="radam.radam",
        kwargs={"betas": (0.875, 0.9990234375), "eps": 0.0, "threshold": 5.0},
        keras="RAdam(lr, 0.875, 0.9990234375, 0.0)",
        optax="optax.radam(lr, b1=0.875, b2=0.9990234375, eps=0.0)",
    ),
    # Adamax
    Case(
        optimizer="adamax.adamax",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25},
        torch="torch.optim.Adamax(params, lr=lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25)",
    ),
    Case(
        optimizer="adamax.adamax",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25}
        | {"eps_inside": False, **KERAS},
        keras="keras.optimizers.Adamax(lr, beta_1=0.875, beta_2=0.96875, "
        "epsilon=0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="adamax.adamax",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.0},
        torch="torch.optim.Adamax(params, lr=lr, betas=(0.875, 0.96875), eps=0)",
        keras="keras.optimizers.Adamax(lr, beta_1=0.875, beta_2=0.96875, epsilon=0.0)",
        optax="optax.adamax(lr, b1=0.875, b2=0.96875, eps=0.0)",
    ),
    # Lion
    Case(
        optimizer="lion.lion",
        kwargs={"betas": (0.875, 0.96875)},
        torch="Lion(params, lr, betas=(0.875, 0.96875))",
        keras="keras.optimizers.Lion(lr, beta_1=0.875, beta_2=0.96875)",
        optax="optax.lion(lr, b1=0.875, b2=0.96875, weight_decay=0)",
    ),
    Case(
        optimizer="lion.lion",
        kwargs={"betas": (0.75, 0.9375), "weight_decay": 0.25},
        scheduled=True,
        torch="Lion(params, lr, betas=(0.75, 0.9375), weight_decay=0.25)",
        keras="keras.optimizers.Lion(lr, beta_1=0.75, beta_2=0.9375, "
        "weight_decay=0.25)",
    ),
    # LAMB
    Case(
        optimizer="lamb.lamb",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25},
        torch="Lamb(params, lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25)",
        optax="optax.lamb(lr, b1=0.875, b2=0.96875, eps=0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="lamb.lamb",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625},
        torch="Lamb(params, lr, betas=(0.875, 0.96875), eps=0.015625)",
        keras="keras.optimizers.Lamb(lr, beta_1=0.875, beta_2=0.96875, "
        "epsilon=0.015625)",
    ),
    Case(
        optimizer="lamb.lamb",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25}
        | KERAS,
        keras="keras.optimizers.Lamb(lr, beta_1=0.875, beta_2=0.96875, "
        "epsilon=0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="lamb.lamb",
        kwargs={"betas": (0.875, 0.96875), "bias_correction": False},
        torch="Lamb(params, lr, betas=(0.875, 0.96875), bias_correction=False)",
    ),
    # LARS
    Case(
        optimizer="lars.lars",
        lr=2.0,
        kwargs={"momentum": 0.875, "weight_decay": 0.25}
        | {"trust_coefficient": 0.015625, "nesterov": True},
        scheduled=True,
        torch="LARS(params, lr, momentum=0.875, weight_decay=0.25, "
        "trust_coefficient=0.015625, nesterov=True)",
        keras="LARS(lr, momentum=0.875, weight_decay=0.25, "
        "trust_coefficient=0.015625, nesterov=True)",
    ),
    Case(
        optimizer="lars.lars",
        lr=2.0,
        kwargs={"momentum": 0.875, "trust_coefficient": 0.015625, "eps": 0.25},
        torch="LARS(params, lr, momentum=0.875, trust_coefficient=0.015625, eps=0.25)",
        keras="LARS(lr, momentum=0.875, trust_coefficient=0.015625, epsilon=0.25)",
        optax="optax.lars(lr, weight_decay=0, momentum=0.875, "
        "trust_coefficient=0.015625, eps=0.25)",
    ),
    Case(
        optimizer="lars.lars",
        lr=2.0,
        kwargs={"momentum": 0.875, "weight_decay": 0.25, "norm_of_sum": True}
        | {"trust_coefficient": 0.015625, "nesterov": True},
        optax="optax.lars(lr, weight_decay=0.25, momentum=0.875, "
        "trust_coefficient=0.015625, nesterov=True)",
    ),
    # Adafactor
    Case(
        optimizer="adafactor.adafactor",
        kwargs={"eps": (0.015625, 0.25), "eps_added": False, "weight_decay": 0.25},
        torch="torch.optim.Adafactor(params, lr=lr, eps=(0.015625, 0.25), "
        "weight_decay=0.25)",
    ),
    Case(
        optimizer="adafactor.adafactor",
        lr=1.0,
        kwargs={"beta2_decay": -0.5, "d": 1.25, "eps": (0.0, 0.25)},
        torch="torch.optim.Adafactor(params, lr=lr, beta2_decay=-0.5, d=1.25, "
        "eps=(0.0, 0.25))",
        keras="keras.optimizers.Adafactor(lr, beta_2_decay=-0.5, clip_threshold=1.25, "
        "epsilon_1=0.0, epsilon_2=0.25)",
        elsewhere=1e-3,
        # squares from 0: the last digits of tiny ones count
        tolerance=1e-10,
    ),
    Case(
        optimizer="adafactor.adafactor",
        kwargs={"beta2_decay": -0.75, "eps": (0.015625, 0.25), "weight_decay": 0.25}
        | {"decay_first": True},
        keras="keras.optimizers.Adafactor(lr, beta_2_decay=-0.75, epsilon_1=0.015625, "
        "epsilon_2=0.25, weight_decay=0.25)",
        elsewhere=1e-6,
    ),
    # Muon
    Case(
        optimizer="muon.muon",
        matrices=True,
        kwargs={"momentum": 0.875, "weight_decay": 0.25, "eps_added": False},
        torch="torch.optim.Muon(params, lr=lr, momentum=0.875, weight_decay=0.25)",
        is_bfloat16=True,
    ),
    Case(
        optimizer="muon.muon",
        matrices=True,
        kwargs={"momentum": 0.5, "nesterov": False, "scale": "rms", "steps": 3}
        | {"eps_added": False, "coefficients": (2, -1.5, 0.5)},
        torch="torch.optim.Muon(params, lr=lr, momentum=0.5, nesterov=False, "
        "weight_decay=0, adjust_lr_fn='match_rms_adamw', ns_steps=3, "
        "ns_coefficients=(2, -1.5, 0.5))",
        is_bfloat16=True,
    ),
    Case(
        optimizer="muon.muon",
        matrices=True,
        kwargs={"momentum": 0.875, "weight_decay": 0.25, "scale": "rms"},
        keras="keras.optimizers.Muon(lr, momentum=0.875, weight_decay=0.25)",
        # on TensorFlow it refuses float64 unless rms_rate is None
        keras_dtype="float32",
        tolerance=1e-5,
    ),
    Case(
        optimizer="muon.muon",
        matrices=True,
        kwargs={"momentum": 0.5, "nesterov": False, "scale": None},
        keras="keras.optimizers.Muon(lr, momentum=0.5, nesterov=False, "
        "weight_decay=None, rms_rate=None)",
        elsewhere=1e-6,
    ),
    Case(
        optimizer="muon.muon",
        matrices=True,
        # with Nesterov optax corrects the two means apart, which turns the direction
        kwargs={"momentum": 0.875, "eps": 1e-8, "nesterov": False, "scale": "rms"}
        | {"averaged": True},
        optax="optax.contrib.muon(lr, beta=0.875, nesterov=False, consistent_rms=0.2)",
        tolerance=1e-6,
    ),
    # Schedule-Free
    Case(
        optimizer="schedule_free.schedule_free_adamw",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "weight_decay": 0.25},
        torch="ScheduleFreeAdamW(params, lr, betas=(0.875, 0.96875), eps=0.015625, "
        "weight_decay=0.25)",
        keras="ScheduleFreeAdamW(lr, 0.875, 0.96875, 0.015625, weight_decay=0.25)",
        optax="optax.contrib.schedule_free_adamw(lr, b1=0.875, b2=0.96875, "
        "eps=0.015625, weight_decay=0.25)",
    ),
    Case(
        optimizer="schedule_free.schedule_free_adamw",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.015625, "warmup_steps": 16}
        | {"weight_lr_power": 0.0},
        torch="ScheduleFreeAdamW(params, lr, betas=(0.875, 0.96875), eps=0.015625, "
        "warmup_steps=16, weight_lr_power=0.0)",
        keras="keras.optimizers.ScheduleFreeAdamW(lr, beta_1=0.875, beta_2=0.96875, "
        "epsilon=0.015625, warmup_steps=16)",
        mixed_up=True,
    ),
    Case(
        optimizer="schedule_free.schedule_free_adamw",
        kwargs={"betas": (0.75, 0.875), "eps": 0.015625},
        keras="keras.optimizers.ScheduleFreeAdamW(lr, beta_1=0.75, beta_2=0.875, "
        "epsilon=0.015625)",
        mixed_up=True,
    ),
    Case(
        optimizer="schedule_free.schedule_free_adamw",
        kwargs={"betas": (0.75, 0.875), "eps": 0.015625, "warmup_steps": 16},
        scheduled=True,
        torch="ScheduleFreeAdamW(params, lr, betas=(0.75, 0.875), eps=0.015625, "
        "warmup_steps=16)",
        keras="ScheduleFreeAdamW(lr, 0.75, 0.875, 0.015625, warmup_steps=16)",
    ),
    Case(
        optimizer="schedule_free.schedule_free_sgd",
        kwargs={"momentum": 0.875},
        optax="optax.contrib.schedule_free_sgd(lr, b1=0.875)",
    ),
    # AdaBelief
    Case(
        optimizer="adabelief.adabelief",
        kwargs={"betas": (0.875, 0.96875), "eps": 0.0078125, "eps_root": 0.0078125},
        torch="AdaBelief(params, lr, betas=(0.875, 0.96875), eps=0.0078125)",
        keras="AdaBelief(lr, 0.875, 0.96875, 0.0078125)",
        optax="optax.adabelief(lr, b1=0.875, b2=0.96875, eps=0.0078125, "
        "eps_root=0.0078125)",
    ),
    Case(
        optimizer="adabelief.adabelief",
        kwargs={"betas": (0.75, 0.9375), "weight_decay": 0.25},
        scheduled=True,
        torch="AdaBelief(params, lr, betas=(0.75, 0.9375), weight_decay=0.25)",
        keras="AdaBelief(lr, 0.75, 0.9375, weight_decay=0.25)",
    ),
    # FTRL
    Case(
        optimizer="ftrl.ftrl",
        kwargs={"initial_accumulator_value": 0.125, "l1": 0.25, "l2": 0.5}
        | {"beta": 0.5},
        torch="Ftrl(params, lr, initial_accumulator_value=0.125, l1=0.25, l2=0.5, "
        "beta=0.5, keep_start=False)",
        keras="keras.optimizers.Ftrl(lr, initial_accumulator_value=0.125, "
        "l1_regularization_strength=0.25, l2_regularization_strength=0.5, beta=0.5)",
    ),
    Case(
        optimizer="ftrl.ftrl",
        kwargs={"initial_accumulator_value": 0.125, "lr_power": -0.25}
        | {"l2_shrinkage": 0.25},
        keras="keras.optimizers.Ftrl(lr, initial_accumulator_value=0.125, "
        "learning_rate_power=-0.25, l2_shrinkage_regularization_strength=0.25)",
    ),
    Case(
        optimizer="ftrl.ftrl",
        kwargs={"initial_accumulator_value": 0.125, "l1": 0.25, "l2": 0.5}
        | {"beta": 0.5, "keep_start": True},
        torch="Ftrl(params, lr, initial_accumulator_value=0.125, l1=0.25, l2=0.5, "
        "beta=0.5)",
    ),
    # without penalties and with its start kept it is Adagrad
    Case(
        optimizer="adagrad.adagrad",
        kwargs={"initial_accumulator_value": 0.125, "eps": 0.0},
        torch="Ftrl(params, lr, initial_accumulator_value=0.125)",
    ),
)
