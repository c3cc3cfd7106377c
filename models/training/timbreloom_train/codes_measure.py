"""What a discrete model is worth: rebuilding recordings it never heard, and codes that do not mind the level."""
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import codes_sound
from .codes_nets import BANDS
from .codes_train import CodeModel
from .corpus import TARGET_LEVEL_DB, load, sound_files, trim
from .features import DELAY, HOP, Array, analyse, loudness_of
from .measures import msmel, sawtooth
from .pitch import track

# Loud: near the recording's peak, and 20 dB lower still above the level (-62 dB(A)) below which the tracker says silence
LOUD_BELOW_PEAK_DB, LOUD_FROM_DB = 20.0, -42.0
TURNED_DOWN_DB = -20.0
SAME_CODE_GOAL = 99.0       # per cent


@torch.no_grad()
def hear(model: CodeModel, audio: Array) -> tuple[torch.Tensor, Array]:
    """As the player hears it: vectors [hops, WIDTH], loudness [hops]; pitch from the past alone"""
    log_mel, loudness = analyse(audio)
    voicing = track(audio, loudness, causal=True)[1]
    return model.encoder(torch.from_numpy(log_mel), torch.from_numpy(voicing)), loudness


@torch.no_grad()
def rebuild(model: CodeModel, vectors: torch.Tensor, loudness: Array, f0: Array) -> Array:
    bands = model.decoder.bands(vectors, torch.from_numpy(f0)).numpy()
    assert bands.shape == (len(f0), BANDS)
    made = codes_sound.synthesise(bands, np.maximum(loudness, -80), codes_sound.source(f0), codes_sound.hiss(1, len(f0)))
    return made[DELAY:]


@torch.no_grad()
def evaluate_codes(model: CodeModel, folders: list[Path], only: list[str] | None, limit: int = 30) -> dict[str, Any]:
    """only: names of held-out files; None: any file. Raises ValueError when there is none."""
    files = [path for folder in folders for path in sound_files(folder) if only is None or path.name in set(only)]
    if not files:
        raise ValueError(f'{", ".join(map(str, folders))}: none of the wanted recordings is there; give the folder of the corpus')
    files = [files[i] for i in np.unique(np.linspace(0, len(files) - 1, limit).astype(int))]
    scores: dict[str, list[float]] = {name: [] for name in ('quantised', 'unquantised', 'sawtooth', 'silence')}
    same, loud_hops, heard_codes = 0, 0, set()
    seconds = 0.0
    for path in files:
        audio = load(path)
        audio = trim(audio, loudness_of(audio)) if len(audio) >= 8 * HOP else audio
        audio = audio[:30 * 44100 // HOP * HOP]
        if len(audio) < 12 * HOP:
            continue
        audio = audio * np.float32(10 ** ((TARGET_LEVEL_DB - np.percentile(loudness_of(audio), 95)) / 20))
        vectors, loudness = hear(model, audio)
        codes = model.book.nearest(vectors)
        f0, voicing = track(audio, loudness)
        quantised = rebuild(model, model.book.vectors[codes], loudness, f0)
        free = rebuild(model, vectors, loudness, f0)
        length = min(len(quantised), len(audio) - DELAY)
        if length < 4096:
            continue
        wanted = audio[:length]
        for name, made in (('quantised', quantised), ('unquantised', free), ('sawtooth', sawtooth(f0, loudness, voicing)),
                           ('silence', np.zeros(length, np.float32))):
            scores[name].append(msmel(made[:length], wanted))
        soft = model.book.nearest(hear(model, audio * np.float32(10 ** (TURNED_DOWN_DB / 20)))[0])
        loud = torch.from_numpy((loudness > loudness.max() - LOUD_BELOW_PEAK_DB) & (loudness > LOUD_FROM_DB))
        same += int((codes == soft)[loud].sum())
        loud_hops += int(loud.sum())
        heard_codes |= set(codes[loud].tolist())
        seconds += len(audio) / 44100
    if not loud_hops:
        raise ValueError('the recordings are too short to be measured; give longer ones')
    return {'files': len(scores['quantised']), 'seconds': round(seconds, 1), 'seen_in_training': only is None,
            'msmel_db': {name: round(float(np.mean(values)), 3) for name, values in scores.items()},
            'code_kept_at_minus_20_db_percent': round(100 * same / loud_hops, 2), 'loud_hops': loud_hops,
            'codes_heard': len(heard_codes)}
