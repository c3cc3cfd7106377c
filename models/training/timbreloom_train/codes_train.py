"""Train a discrete model on a cached corpus; resumable.

A third of the time without quantising, then k-means, then moving averages; over the last tenth the codebook stands
still, so that the decoder knows the codes that are shipped. Plain moving averages from the start keep 184 of 1024 codes.
"""
import math
import pickle
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from .codes_nets import CodeDecoder, CodeEncoder, Codebook, PitchReader
from .corpus import Phrases
from .features import HOP
from .losses import LoudnessLoss, SpectralLoss

SOUNDING_DB = -50.0
WARM_UP = 3                         # hops at the start of a crop that no loss judges
UNQUANTISED, STILL = 0.35, 0.9      # share of the time until the codebook comes, and from which on it stands still
FAR_HZ = (40.0, 2200.0)
FAR_SHARE, FAR_WEIGHT = 0.25, 0.2   # of the crops, played at another pitch, which shall be as loud
SAVE_EVERY_S = 60.0


@dataclass
class CodeSettings:
    codes: int = 512
    minutes: float = 6.0
    learning_rate: float = 1.5e-3
    batch: int = 12
    hops: int = 28
    threads: int = 1
    seed: int = 0
    pitch_weight: float = 0.05
    commitment: float = 0.25


@dataclass
class CodeModel:
    encoder: CodeEncoder
    book: Codebook
    decoder: CodeDecoder
    settings: CodeSettings
    steps: int
    seconds: float


def load_codes(path: Path) -> CodeModel:
    """A checkpoint in evaluation mode. Raises ValueError for a file that is none."""
    try:
        saved = torch.load(path, weights_only=True, map_location='cpu')
        settings = CodeSettings(**saved['settings'])
        model = CodeModel(CodeEncoder(), Codebook(settings.codes), CodeDecoder(), settings, saved['steps'], saved['seconds'])
        for part in ('encoder', 'book', 'decoder'):
            getattr(model, part).load_state_dict(saved[part])
            getattr(model, part).eval()
    except (RuntimeError, pickle.UnpicklingError, KeyError, TypeError, EOFError) as error:
        raise ValueError(f'{path}: not a checkpoint of a discrete model; give a .pt file that codes wrote') from error
    return model


def train_codes(cache: Path, out: Path, settings: CodeSettings) -> None:
    """Write the checkpoint `out` every minute and at the end; go on from it if it exists."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    phrases = Phrases(cache)
    parts = {'encoder': CodeEncoder(), 'book': Codebook(settings.codes), 'decoder': CodeDecoder(), 'reader': PitchReader()}
    encoder, book, decoder, reader = parts.values()
    weights = [*encoder.parameters(), *decoder.parameters()]
    main = torch.optim.AdamW(weights, lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=1e-3)
    guess = torch.optim.Adam(reader.parameters(), lr=2e-3)
    parts |= {'main': main, 'guess': guess}
    step, spent = 0, 0.0
    if out.exists():
        saved = torch.load(out, weights_only=True)
        if saved['settings']['codes'] != settings.codes:
            raise ValueError(f'{out}: has {saved["settings"]["codes"]} codes, {settings.codes} are asked for; delete it first')
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        step, spent = saved['steps'], saved['seconds']
    rng = np.random.default_rng(settings.seed + step)
    torch.manual_seed(settings.seed + step)
    spectral, level = SpectralLoss(), LoudnessLoss()
    column = phrases.column
    sounding = np.where(column['loudness'] > SOUNDING_DB)[0]
    if len(sounding) < 20 * settings.codes:
        raise ValueError(f'{cache}: {len(sounding)} sounding hops are too few for {settings.codes} codes; give more sound, or '
                         f'--codes {max(16, len(sounding) // 20)} or less')
    octaves = np.log2(column['f0'][column['voicing'] > 0.5])
    middle, spread = (float(octaves.mean()), float(octaves.std()) + 0.05) if len(octaves) else (8.0, 1.0)

    def pool(count: int) -> torch.Tensor:
        index = np.sort(rng.choice(sounding, count))
        return encoder(torch.from_numpy(column['log_mel'][index].astype(np.float32)), torch.from_numpy(column['voicing'][index]))

    def save() -> None:
        fresh = out.with_suffix('.part')
        torch.save({**{name: part.state_dict() for name, part in parts.items()}, 'settings': asdict(settings), 'steps': step,
                    'seconds': spent}, fresh)
        fresh.replace(out)

    last_save, restarts = spent, 0
    while (progress := spent / (settings.minutes * 60)) < 1:
        began = time.monotonic()
        rate = settings.learning_rate * min(1, (step + 1) / 30) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in main.param_groups:
            group['lr'] = rate
        if progress > UNQUANTISED and not book.is_active:
            with torch.no_grad():
                book.start(pool(60 * settings.codes))
        elif book.is_active and progress < STILL:
            with torch.no_grad():
                restarts += book.follow(pool(8 * settings.codes))
        crop = {k: torch.from_numpy(v) for k, v in phrases.batch(rng, settings.batch, settings.hops).items()}
        raw = encoder(crop['log_mel'], crop['voicing'])
        vectors, commitment = book(raw)
        wanted = crop['sound'][:, WARM_UP * HOP:-HOP]
        distance = spectral(decoder(vectors, crop['loudness'], crop['f0'])[:, WARM_UP * HOP:], wanted)
        octave = ((torch.log2(crop['f0']) - middle) / spread).clamp(-3, 3)
        pitched = ((crop['voicing'] > 0.5) & (crop['loudness'] > SOUNDING_DB)).float()
        guess.zero_grad()
        reader(raw.detach(), octave, pitched).backward()
        guess.step()
        ignorance = reader(raw, octave, pitched)
        far = slice(max(1, int(FAR_SHARE * settings.batch)))
        leap = torch.empty(far.stop, 1).uniform_(*np.log2(FAR_HZ)) - torch.log2(crop['f0'][far]).mean(1, keepdim=True)
        elsewhere = decoder(vectors[far].detach(), crop['loudness'][far], (crop['f0'][far] * 2 ** leap).clamp(*FAR_HZ))
        loss = distance + settings.commitment * commitment + 0.002 * (raw ** 2).mean() \
            - settings.pitch_weight * min(1, 3 * progress) * ignorance.clamp(max=1) \
            + FAR_WEIGHT * level(elsewhere[:, WARM_UP * HOP:], wanted[far])
        main.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        main.step()
        step += 1
        spent += time.monotonic() - began
        if step % 50 == 0:
            print(f'{spent / 60:5.2f} of {settings.minutes:g} min  step {step}  stft {distance:.3f}  commitment {commitment:.3f}  '
                  f'pitch ignorance {ignorance:.2f}  perplexity {book.perplexity():.0f}  restarts {restarts}', flush=True)
        if spent - last_save > SAVE_EVERY_S:
            save()
            last_save = spent
    save()
    print(f'saved {out} after {step} steps, {spent / 60:.1f} minutes', flush=True)
