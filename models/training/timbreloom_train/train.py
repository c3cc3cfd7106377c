"""Train encoder + decoder on a cached corpus; resumable.

Loss = multi-resolution STFT + 0.02 KL - adversary (loudness must not be readable from the latent). The learning
rate falls along a cosine over the given minutes of work; a stopped run goes on where it was.
"""
import math
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from .corpus import Phrases
from .features import HOP
from .losses import Adversary, SpectralLoss, divergence
from .nets import Decoder, Encoder

WARM_UP = 8            # hops at the start of each crop that the loss ignores (left context of the convolutions)
KL_WEIGHT = 0.02
ADVERSARY_WEIGHT = 0.1
SAVE_EVERY_S = 120.0


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


@dataclass
class Model:
    encoder: Encoder
    decoder: Decoder
    settings: Settings
    steps: int
    seconds: float


def load_model(path: Path) -> Model:
    """A checkpoint's networks, in evaluation mode, on the CPU."""
    saved = torch.load(path, weights_only=True, map_location='cpu')
    settings = Settings(**saved['settings'])
    encoder = Encoder(settings.encoder_channels, settings.encoder_blocks)
    decoder = Decoder(settings.decoder_channels, settings.decoder_blocks)
    encoder.load_state_dict(saved['encoder'])
    decoder.load_state_dict(saved['decoder'])
    return Model(encoder.eval(), decoder.eval(), settings, saved['steps'], saved['seconds'])


def train(cache: Path, out: Path, settings: Settings, init: Path | None = None) -> None:
    """Write the checkpoint `out` every two minutes and at the end; go on from it if it exists.
    init: another checkpoint to start the weights from."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    device = torch.device(settings.device)
    phrases = Phrases(cache)
    encoder = Encoder(settings.encoder_channels, settings.encoder_blocks).to(device)
    decoder = Decoder(settings.decoder_channels, settings.decoder_blocks).to(device)
    adversary, spectral = Adversary().to(device), SpectralLoss().to(device)
    weights = [*encoder.parameters(), *decoder.parameters()]
    main = torch.optim.AdamW(weights, lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=1e-3)
    guess = torch.optim.Adam(adversary.parameters(), lr=2e-3)
    parts = {'encoder': encoder, 'decoder': decoder, 'adversary': adversary, 'main': main, 'guess': guess}
    step, spent = 0, 0.0
    if out.exists():
        saved = torch.load(out, weights_only=True, map_location=device)
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        step, spent = saved['steps'], saved['seconds']
        print(f'resuming {out} at step {step}, {spent / 60:.1f} of {settings.minutes} minutes', flush=True)
    elif init:
        saved = torch.load(init, weights_only=True, map_location=device)
        for name in ('encoder', 'decoder', 'adversary'):
            parts[name].load_state_dict(saved[name])
    rng = np.random.default_rng(settings.seed + step)

    def save() -> None:
        states = {name: part.state_dict() for name, part in parts.items()}
        fresh = out.with_suffix('.part')
        torch.save({**states, 'settings': asdict(settings), 'steps': step, 'seconds': spent}, fresh)
        fresh.replace(out)

    recent: deque[list[float]] = deque(maxlen=200)
    last_save = spent
    while (progress := spent / (settings.minutes * 60)) < 1:
        began = time.monotonic()
        rate = settings.learning_rate * min(1, (step + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in main.param_groups:
            group['lr'] = rate
        crop = {k: torch.from_numpy(v).to(device) for k, v in phrases.batch(rng, settings.batch, settings.hops).items()}

        mean, log_var = encoder(crop['log_mel'])
        latent = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        made = decoder(latent, crop['loudness'], crop['f0'], crop['voicing'])[:, WARM_UP * HOP:]
        distance = spectral(made, crop['target'][:, WARM_UP * HOP:])
        prior = divergence(mean, log_var)
        level = ((crop['loudness'] + 35) / 12).clamp(-2.5, 2.5)
        for _ in range(2):
            guess.zero_grad()
            adversary(latent.detach(), level).backward()
            guess.step()
        ignorance = adversary(latent, level)
        push = ADVERSARY_WEIGHT * (1.0 if init else min(1.0, 3 * progress))
        loss = distance + KL_WEIGHT * prior - push * ignorance.clamp(max=1.0)
        main.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        main.step()

        step += 1
        spent += time.monotonic() - began
        recent.append([distance.item(), prior.item(), ignorance.item()])
        if step % 100 == 0:
            print(f'{spent / 60:5.1f} min  step {step}  {spent / step:.3f} s/step  lr {rate:.1e}  stft/kl/ignorance '
                  + ' '.join(f'{v:.3f}' for v in np.mean(recent, 0)), flush=True)
        if spent - last_save > SAVE_EVERY_S:
            save()
            last_save = spent
    save()
    print(f'saved {out} after {step} steps, {spent / 60:.1f} minutes', flush=True)
