"""What training leaves wrong in a decoder's noise, set from the recordings before the decoder is exported: how much its bands flicker,
and how loud its hiss is below the notes, which is so little of a sound that a loss of spectra hardly sees it."""
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from . import flicker, nets, stream
from .corpus import Phrases
from .detail import detail
from .features import HOP, SR, Array, band_interpolation
from .stability import steadied
from .train import Model

PHRASES, PHRASE_HOPS, FLICKER_TURNS = 40, 900, 3
USUAL_STABILITY = 0.3
HISS_STEP_DB, MOST_STEPS = 2.0, 3
FINE_DB, LEAST_GAPS_DB = 0.5, -1.0     # of hiss below the notes beyond the recordings': nobody hears the rest; and between partials
LOW_HZ, HIGH_HZ = 600.0, 840.0         # hiss up to the first is set, above the second it stays: loss and flicker know those bands


@dataclass
class Crop:
    """A phrase of the corpus: [1, hops, ...] of what the decoder gets; audio [hops * HOP]."""
    latent: Tensor
    loudness: Tensor
    f0: Tensor
    voicing: Tensor
    audio: Array


def crops(model: Model, phrases: Phrases, draw: np.random.Generator) -> list[Crop]:
    chosen = []
    for place in draw.permutation(len(phrases.spans))[:PHRASES]:
        first, last = phrases.spans[place]
        hops = slice(first, min(last, first + PHRASE_HOPS))
        log_mel, loudness, f0, voicing = (torch.tensor(phrases.column[key][hops].astype(np.float32))[None]
                                          for key in ('log_mel', 'loudness', 'f0', 'voicing'))
        latent = steadied(model.encoder(log_mel)[0], loudness, torch.tensor([USUAL_STABILITY]))
        audio = phrases.column['audio'][hops.start * HOP:hops.stop * HOP].astype(np.float32) / 32767
        chosen.append(Crop(latent, loudness, f0, voicing, audio))
    return chosen


def beside(model: Model, chosen: list[Crop], draw: np.random.Generator) -> list[tuple[Array, Array, Crop]]:
    """Each recording, and what the decoder makes of it, aligned [hops * HOP]"""
    decoder, delay, pairs = model.decoder, model.settings.delay, []
    for crop in chosen:
        columns = draw.standard_normal((crop.f0.shape[1], stream.HISS_COLUMNS + stream.FLICKER_COLUMNS)).astype(np.float32)
        louder = decoder.flickering(torch.tensor(stream.drawn_flicker(columns))[None])
        made = decoder(crop.latent, crop.loudness, crop.f0, crop.voicing, louder=louder)[0].numpy()
        length = (len(crop.audio) // HOP - -(-delay // HOP)) * HOP
        pairs.append((crop.audio[:length], made[delay:delay + length], crop))
    return pairs


@torch.no_grad()
def calibrate(model: Model, phrases: Phrases) -> None:
    """Set flicker and hiss of a pitched model's decoder. In place."""
    draw = np.random.default_rng(0)
    chosen = crops(model, phrases, draw)
    measure_flicker(model, chosen, draw)
    measure_hiss(model, chosen, draw)


def measure_flicker(model: Model, chosen: list[Crop], draw: np.random.Generator) -> None:
    """Let levels move as much as those of the corpus. In turns: what one adds is heard less where a band is quiet."""
    for _ in range(FLICKER_TURNS):
        pairs = [(wanted, made, crop.loudness[0, :len(wanted) // HOP].numpy()) for wanted, made, crop in beside(model, chosen, draw)]
        before = model.decoder.flicker.numpy()
        model.decoder.flicker.copy_(torch.tensor(flicker.strengths(*flicker.movement(pairs, nets.NOISE_BANDS), before)))


def measure_hiss(model: Model, chosen: list[Crop], draw: np.random.Generator) -> None:
    """Take low hiss back, step by step, while it is louder below the notes than in the recordings, unless it gets too quiet between
    the partials."""
    bias = model.decoder.to_noise.bias
    for _ in range(MOST_STEPS):
        pairs = []
        for wanted, made, crop in beside(model, chosen, draw):
            f0, voicing, loudness = (values[0, :len(wanted) // HOP].numpy() for values in (crop.f0, crop.voicing, crop.loudness))
            pairs.append((wanted, made, f0, voicing, loudness))
        found = detail(pairs)
        if not (found.under_db > FINE_DB and found.gaps_db > LEAST_GAPS_DB):        # nor where none is heard
            return
        bias.sub_(torch.tensor(low_bands() * np.float32(HISS_STEP_DB * np.log(10) / 20)))


def low_bands() -> Array:
    """1 for each band of noise up to LOW_HZ, 0 from HIGH_HZ, in between on a line of pitch [NOISE_BANDS]"""
    hz = np.arange(nets.BINS) * SR / nets.SYNTH
    weights = band_interpolation(nets.NOISE_BANDS, nets.BINS)
    middle = (weights @ hz) / np.maximum(weights.sum(1), 1e-9)
    return np.clip(np.log(HIGH_HZ / np.maximum(middle, 1.0)) / np.log(HIGH_HZ / LOW_HZ), 0, 1).astype(np.float32)
