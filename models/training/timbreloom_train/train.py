"""Train encoder + decoder on a cached corpus; resumable.

What is minimised is in `objective.py`. The learning rate falls along a cosine over the given minutes of work; a stopped
run goes on where it was.
"""
import csv
import hashlib
import math
import pickle
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .corpus import Phrases
from .features import DELAY
from .manifest import MOST_EARLIER
from .nets import LATENT, STAGES, SYNTH, Decoder, Encoder
from .objective import READINGS, Objective
from .reopen import reopened

KL_WEIGHT = 0.015
LOUDNESS_WEIGHT, PITCH_WEIGHT = 0.1, 0.2      # of the adversary's two readings
FINE_TUNING = 0.6      # of the learning rate, when the weights come from another model
SAVE_EVERY_S = 120.0
LOG_EVERY = 20         # steps
LOG_COLUMNS = ('minutes', 'step', *READINGS, 'learning_rate')


@dataclass
class Settings:
    minutes: float = 18.0
    learning_rate: float = 1.5e-3
    batch: int = 12
    hops: int = 56
    threads: int = 2
    device: str = 'cpu'
    seed: int = 0
    encoder_channels: int = 128
    encoder_blocks: int = 4
    decoder_channels: int = 192
    decoder_blocks: int = 5
    stage: str = 'pitched'
    delay: int = DELAY            # samples that the output is late, beyond the hop
    loudness_weight: float = LOUDNESS_WEIGHT
    pitch_weight: float = PITCH_WEIGHT
    kl_weight: float = KL_WEIGHT
    keep_encoder: bool = False    # only the decoder learns: latents stay what they are

    def check(self) -> None:
        """Raise ValueError for what cannot be trained."""
        if self.stage not in STAGES:
            raise ValueError(f'stage {self.stage!r}: expected one of {", ".join(STAGES)}')
        if not 0 <= self.delay <= 4 * DELAY or self.stage == 'general' and self.delay != SYNTH:
            raise ValueError(f'delay of {self.delay} samples: 0 to {4 * DELAY} are possible, {SYNTH} for the general stage')


@dataclass
class Model:
    """steps and seconds: of all the training that is in the weights, starting points included. kept: what a package's manifest says of
    its latents, where they have stayed what they were."""
    encoder: Encoder
    decoder: Decoder
    settings: Settings
    steps: int
    seconds: float
    kept: dict[str, Any] | None = None


def networks(settings: Settings) -> tuple[Encoder, Decoder]:
    return (Encoder(settings.encoder_channels, settings.encoder_blocks),
            Decoder(settings.decoder_channels, settings.decoder_blocks, settings.stage))


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Raises ValueError for a file that is no checkpoint of this program."""
    try:
        saved = torch.load(path, weights_only=True, map_location='cpu')
        wanted = {'encoder', 'decoder', 'settings', 'steps', 'seconds'}
        if not wanted <= set(saved):
            raise KeyError(', '.join(sorted(wanted - set(saved))))
        Settings(**saved['settings'])
    except (RuntimeError, pickle.UnpicklingError, KeyError, TypeError, EOFError) as error:
        raise ValueError(f'{path}: not a checkpoint of this program; give a .pt file that train or slim wrote') from error
    return saved


def load_model(path: Path) -> Model:
    """A checkpoint's networks, in evaluation mode, on the CPU."""
    saved = read_checkpoint(path)
    settings = Settings(**saved['settings'])
    encoder, decoder = networks(settings)
    encoder.load_state_dict(saved['encoder'])
    decoder.load_state_dict(saved['decoder'])
    before = saved.get('before', NOTHING_BEFORE)
    return Model(encoder.eval(), decoder.eval(), settings, saved['steps'] + before['steps'], saved['seconds'] + before['seconds'],
                 saved.get('kept'))


