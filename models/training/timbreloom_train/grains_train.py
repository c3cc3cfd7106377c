"""Train a grain model on cached hits; resumable."""
import math
import pickle
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from .grains_corpus import Corpus
from .grains_features import BANDS, ONSET, SLOTS, knots, times, window
from .grains_measure import WEIGHTS
from .grains_nets import OUTPUTS, SPANNED, GrainModel, told_of

SAVE_EVERY_S = 60.0
LEAST_POWER = 10 ** -9.5           # density, about that of 16 bits: what is quieter is alike
LEAST_LEVEL = 10 ** -4.5           # amplitude of a partial
MOST_RATIO = 2.0                   # natural logarithm of a power too low, from which on its loss grows no more than linearly
COMMON_CLASSES = 0.75              # 1: a class comes as often as any other, 0: a hit does


@dataclass
class GrainSettings:
    minutes: float = 30.0
    learning_rate: float = 2e-3
    batch: int = 12
    threads: int = 1
    seed: int = 0
    grain_prior: float = 5e-4      # weights of the distances from the normal distribution
    hit_prior: float = 1e-3
    strike: float = 1.0            # weight of the first wave
    excess: float = 0.05           # of a decibel of what is louder in it than in the recording


@dataclass
class Batch:
    heard: Tensor
    noise: Tensor
    amplitude: Tensor
    place: Tensor
    frame: Tensor
    hit: Tensor       # [grains]
    kind: Tensor      # [hits, classes]
    asked: Tensor     # [hits, ...], class and pitch
    wave: Tensor      # [hits, ONSET]
    struck: Tensor    # [hits, ONSET]

    @property
    def told(self) -> Tensor:
        return self.asked[self.hit]


