"""GRPO in use: joined to the DETR loss of a training, or as fine-tuning after it.

Simplified against the usual form for language models: one forward pass serves all members of a group, every group is used
for one gradient step, and fine-tuning moves the last decoder layer alone. What selects and moves the queries stays frozen,
so policy and reference speak of the same queries around the same boxes, and their KL has a closed form.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from ..config import FinetuneJob, GrpoConfig, TrainConfig, TrainJob
from ..data.dataset import Targets, TrainSet
from ..errors import InputError
from ..evaluate.run import ValSet, in_classes
from ..events import Event
from ..events import Reward as RewardEvent
from ..losses.criterion import Criterion, Normaliser
from ..losses.matcher import Matcher
from ..models.detector import Detector
from ..models.weights import WeightsInfo, load_weights
from ..train.checkpoint import Run, State
from ..train.engine import Clock, Engine, Loss, Objective, build_fabric, shared
from ..train.loop import Supervised, begin, open_data, step_count, story, supervised, train_with
from ..train.optim import Ema, build_optimizer
from ..types import LabelledSet
from .advantage import advantage, shuffled
from .loss import grpo_loss, reward_event
from .policy import Outputs, sample
from .reward import REWARDS

_MIN_STEPS, _EPOCHS, _WARMUP = 200, 5, 20
_POLICY_REMEDY = "Train with decoder=detr and distribution_edges=on."


@dataclass(frozen=True)
class GroupPolicy:
    """One group of predictions per image, rewarded: the loss that their policy gradient comes from."""

    config: GrpoConfig
    matcher: Matcher

    def __call__(
        self, outputs: Outputs, reference: Outputs | None, targets: Targets, step: int
    ) -> tuple[Tensor, dict[str, Tensor], RewardEvent]:
        """outputs of the last decoder layer -> loss, its parts, and what the curves show."""
        config = self.config
        # Drawn from torch's global generator, which is seeded at every step.
        generator = torch.Generator(outputs["pred_logits_BQK"].device).manual_seed(int(torch.randint(2**62, ())))
        matches = self.matcher(outputs["pred_logits_BQK"].detach(), outputs["pred_boxes_BQ4"].detach(), targets)
        rollouts = sample(outputs, config.groups, generator)
        rewards = REWARDS[config.reward](rollouts, targets, matches)
        advantages = advantage(rewards)
        if config.shuffle_advantages:
            advantages = shuffled(advantages, generator)
        loss, parts = grpo_loss(outputs, rollouts, advantages, reference, config.kl_coef)
        return loss, parts, reward_event(step, rewards, rollouts, advantages, parts)


@dataclass(frozen=True)
class Joint:
    """L_Hungarian + beta · L_GRPO at every step of a training. There is no frozen start to stay near to."""

    base: Supervised
    policy: GroupPolicy

    def __call__(self, images_BCHW: Tensor, targets: Targets, step: int, progress: float) -> Loss:
        outputs, loss = self.base.outputs(images_BCHW, targets, progress)
        last = {name: outputs[name] for name in ("pred_logits_BQK", "pred_boxes_BQ4", "pred_edges_BQ4R", "ref_boxes_BQ4")}
        groups: int = outputs["query_groups"]
        first = {name: value.chunk(groups, 1)[0] for name, value in last.items()}
        extra, parts, event = self.policy(first, None, targets, step)
        total = loss.total + self.policy.config.beta * extra
        return Loss(total, {**loss.parts, "grpo": parts["policy"]}, (event,))


class Finetuning:
    """beta · L_GRPO with KL to the frozen start, beside the Hungarian loss unless it is switched off."""

    def __init__(self, detector: Detector, config: GrpoConfig, normaliser: Normaliser) -> None:
        self._detector, self._config = detector, config
        self._reference = copy.deepcopy(detector).requires_grad_(False)
        self._policy = GroupPolicy(config, Matcher())
        self._criterion = Criterion(normaliser=normaliser)

    def __call__(self, images_BCHW: Tensor, targets: Targets, step: int, progress: float) -> Loss:
        with torch.no_grad():
            features = self._detector.encode(images_BCHW)
            reference = self._reference.decode(features)
        outputs = self._detector.decode(features)
        loss, parts, event = self._policy(outputs, reference, targets, step)
        total, told = loss, {"grpo": parts["policy"], "kl": parts["kl"]}
        if self._config.supervised:
            hungarian, _ = self._criterion(outputs, targets)
            total, told = hungarian + self._config.beta * loss, {**told, "hungarian": hungarian.detach()}
        return Loss(total, told, (event,))


def train(job: TrainJob, resumed: Run | None = None) -> Iterator[Event]:
    """Train a detector into the folder `job.out`, with the GRPO loss in every step if `job.config.grpo` is "joint".

    Raises InputError, before anything is written, for what cannot be used.
    """
    policy = job.config.policy
    if job.config.grpo == "off":
        return train_with(job, supervised, resumed)
    return train_with(job, lambda detector, normaliser: joint(detector, policy, normaliser), resumed)


def joint(detector: Detector, config: GrpoConfig, normaliser: Normaliser) -> Objective:
    """The objective of joint training. Raises InputError for a detector that is no policy."""
    if detector.decoder is None or not detector.config.distribution_edges:
        raise InputError("setting grpo", "joint needs boxes that can be sampled", _POLICY_REMEDY)
    return Joint(supervised(detector, normaliser), GroupPolicy(config, Matcher()))


def finetune(job: FinetuneJob, resumed: Run | None = None) -> Iterator[Event]:
    """Fine-tune the weights at `job.start` by GRPO into `job.out`.

    The new weights are kept only where their AP on the validation images is not below the start's; if it always is, the run's
    weights are the start's. Raises InputError, before anything is written, for what cannot be used.
    """
    clock = Clock()
    return clock.working(_finetune(job, clock, resumed))


def _finetune(job: FinetuneJob, clock: Clock, resumed: Run | None) -> Iterator[Event]:
    detector, info = load_weights(Path(job.start))
    trained = last_layer(detector, job.start)
    config = gentle(job.config, info.imgsz)
    fabric = build_fabric(config)
    data = open_data(job.source, job.val, config.seed)
    train_set = TrainSet(_known(data.train, info, job), info.imgsz, config.augment, config.seed, fabric.device)
    val_set = ValSet(in_classes(data.val, info.classes, job.start), info.imgsz)
    yield from train_set.prepare()
    yield from val_set.prepare()
    fabric.to_device(detector)
    optimizer = build_optimizer(trained, config, config.policy.lr)
    state = State(detector, Ema(detector, config.ema), optimizer)
    objective = Finetuning(detector, config.policy, shared(fabric))
    run, resumption = begin(job, resumed, state, clock, fabric)
    described = WeightsInfo(info.model, info.classes, info.imgsz, note=f"fine-tuned by GRPO from {job.start}")
    steps = step_count(config, len(train_set), _MIN_STEPS, _EPOCHS)
    engine = Engine(run, config, state, objective, train_set, val_set, described, steps, clock, fabric)
    yield from run.record(story(engine, "finetune", [*data.notices, resumption], verdict, _measure_start))


def gentle(config: TrainConfig, imgsz: int) -> TrainConfig:
    """The same settings for a short run on what is learnt already: images as they are at prediction, a short warm-up."""
    augment = replace(config.augment, zoom_out=0.0, crop=0.0, mosaic=0.0, copy_blend=0.0, turn=0.0)
    return replace(config, augment=augment, warmup=min(config.warmup, _WARMUP), imgsz=imgsz)


def last_layer(detector: Detector, where: str) -> list[tuple[str, nn.Parameter]]:
    """The parameters of the last decoder layer and its refinement; all others are frozen.

    Raises InputError, naming `where`, for a detector whose boxes are no distributions: it is no policy.
    """
    decoder = detector.decoder
    if decoder is None or not detector.config.distribution_edges:
        raise InputError(where, "has no edge distributions, so there is nothing to sample", _POLICY_REMEDY)
    detector.requires_grad_(False)
    last = len(decoder.layers) - 1
    parts = (f"decoder.layers.{last}.", f"decoder.refine.{last}.")
    trained = [(name, p) for name, p in detector.named_parameters() if name.startswith(parts)]
    for _, parameter in trained:
        parameter.requires_grad_()
    return trained


def verdict(engine: Engine) -> str:
    """What fine-tuning did, in one sentence."""
    start, best = engine.state.start, engine.state.best
    images = len(engine.val_set)
    if engine.state.improved:
        return f"Kept the fine-tuned weights: AP {start:.3f} before, {best:.3f} after, on {images} validation images."
    return f"Kept the weights it started from: no fine-tuned ones reached their AP {start:.3f} on {images} validation images."


def _measure_start(engine: Engine) -> Iterator[Event]:
    yield from engine.validate()
    engine.state.start = engine.state.best


def _known(labelled: LabelledSet, info: WeightsInfo, job: FinetuneJob) -> LabelledSet:
    unknown = [name for name in labelled.classes.names if info.classes.label(name) is None]
    if unknown:
        remedy = "Train with these classes first, then fine-tune that run."
        raise InputError(job.start, f"does not know the classes {', '.join(unknown)}", remedy)
    return in_classes(labelled, info.classes, job.start)