def slim(checkpoint: Path, out: Path) -> None:
    """The networks alone, in half precision: a starting point for fine-tuning, a sixth of the size."""
    saved = read_checkpoint(checkpoint)
    parts = {name: {key: value.half() for key, value in saved[name].items()} for name in ('encoder', 'decoder')}
    for key in DERIVED:
        del parts['decoder'][key]
    kept = {key: saved[key] for key in ('settings', 'steps', 'seconds', 'kept') if key in saved}
    torch.save({**parts, **kept, 'before': saved.get('before', NOTHING_BEFORE)}, out)


# what the decoder works out by itself
DERIVED = ('harmonic_to_bins', 'noise_to_bins', 'window', 'scatter')


# steps and seconds of the models that a model was started from
NOTHING_BEFORE = {'steps': 0, 'seconds': 0.0}


def saved_of(init: Path) -> dict[str, Any]:
    """A checkpoint, or a package as a checkpoint would be. Raises ValueError."""
    if not init.is_dir():
        return read_checkpoint(init)
    encoder, decoder, about = reopened(init)
    made = about['training'] if isinstance(about['training'], dict) else {}
    earlier = [each for each in made.get('latents_of', []) if isinstance(each, str)][1 - MOST_EARLIER:]
    first = [decoder.stack.first, encoder.stack.first]
    sizes = [size for net, conv in zip((decoder, encoder), first) for size in (conv.out_channels, len(net.stack.blocks))]
    settings = Settings(stage=decoder.stage, delay=about['delay_frames'], decoder_channels=sizes[0], decoder_blocks=sizes[1],
                        encoder_channels=sizes[2], encoder_blocks=sizes[3])
    return {'encoder': encoder.state_dict(), 'decoder': decoder.state_dict(), 'settings': asdict(settings),
            'steps': made.get('steps', 0), 'seconds': 60 * made.get('minutes', 0.0),
            'kept': {key: about[key] for key in ('latent', 'reference_cloud')} | {
                'latents_of': [*earlier, hashlib.sha256((init / 'manifest.json').read_bytes()).hexdigest()]}}


def kept_from(init: Path, settings: Settings) -> dict[str, Any]:
    """What stays of a package whose decoder is trained on alone. Raises ValueError where that says nothing of it, or where another kind
    of decoder is asked for, which could not take its place."""
    saved = saved_of(init)
    kept: dict[str, Any] | None = saved.get('kept')
    if kept is None:
        raise ValueError(f'{init}: says nothing of its latents, so they cannot be kept; give a package')
    for key, option in (('stage', '--stage'), ('delay', '--low-latency')):
        if (theirs := saved['settings'][key]) != getattr(settings, key):
            raise ValueError(f'{init}: its {key} is {theirs}, and {getattr(settings, key)} was asked for; see {option}')
    return kept


def start_from(init: Path, encoder: Encoder, decoder: Decoder) -> dict[str, float]:
    """Take over the weights of another model, whatever its waveform stage; -> the steps and seconds that are in them.
    Raises ValueError for another size."""
    saved = saved_of(init)
    encoder_weights, decoder_weights = saved['encoder'], dict(saved['decoder'])
    own = decoder.state_dict()
    first = 'stack.first.weight'
    theirs, wanted = decoder_weights[first], own[first].clone()
    # latent and loudness come first in every stage; the rest is pitch
    shared = LATENT + 1 if theirs.shape[1] != wanted.shape[1] else wanted.shape[1]
    if theirs.shape[0] != wanted.shape[0]:
        raise ValueError(f'{init}: its decoder is {theirs.shape[0]} channels wide, this one {wanted.shape[0]}; '
                         'give a starting point of the same size')
    wanted[:, :shared] = theirs[:, :shared]
    decoder_weights[first] = wanted
    decoder_weights.update({key: own[key] for key in DERIVED})
    encoder.load_state_dict(encoder_weights)
    decoder.load_state_dict(decoder_weights)
    before = saved.get('before', NOTHING_BEFORE)
    return {key: saved[key] + before[key] for key in NOTHING_BEFORE}