class Hits:
    """The corpus as tensors."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.lists = {name: torch.from_numpy(getattr(corpus, name)) for name in ('heard', 'noise', 'amplitude', 'place')}
        self.frame = torch.from_numpy(corpus.middles).float()
        self.f0_hz = torch.from_numpy(corpus.f0_hz).float()
        self.waves = {name: torch.from_numpy(getattr(corpus, name)) for name in ('wave', 'struck')}

    def batch(self, hits: np.ndarray) -> Batch:
        rows = [self.corpus.grains_of(hit) for hit in hits]
        lengths = torch.tensor([part.stop - part.start for part in rows])
        kind = one_hot(torch.from_numpy(self.corpus.kind[hits]), len(self.corpus.classes)).float()
        lists = {name: torch.cat([values[part] for part in rows]) for name, values in self.lists.items()}
        return Batch(frame=torch.cat([self.frame[part] for part in rows]),
                     hit=torch.repeat_interleave(torch.arange(len(hits)), lengths), kind=kind,
                     asked=told_of(kind, self.f0_hz[hits]), **lists,
                     **{name: values[hits] for name, values in self.waves.items()})


def noise_distance(density_db: Tensor, power: Tensor) -> Tensor:
    """Itakura and Saito's: the likelihood of a noise's power under a density, so that the density is right in the mean."""
    ratio = torch.log(power + LEAST_POWER) - torch.log(10 ** (density_db / 10) + LEAST_POWER)
    linear = math.exp(MOST_RATIO) - 1
    beyond = linear * (ratio - MOST_RATIO) + linear - MOST_RATIO
    return torch.where(ratio > MOST_RATIO, beyond, torch.exp(ratio.clamp(max=MOST_RATIO)) - ratio - 1)


def early_windows() -> Tensor:
    """Squares of the windows of the grains that reach into the first wave [grains, ONSET]"""
    middles = times(2 * ONSET)
    ends, rows = knots(middles), []
    for index in range(len(middles)):
        around, row = ends[index:index + 5], np.zeros(ONSET, np.float32)
        low, high = max(int(around[0]), 0), min(int(around[4]), ONSET)
        if low >= high:
            break
        row[low:high] = (window(around) ** 2)[low - int(around[0]):high - int(around[0])]
        rows.append(row)
    return torch.from_numpy(np.stack(rows))


EARLY = early_windows()
EAR_FRAMES = 512
EAR_SHAPE = torch.hann_window(EAR_FRAMES)
EAR_WEIGHTS = torch.from_numpy(WEIGHTS[EAR_FRAMES]).float()


def left_over(struck: Tensor, made: Tensor) -> Tensor:
    """What the first wave leaves to noise, as a share of the power in each of the early grains [hits, grains]"""
    rest, whole = ((struck - made) ** 2) @ EARLY.T, (struck ** 2) @ EARLY.T
    share = (rest / (whole + 1e-9)).clamp(0.003, 1)
    # the last of them reach beyond it: what is not looked at is noise as before
    seen = EARLY.sum(1) / EARLY.sum(1).max()
    full = torch.tensor([1.0 if n < len(EARLY) - 4 else float(seen[n]) for n in range(len(EARLY))])
    return 1 + full * (share - 1)


def mels_db(wave: Tensor) -> Tensor:
    """[hits, ONSET] -> [hits, windows, bands]"""
    padded = torch.nn.functional.pad(wave, (EAR_FRAMES // 2, EAR_FRAMES))
    power = torch.fft.rfft(padded.unfold(1, EAR_FRAMES, EAR_FRAMES // 4) * EAR_SHAPE).abs() ** 2 / EAR_SHAPE.square().sum()
    return 10 * torch.log10(power @ EAR_WEIGHTS.T + 1e-7)


def excess_db(made: Tensor, struck: Tensor) -> Tensor:
    """By how much a first wave is louder than it should be, window by window and band by band: of a dark sound a wave may be nearly
    right, sample by sample, and hiss. What is softer is no fault: noise fills it."""
    return torch.relu(mels_db(made) - mels_db(struck) - 1).mean()


def distance(made: tuple[Tensor, Tensor, Tensor], batch: Batch, power: Tensor) -> Tensor:
    """How far grains are from those of the recordings; what is hardly heard counts less."""
    density_db, level_db, place = made
    heard = ((10 * torch.log10(power + LEAST_POWER) + 90) / 40).clamp(0.1, 1)
    noise = (noise_distance(density_db, power) * heard).mean()
    wanted = 20 * torch.log10(batch.amplitude + LEAST_LEVEL)
    level = 20 * torch.log10(10 ** (level_db / 20) + LEAST_LEVEL)
    heard = ((torch.maximum(wanted, level.detach()) + 80) / 40).clamp(0.05, 1)
    partials = ((wanted - level).abs() * heard).mean() / 6
    heard = ((wanted + 75) / 30).clamp(0, 1)
    places = ((place - batch.place).abs() * heard).sum() / (heard.sum() + 1)
    return noise + partials + 0.7 * places


def noise_share(batch: Batch, early: Tensor) -> Tensor:
    """early [hits, early grains] -> [grains, 1]: 1 for the later ones"""
    first = torch.searchsorted(batch.hit, torch.arange(len(early)))
    place = torch.arange(len(batch.hit)) - first[batch.hit]
    found = early[batch.hit, place.clamp(max=early.shape[1] - 1)]
    return torch.where(place < early.shape[1], found, torch.ones_like(found))[:, None]


def from_normal(mean: Tensor, spread: Tensor) -> Tensor:
    return 0.5 * (mean ** 2 + spread.exp() - spread - 1).sum(-1).mean()


def drawn(mean: Tensor, spread: Tensor) -> Tensor:
    return mean + torch.randn_like(mean) * torch.exp(0.5 * spread)


def losses(model: GrainModel, batch: Batch, settings: GrainSettings, is_drawn: bool = True) -> tuple[Tensor, dict[str, float]]:
    told = batch.told
    mean, spread = model.encode_grains(batch.heard, batch.frame, told)
    pooled = model.hear_hits(batch.heard, batch.frame, batch.hit, batch.wave)
    e_mean, e_spread = model.encode_hits(pooled, batch.asked)
    z = drawn(mean, spread) if is_drawn else mean
    e = drawn(e_mean, e_spread) if is_drawn else e_mean
    played = model.play(e[batch.hit], batch.frame, told)
    wave = model.strike(e, batch.asked)
    energy = batch.struck.square().sum(1)
    unlike = ((batch.struck - wave).square().sum(1) / (energy + 1e-3)).mean()
    excess = wave.new_zeros(()) if model.pitched else excess_db(wave, batch.struck)
    power = batch.noise if model.pitched else batch.noise * noise_share(batch, left_over(batch.struck, wave.detach()))
    grains = distance(model.decode_grains(z, batch.frame, told), batch, power)
    whole = distance(model.decode_grains(played, batch.frame, told), batch, power)
    grain_prior, hit_prior = from_normal(mean, spread), from_normal(e_mean, e_spread)
    apart = ((played - mean.detach()) ** 2).mean()
    naming = cross_entropy(model.class_reader(pooled.detach()), batch.kind)
    total = grains + whole + settings.grain_prior * grain_prior + settings.hit_prior * hit_prior + 0.05 * apart + 0.1 * naming \
        + settings.strike * unlike + settings.excess * excess
    return total, {'grain': grains.item(), 'hit': whole.item(), 'z': grain_prior.item(), 'e': hit_prior.item(),
                   'wave': unlike.item(), 'excess': excess.item(), 'apart': apart.item(), 'naming': naming.item()}


def prepare_scales(model: GrainModel, hits: Hits, rows: np.ndarray) -> None:
    """What goes in has mean 0 and deviation 1, and what comes out begins near what is wanted."""
    heard = torch.cat([hits.lists['heard'][hits.corpus.grains_of(hit)] for hit in rows])
    model.heard_mean.copy_(heard.mean(0))
    model.heard_spread.copy_(heard.std(0) + 1e-3)
    mean = torch.zeros(OUTPUTS)
    mean[:BANDS], mean[BANDS:BANDS + SLOTS] = heard[:, :BANDS].mean(0), -85
    model.made_mean.copy_(mean)
    model.made_spread.copy_(torch.cat([torch.full((BANDS,), 12.0), torch.full((SLOTS,), 15.0), torch.ones(SLOTS)]))


@torch.no_grad()
def span_waves(model: GrainModel, hits: Hits, rows: np.ndarray) -> None:
    """The waves that those of each class are made of, but for a thousandth of their power."""
    for kind in range(0 if model.pitched else model.classes):
        waves = hits.waves['struck'][rows[hits.corpus.kind[rows] == kind]]
        _, size, axes = torch.linalg.svd(waves / (waves.norm(dim=1, keepdim=True) + 1e-6), full_matrices=False)
        power = torch.cumsum(size ** 2, 0) / (size ** 2).sum().clamp(min=1e-9)
        count = min(int((power < 0.999).sum()) + 1, SPANNED, len(axes))
        model.class_waves[kind].zero_()
        model.class_waves[kind, :count] = axes[:count]


@torch.no_grad()
def settle(model: GrainModel, hits: Hits, rows: np.ndarray) -> None:
    """Make embeddings normal within each class, their first numbers those that change the sound most."""
    for kind in range(model.classes):
        own = rows[hits.corpus.kind[rows] == kind]
        batch = hits.batch(own)
        raw, spread = model.encode_hits(model.hear_hits(batch.heard, batch.frame, batch.hit, batch.wave), batch.asked)
        octave, mean = batch.asked[:, model.classes:], raw
        if model.pitched:
            # what pitch alone makes of an embedding is not how hits differ
            away = octave - octave.mean(0)
            model.class_slope[kind] = (away * (raw - raw.mean(0))).mean(0) / (away.square().mean() + 0.01)
            mean = raw - octave * model.class_slope[kind]
        middle = mean.mean(0)
        share = len(own) / (len(own) + 8.0)      # a few hits say little of how hits of a class differ
        around = (mean - middle).T @ (mean - middle) / max(len(own) - 1, 1)
        spreads = around * share + torch.diag(spread.exp().mean(0))
        value, axes = torch.linalg.eigh(spreads)
        root = axes * value.clamp(min=1e-4).sqrt()
        # which way the sound changes most: the decoder's mean sound of each hit, by its embedding
        played = model.play(raw[batch.hit], batch.frame, batch.told)
        density_db, level_db, _ = model.decode_grains(played, batch.frame, batch.told)
        made = (torch.cat([density_db, level_db], 1) if model.pitched else density_db).clamp(min=-90)
        count = torch.bincount(batch.hit, minlength=len(own))[:, None]
        sound = torch.zeros(len(own), made.shape[1]).index_add_(0, batch.hit, made) / count
        normal = torch.cat([(mean - middle) @ torch.linalg.inv(root).T, octave - octave.mean(0)], 1)
        slope = torch.linalg.lstsq(torch.cat([normal, 0.5 * torch.eye(normal.shape[1])]),
                                   torch.cat([sound - sound.mean(0), torch.zeros(normal.shape[1], made.shape[1])])).solution
        turn = torch.linalg.svd(slope[:mean.shape[1]])[0]
        model.class_mean[kind] = middle
        model.class_axes[kind] = root @ turn


def load_grains(path: Path) -> tuple[GrainModel, dict]:
    """A checkpoint in evaluation mode. Raises ValueError for a file that is none."""
    try:
        saved = torch.load(path, weights_only=True, map_location='cpu')
        model = GrainModel(len(saved['classes']), saved.get('pitched', False))
        model.load_state_dict(saved['model'])
    except (RuntimeError, pickle.UnpicklingError, KeyError, TypeError, EOFError) as error:
        raise ValueError(f'{path}: not a checkpoint of a grain model; give a .pt file that grains wrote') from error
    return model.eval(), saved


def train_grains(cache: Path, out: Path, settings: GrainSettings) -> None:
    """Write the checkpoint `out` every minute and at the end; go on from it if it exists."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    corpus = Corpus.load(cache)
    hits, classes = Hits(corpus), len(corpus.classes)
    rows, apart = np.flatnonzero(~corpus.is_held_out), np.flatnonzero(corpus.is_held_out)
    model = GrainModel(classes, corpus.is_pitched)
    prepare_scales(model, hits, rows)
    span_waves(model, hits, rows)
    best = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=1e-3)
    step, spent = 0, 0.0
    if out.exists():
        saved = torch.load(out, weights_only=True)
        if saved['classes'] != corpus.classes:
            raise ValueError(f'{out}: was trained on the classes {", ".join(saved["classes"])}; delete it first')
        try:
            model.load_state_dict(saved['model'])
            best.load_state_dict(saved['optimiser'])
        except (RuntimeError, ValueError) as error:
            raise ValueError(f'{out}: was trained by another version; delete {out.parent} and begin again') from error
        step, spent = saved['steps'], saved['seconds']
    rng = np.random.default_rng(settings.seed + step)
    torch.manual_seed(settings.seed + step)
    often = 1 / np.bincount(corpus.kind[rows], minlength=classes)[corpus.kind[rows]] ** COMMON_CLASSES
    often /= often.sum()

    def save() -> None:
        settle(model, hits, rows[corpus.speed[rows] == 100])
        fresh = out.with_suffix('.part')
        torch.save({'model': model.state_dict(), 'optimiser': best.state_dict(), 'settings': asdict(settings), 'steps': step,
                    'seconds': spent, 'classes': corpus.classes, 'pitched': corpus.is_pitched}, fresh)
        fresh.replace(out)

    last_save, began = spent, time.monotonic() - spent
    while (progress := spent / (settings.minutes * 60)) < 1:
        for group in best.param_groups:
            group['lr'] = settings.learning_rate * min(1, (step + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        loss, _ = losses(model, hits.batch(rng.choice(rows, settings.batch, p=often)), settings)
        best.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        best.step()
        step, spent = step + 1, time.monotonic() - began
        if spent - last_save > SAVE_EVERY_S:
            save()
            last_save = spent
            with torch.no_grad():
                _, said = losses(model, hits.batch(apart if len(apart) else rows[:40]), settings, is_drawn=False)
            print(f'{spent / 60:5.2f} of {settings.minutes:g} min  step {step}  set aside: '
                  + '  '.join(f'{name} {value:.3f}' for name, value in said.items()), flush=True)
    save()
    print(f'saved {out} after {step} steps, {spent / 60:.1f} minutes', flush=True)
