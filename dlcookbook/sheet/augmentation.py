"""Augmentation: what to change, what never, how image, mask, boxes and label follow."""

from dataclasses import dataclass

__all__ = ["ROWS", "Augmentation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """One way to make new examples from those there are.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    augmenting : str
        What is trained on, in plain words; a row with it is a line of the decision
        table.
    torch, keras : str
        The call, as code. Recipes are imported from their own wing; `images` are
        floats in [0, 1], `matrices` one for each.
    label : str
        What happens to the label.
    unsafe : str
        Data to which it must not be done, because the label would be wrong.
    recipe : str
        The file of dlcookbook that a wing needs, or nothing.
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
    tasks: tuple[str, ...] = ()
    augmenting: str = ""
    torch: str
    keras: str
    label: str = "stays"
    unsafe: str
    recipe: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS: tuple[Augmentation, ...] = (
    Augmentation(
        name="Affine: flip, rotate, scale, shift",
        slug="affine",
        tasks=("photographs",),
        augmenting="photographs, to tell what is in them",
        torch="warp_images(images, random_affine(len(images), images.shape[-2:], "
        "flips=(0.5, 0.0)))",
        keras="warp_images(images, random_affine(len(images), images.shape[1:3], "
        "flips=(0.5, 0.0)))",
        unsafe="Digits, letters, signs (6 and 9, b and d), left and right in medicine: "
        "no flips, small angles.",
        recipe="augmentation/random_affine",
        when="First thing to try with few images. One matrix for each image moves all "
        "that belongs to it, and several moves are one interpolation.",
        when_not="The place, the size or the direction is the label.",
        trap=(
            "augmenting_before_the_split",
            "a_generator_is_copied_into_every_worker",
            "keras_layers_augment_without_a_flag",
            "a_seed_that_is_a_number_draws_the_same_again",
        ),
        source="Simard 2003 https://doi.org/10.1109/ICDAR.2003.1227801",
    ),
    Augmentation(
        name="Random resized crop",
        slug="random-resized-crop",
        tasks=("scratch",),
        augmenting="many photographs, from scratch",
        torch="warp_images(images, random_resized_crop(len(images), "
        "images.shape[-2:], (24, 24)), (24, 24))",
        keras="warp_images(images, random_resized_crop(len(images), "
        "images.shape[1:3], (24, 24)), (24, 24))",
        unsafe="What is small or at the edge: the crop may not hold what the label "
        "says. `area=(0.5, 1)` then.",
        recipe="augmentation/random_resized_crop",
        when="Large sets and many epochs; the standard of ImageNet.",
        when_not="Few epochs, or the size is the label.",
        trap=("keras_random_crop_is_one_for_the_batch",),
        source="Szegedy 2014 https://arxiv.org/abs/1409.4842",
    ),
    Augmentation(
        name="Affine for digits and signs",
        slug="affine-digits",
        section="affine",
        tasks=("digits",),
        augmenting="digits, letters, signs, documents",
        torch="warp_images(images, random_affine(len(images), images.shape[-2:], "
        "degrees=(-10, 10), scale=(0.9, 1.1)))",
        keras="warp_images(images, random_affine(len(images), images.shape[1:3], "
        "degrees=(-10, 10), scale=(0.9, 1.1)))",
        unsafe="A mirrored sign is another sign or none: no flips. Half a turn makes "
        "a 9 of a 6.",
        recipe="augmentation/random_affine",
        when="What is read may stand a little askew and off the middle.",
        when_not="Everything is upright and centred in use as well.",
        source="Simard 2003 https://doi.org/10.1109/ICDAR.2003.1227801",
    ),
    Augmentation(
        name="Affine for medical images",
        slug="affine-medical",
        section="affine",
        tasks=("medical",),
        augmenting="medical images",
        torch="warp_images(images, random_affine(len(images), images.shape[-2:], "
        "degrees=(-7, 7), scale=(0.95, 1.05), shift=(-0.05, 0.05)))",
        keras="warp_images(images, random_affine(len(images), images.shape[1:3], "
        "degrees=(-7, 7), scale=(0.95, 1.05), shift=(-0.05, 0.05)))",
        unsafe="Left and right (a heart on the wrong side is a finding), size that is "
        "measured, grey values with a unit, colour of a stain.",
        recipe="augmentation/random_affine",
        when="As much as the patient and the device move. Slides under a microscope "
        "have no up: there all flips and quarter turns.",
        when_not="A length or an angle is what is asked for.",
        source="Chlap 2021 https://doi.org/10.1111/1754-9485.13261",
    ),
    Augmentation(
        name="Warp with masks",
        slug="masks",
        tasks=("masks",),
        augmenting="photographs with masks (segmentation)",
        torch="warp_masks(masks, matrices, ignore=255)",
        keras="warp_masks(masks, matrices, ignore=255)",
        label="moves with the image: nearest, 255 beyond the border",
        unsafe="Classes named left and right: a flip must swap them.",
        recipe="augmentation/warp",
        when="Every mask, by the matrices of its images; give the loss the same "
        "number to ignore.",
        when_not="Thin lines under strong shrinking: the nearest pixel misses them.",
        trap=(
            "a_mask_interpolated_has_classes_that_are_not_there",
            "keras_fills_the_border_of_a_mask_with_class_0",
            "keras_mixup_adds_class_numbers",
        ),
        source="Jaderberg 2015 https://arxiv.org/abs/1506.02025",
    ),
    Augmentation(
        name="Warp with boxes",
        slug="boxes",
        tasks=("boxes",),
        augmenting="photographs with boxes (detection)",
        torch="warp_boxes(boxes, matrices, images.shape[-2:], min_visible=0.25)",
        keras="warp_boxes(boxes, matrices, images.shape[1:3], min_visible=0.25)",
        label="moves, is clipped, goes if less than a quarter is left",
        unsafe="Large angles: the upright box around a turned one is too large.",
        recipe="augmentation/warp",
        when="Every box, by the matrices of its images; `keep` says which are left.",
        when_not="Boxes are to stay tight: rotate little, or turn the outlines.",
        trap=("boxes_that_do_not_follow", "keras_random_crop_swaps_x_and_y_of_boxes"),
        source="Zoph 2019 https://arxiv.org/abs/1906.11172",
    ),
    Augmentation(
        name="Colour jitter",
        slug="color-jitter",
        tasks=("lighting",),
        augmenting="photographs in any light, by any camera",
        torch="color_jitter(images)",
        keras="keras.layers.RandomColorJitter(value_range=(0, 1), "
        "brightness_factor=0.4, contrast_factor=0.4, saturation_factor=(0.375, 0.583), "
        "hue_factor=0.1)(images, training=True)",
        unsafe="Colour that is the label: ripeness, a traffic light, a stain, a rash.",
        recipe="augmentation/color_jitter",
        when="Light, white balance and camera change in use.",
        when_not="After normalising; with grey images, of which only brightness and "
        "contrast can change.",
        trap=("keras_brightness_takes_0_to_255",),
        source="Howard 2013 https://arxiv.org/abs/1312.5402",
    ),
    Augmentation(
        name="Random erasing (cutout)",
        slug="random-erasing",
        tasks=("hidden",),
        augmenting="things that are half hidden",
        torch="random_erasing(images, chance=1.0)",
        keras="keras.layers.RandomErasing((1, 1), fill_value=0.0)"
        "(images, training=True)",
        unsafe="What is small: the label may be under the rectangle.",
        recipe="augmentation/random_erasing",
        when="Re-identification, crowds, whatever stands behind something else.",
        when_not="One detail decides, as the stroke that makes an 8 of a 3.",
        trap=("keras_random_erasing_of_1_erases_half",),
        source="Zhong 2017 https://arxiv.org/abs/1708.04896",
    ),
    Augmentation(
        name="RandAugment",
        slug="randaugment",
        tasks=("scratch",),
        torch="randaugment(images, operations=2, magnitude=9)",
        keras="keras.layers.RandAugment(value_range=(0, 1), num_ops=2, factor=0.3)"
        "(images, training=True)",
        unsafe="All that is said of moves and of colour: it does both.",
        recipe="augmentation/randaugment",
        when="Large sets and many epochs; two numbers to choose.",
        when_not="You know what changes in use: then say that, and no more.",
        trap=("keras_randaugment_draws_one_operation_for_the_batch",),
        source="Cubuk 2019 https://arxiv.org/abs/1909.13719",
    ),
    Augmentation(
        name="Mixup",
        slug="mixup",
        tasks=("classes",),
        augmenting="any classifier that is too sure of itself",
        torch="mixup(images, labels, num_classes=10, alpha=0.2)",
        keras="mixup(images, labels, num_classes=10, alpha=0.2)",
        label="mixed by the weight that the pixels got",
        unsafe="Masks, boxes, and classes with an order whose middle is a class.",
        recipe="augmentation/mixup",
        when="Long trainings of a classifier, noisy labels; also for tables, sound and "
        "hidden features.",
        when_not="Few epochs, detection, or the loss takes class numbers alone.",
        source="Zhang 2017 https://arxiv.org/abs/1710.09412",
    ),
    Augmentation(
        name="CutMix",
        slug="cutmix",
        tasks=("classes", "hidden"),
        torch="cutmix(images, labels, num_classes=10)",
        keras="cutmix(images, labels, num_classes=10)",
        label="mixed by the area that was pasted, exactly",
        unsafe="What is small: the label says a tenth of a cat, the pixels have none.",
        recipe="augmentation/cutmix",
        when="Long trainings of an image classifier; pixels stay as they were taken.",
        when_not="What makes the class fills a corner of the image.",
        trap=("keras_cutmix_label_is_not_the_area",),
        source="Yun 2019 https://arxiv.org/abs/1905.04899",
    ),
    Augmentation(
        name="Jitter",
        slug="jitter",
        section="time-series",
        tasks=("series",),
        augmenting="time series, sensors, sound",
        torch="jitter(series, sigma=0.03)",
        keras="jitter(series, sigma=0.03)",
        unsafe="Rare spikes that are the label; a quiet sensor that means broken.",
        recipe="augmentation/time_series",
        when="The sensor is noisy anyway; the series have a deviation of 1.",
        when_not="Fine texture decides, as in an ECG.",
        source="Um 2017 https://arxiv.org/abs/1706.00527",
    ),
    Augmentation(
        name="Scale and magnitude warp",
        slug="magnitude-warp",
        section="time-series",
        tasks=("series",),
        torch="magnitude_warp(scale(series, sigma=0.1), sigma=0.2)",
        keras="magnitude_warp(scale(series, sigma=0.1), sigma=0.2)",
        unsafe="Size that is the label: a load, a dose, a magnitude.",
        recipe="augmentation/time_series",
        when="Devices are calibrated differently, sensors sit elsewhere.",
        when_not="Absolute values decide.",
        source="Um 2017 https://arxiv.org/abs/1706.00527",
    ),
    Augmentation(
        name="Time warp",
        slug="time-warp",
        section="time-series",
        tasks=("series",),
        torch="time_warp(series, sigma=0.2)",
        keras="time_warp(series, sigma=0.2)",
        label="stays; labels for each step must be warped too",
        unsafe="Speed or frequency that is the label: pitch, heart rate, gait.",
        recipe="augmentation/time_series",
        when="People and machines do the same thing faster and slower.",
        when_not="What is to be predicted is the next value.",
        source="Um 2017 https://arxiv.org/abs/1706.00527",
    ),
    Augmentation(
        name="Window slice",
        slug="window-slice",
        section="time-series",
        tasks=("series",),
        torch="window_slice(series, length=24)",
        keras="window_slice(series, length=24)",
        unsafe="One event in a long series: the window may not hold it.",
        recipe="augmentation/time_series",
        when="What the label says holds all the time.",
        when_not="Beginning or end matter.",
        source="Le Guennec 2016 https://shs.hal.science/halshs-01357973",
    ),
    Augmentation(
        name="Word dropout",
        slug="word-dropout",
        section="text",
        tasks=("text",),
        augmenting="text",
        torch="[word for word in words if rng.random() >= 0.1] or words",
        keras="[word for word in words if rng.random() >= 0.1] or words",
        unsafe="Negation and names: without `not` the label is another one.",
        when="Few texts whose label does not hang on one word, such as topics.",
        when_not="Sentiment, entailment, entities, code; a pretrained model on "
        "thousands of texts.",
        source="Wei 2019 https://arxiv.org/abs/1901.11196",
    ),
    Augmentation(
        name="Word swap",
        slug="word-swap",
        section="text",
        tasks=("text",),
        torch="swapped(words, rng)",
        keras="swapped(words, rng)",
        unsafe="Order that means something: who bites whom, labels for each word.",
        when="As word dropout.",
        when_not="As word dropout.",
        source="Wei 2019 https://arxiv.org/abs/1901.11196",
    ),
    Augmentation(
        name="Back-translation",
        slug="back-translation",
        section="text",
        tasks=("text",),
        torch="to_english(to_german(text))",
        keras="to_english(to_german(text))",
        unsafe="Exact words: quotations, dosages, code, labels for each word.",
        when="A good translator is at hand; done once before training, for the "
        "training texts alone.",
        when_not="Texts of a field that the translator does not know.",
        source="Sennrich 2015 https://arxiv.org/abs/1511.06709",
    ),
)
