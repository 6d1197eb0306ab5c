import dataclasses
import json

import pytest

from foodet_core.config import (
    JOBS,
    AddJob,
    EvaluateJob,
    ExportJob,
    ExportModelJob,
    FinetuneJob,
    GrpoConfig,
    ImportJob,
    Job,
    ModelConfig,
    PredictJob,
    PretrainJob,
    ResumeJob,
    SampleJob,
    Source,
    TrainConfig,
    TrainJob,
    job_from_json,
    options,
)
from foodet_core.errors import InputError

SOURCE = Source("早餐.foodet", split="train")
EVERY_JOB = [
    TrainJob(SOURCE, "out", val=Source("val.json", images="photos"), config=TrainConfig(steps=7, model=ModelConfig("small"))),
    TrainJob(SOURCE, "out"),
    FinetuneJob("run", SOURCE, "out", config=TrainConfig(minutes=5.0, policy=GrpoConfig(reward="set"))),
    PretrainJob(("food", "things"), "out", leave_out=("val",), config=TrainConfig(imgsz=64, batch=128)),
    ResumeJob("run"),
    EvaluateJob("weights", SOURCE, imgsz=320),
    PredictJob("weights", ("a.jpg", "b.jpg"), overlay="seen"),
    ExportModelJob("weights", "x.xml", int8=True, calibrate=SOURCE, val=Source("val.json")),
    AddJob("p.foodet", ("早餐.jpg", "photos")),
    ImportJob("p.foodet", "a.json", split="val"),
    ExportJob("p.foodet", "a.json"),
    ExportJob("p.foodet", "out", images=(3, 1), val=0.2),
    SampleJob("folder", images=12),
]


def test_the_list_of_jobs_has_every_kind() -> None:
    assert {type(job) for job in EVERY_JOB} == set(JOBS.values())


@pytest.mark.parametrize("job", EVERY_JOB, ids=lambda job: job.kind)
def test_every_job_survives_json(job: Job) -> None:
    assert job_from_json(json.loads(json.dumps(job.to_json()))) == job


def test_an_unknown_kind_of_job_is_refused() -> None:
    with pytest.raises(InputError, match=r"'dance' is not a kind of run\. Kinds are: train, finetune"):
        job_from_json({"kind": "dance"})


def test_missing_fields_take_their_defaults_and_unknown_ones_are_refused() -> None:
    assert TrainConfig.from_json({"batch": 4}) == TrainConfig(batch=4)
    with pytest.raises(InputError, match="setting model_size: is not known"):
        TrainConfig.from_json({"model_size": 1})


def test_whole_numbers_of_json_become_floats_where_the_field_is_one() -> None:
    lr = TrainConfig.from_json({"lr": 1}).lr
    assert isinstance(lr, float)


def test_overrides_by_dotted_and_by_short_name() -> None:
    config = TrainConfig().override({"augment.mosaic": "0.25", "moe": "top2", "kl_coef": "0.1"})
    assert (config.augment.mosaic, config.model.moe, config.policy.kl_coef) == (0.25, "top2", 0.1)
    assert config.augment.flip == TrainConfig().augment.flip


def test_overrides_of_every_type() -> None:
    config = TrainConfig().override(
        {"steps": "12", "validate_every": "none", "denoising": "ON", "supervised": "true", "experts": "snake, ghost"}
    )
    assert (config.steps, config.validate_every) == (12, None)
    assert (config.model.denoising, config.policy.supervised) == (True, True)
    assert config.model.experts == ("snake", "ghost")


def test_a_backbone_may_be_one_of_torchvision() -> None:
    config = TrainConfig().override({"backbone": "torchvision:resnet18"})
    assert config.model.backbone == "torchvision:resnet18"
    assert TrainConfig.from_json(config.to_json()) == config


def test_a_short_name_means_the_top_level_setting_of_that_name() -> None:
    config = TrainConfig().override({"lr": "0.5"})
    assert config.lr == 0.5
    assert config.policy.lr == TrainConfig().policy.lr


def test_a_name_that_means_several_settings_is_refused_with_all_of_them() -> None:
    with pytest.raises(InputError, match=r"--set lr: is ambiguous\. Write one of: config\.lr, config\.policy\.lr"):
        TrainJob(SOURCE, "out").override({"lr": "0.5"})


@pytest.mark.parametrize(
    ("setting", "text", "message"),
    [
        ("mosaik", "1", "--set mosaik: is not a setting"),
        ("steps", "many", "'many' is not a int"),
        ("lr", "fast", "'fast' is not a float"),
        ("denoising", "maybe", "'maybe' is not a bool"),
        ("steps", "0", "0 is out of range. Give a value from 1 to"),
        ("imgsz", "4000", "from 64 to 1280"),
        ("lr", "nan", "nan is out of range"),
        ("preset", "huge", "'huge' is not a choice. Choose one of: nano, small"),
        ("experts", "ghost,snail", "'snail' is not a choice"),
        ("backbone", "vision", "'vision' is not a choice. Choose one of: hybrid, ghost, shuffle, plain, torchvision:NAME"),
        ("backbone", "torchvision:", "'torchvision:' is not a choice"),
        ("backbone", "torchvision:../x", "'torchvision:../x' is not a choice"),
        ("preset", "torchvision:resnet18", "'torchvision:resnet18' is not a choice"),
    ],
)
def test_a_bad_override_is_one_line_that_says_what_to_do(setting: str, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        TrainConfig().override({setting: text})
    assert message in str(caught.value)


def test_time_and_steps_exclude_each_other() -> None:
    with pytest.raises(InputError, match="both minutes and steps are given"):
        TrainConfig(minutes=1.0, steps=10)


def test_every_setting_says_what_it_is() -> None:
    found = {path: field for path, field, _ in options(TrainConfig)}
    assert {("lr",), ("policy", "lr"), ("model", "preset"), ("augment", "flip")} <= set(found)
    assert all(field.metadata["title"] and field.metadata["help"].endswith(".") for field in found.values())


def test_configs_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainConfig().lr = 1.0  # type: ignore[misc]


def test_a_job_without_what_it_needs_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="setting source: is missing"):
        job_from_json({"kind": "train", "out": "run"})