def train(cache: Path, out: Path, settings: Settings, init: Path | None = None, foreign: list[Path] | None = None) -> None:
    """Write the checkpoint `out` every two minutes and at the end, and the losses to `out`.log.csv; go on from it if it
    exists. init: another checkpoint, or a package, to start the weights from; foreign: caches of other domains, whose sounds the
    encoder shall learn to place among the domain's own."""
    settings.check()
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    device = torch.device(settings.device)
    phrases = Phrases(cache)
    encoder, decoder = (net.to(device) for net in networks(settings))
    push = (settings.loudness_weight, settings.pitch_weight)
    objective = Objective(encoder, decoder, phrases, foreign, settings.kl_weight, push, device, settings.delay, settings.keep_encoder)
    encoder.requires_grad_(not settings.keep_encoder)
    weights = [part for part in (*encoder.parameters(), *decoder.parameters()) if part.requires_grad]
    main = torch.optim.AdamW(weights, lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=1e-3)
    parts = {'encoder': encoder, 'decoder': decoder, 'adversary': objective.adversary, 'main': main, 'guess': objective.guess}
    log = out.with_name(out.name + '.log.csv')
    step, spent, before, kept = 0, 0.0, NOTHING_BEFORE, None
    if out.exists():
        saved = read_checkpoint(out)
        if any(saved['settings'].get(key, False) != getattr(settings, key) for key in ('stage', 'delay', 'keep_encoder')):
            raise ValueError(f'{out}: a checkpoint of another stage or delay, or with another --keep-encoder; give another file, '
                             'or delete it')
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        step, spent, before = saved['steps'], saved['seconds'], saved.get('before', NOTHING_BEFORE)
        kept = saved.get('kept')
        print(f'resuming {out} at step {step}, {spent / 60:.1f} of {settings.minutes} minutes', flush=True)
    else:
        log.write_text(','.join(LOG_COLUMNS) + '\n')
        if init:
            before = start_from(init, encoder, decoder)
            kept = kept_from(init, settings) if settings.keep_encoder else None
    rng = np.random.default_rng(settings.seed + step)

    def save() -> None:
        states = {name: part.state_dict() for name, part in parts.items()}
        fresh = out.with_suffix('.part')
        torch.save({**states, 'settings': asdict(settings), 'steps': step, 'seconds': spent, 'before': before,
                    'kept': kept}, fresh)
        fresh.replace(out)

    peak = settings.learning_rate * (FINE_TUNING if init else 1.0)
    recent: deque[list[float]] = deque(maxlen=5 * LOG_EVERY)
    last_save = spent
    while (progress := spent / (settings.minutes * 60)) < 1:
        began = time.monotonic()
        rate = peak * min(1, (step + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in main.param_groups:
            group['lr'] = rate
        crop = {k: torch.from_numpy(v).to(device)
                for k, v in phrases.batch(rng, settings.batch, settings.hops, settings.delay).items()}

        loss, readings = objective(crop, progress, rng)
        main.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        main.step()

        step += 1
        spent += time.monotonic() - began
        recent.append(readings)
        if step % LOG_EVERY == 0:
            losses = [round(float(value), 4) for value in np.mean(recent, 0)]
            with log.open('a', newline='') as file:
                csv.writer(file).writerow([round(spent / 60, 2), step, *losses, f'{rate:.2e}'])
            told = dict(zip(READINGS, losses))
            print(f'{spent / 60:5.1f} of {settings.minutes:g} min  step {step}  {spent / step:.3f} s/step  lr {rate:.1e}  '
                  + '  '.join(f'{name} {value:.2f}' for name, value in told.items()), flush=True)
        if spent - last_save > SAVE_EVERY_S:
            save()
            last_save = spent
    save()
    print(f'saved {out} after {step} steps, {spent / 60:.1f} minutes', flush=True)
