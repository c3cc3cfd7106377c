"""What an exported package is worth, measured hop by hop on recordings that it never saw.

Every recording is brought to -20 dB(A) first, as in training. Pitch reaches the decoder in two ways: `offline`, the
tracker's look-back search over the whole file, and `plugin`, as the plugin does it: decided from the past alone, and
carried on to the time when it is heard. Both are judged against the offline track of the input.
"""
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import axes, pitch
from .corpus import load, sound_files
from .features import HOP, LEVEL_GATE_DB, N_FFT, SR, Array, loudness_of
from .measures import CREST_BANDS_HZ, crest_db, cross_validated_r2, msmel, quadratic, sawtooth, texture_distance
from .session import Session

SETTLE = 4               # hops at the start that are not judged
LEVEL_DB = -20.0         # dB(A), loud part of every recording
SOUNDING_DB = -50.0
QUIETER_DB = -12.0        # the gain that should not move the latent
CARRY_MAX_CENTS = 40.0
LOW_NOTE_HZ = 150.0
SHORTEST_HOPS = 12
PATHS = ('offline', 'plugin')


@dataclass
class Take:
    """One recording and what the model made of it; all per hop except audio and made [hops * HOP]."""
    name: str
    audio: Array
    f0: Array
    voicing: Array
    loudness: Array
    latent: Array
    made: dict[str, Array] = field(default_factory=dict)
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)


def carry_on(f0: Array, voicing: Array, delay: int) -> Array:
    """f0 [hops] carried on from where it was measured to where it is heard, by the last step's slope, at most
    CARRY_MAX_CENTS, only between voiced hops. delay: of the model, samples."""
    # measured this long before the hop's end (see pitch.difference_function), heard in a hop of the comb centred here
    measured = (pitch.width_for(delay) + SR / f0) / 2
    heard = delay - HOP / 2
    step = np.zeros(len(f0))
    step[1:] = np.where((voicing[1:] > 0) & (voicing[:-1] > 0), pitch.cents(f0[1:], f0[:-1]), 0.0)
    change = np.clip(step * (measured - heard) / HOP, -CARRY_MAX_CENTS, CARRY_MAX_CENTS)
    return (f0 * 2 ** (change / 1200)).astype(np.float32)


def plugin_pitch(audio: Array, loudness: Array, delay: int) -> tuple[Array, Array]:
    """-> f0, voicing [hops] as the plugin gives them to the decoder."""
    f0, voicing = pitch.track(audio, loudness, causal=True, width=pitch.width_for(delay))
    return carry_on(f0, voicing, delay), voicing


def prepare(path: Path, seconds: float | None = None) -> tuple[Array, Array, Array, Array] | None:
    """-> audio on the hop grid at LEVEL_DB, trimmed, two hops of silence after it; f0, voicing, loudness.
    None for a recording without sound."""
    audio = load(path)
    if len(audio) < HOP:
        return None
    loudness = loudness_of(audio)
    keep = np.where(loudness > max(loudness.max() - 45, LEVEL_GATE_DB))[0]
    if len(keep) == 0:
        return None
    audio = audio[max(keep[0] - 4, 0) * HOP:(keep[-1] + 1) * HOP]
    if seconds:
        audio = audio[:int(seconds * SR)]
    audio = audio * 10 ** ((LEVEL_DB - np.percentile(loudness[keep], 95)) / 20)
    audio = np.pad(audio, (0, 4 * HOP))[:(len(audio) // HOP + 2) * HOP].astype(np.float32)
    loudness = loudness_of(audio)
    return audio, *pitch.track(audio, loudness), loudness


def follow(take: Take, made: Array, lag: int) -> dict[str, Any]:
    """How the output follows pitch and loudness of the input; lag: the model's delay in hops."""
    got_loudness = loudness_of(made)
    got_f0, got_voicing = pitch.track(made, got_loudness)
    want, got = slice(SETTLE, len(take.f0) - lag), slice(SETTLE + lag, len(take.f0))
    sounding = take.loudness[want] > SOUNDING_DB
    voiced = sounding & (take.voicing[want] > 0.5)
    error = np.abs(pitch.cents(got_f0[got], take.f0[want]))
    # octave-free error too: the tracker itself may call a bright tone an octave off
    folded = np.abs((pitch.cents(got_f0[got], take.f0[want]) + 600) % 1200 - 600)
    heard = voiced & (got_voicing[got] > 0)
    levels = np.maximum(take.loudness[want], -70), np.maximum(got_loudness[got], -70)
    return {'voiced': int(voiced.sum()), 'heard': int(heard.sum()), 'cents': error[heard], 'folded': folded[heard],
            'levels': np.stack(levels), 'level_error': np.abs(levels[0] - levels[1])[sounding]}


def play(session: Session, folder: Path, only: list[str] | None, limit: int, seconds: float | None) -> list[Take]:
    """Run recordings of a folder, evenly spread over its names, through the package. only: file names to use."""
    files = [p for p in sound_files(folder) if only is None or p.name in set(only)]
    if not files:
        raise ValueError(f'{folder}: none of the wanted recordings found; give the folder that the model was made from')
    files = [files[i] for i in np.unique(np.linspace(0, len(files) - 1, min(limit, len(files))).astype(int))]
    takes = []
    for path in files:
        prepared = prepare(path, seconds)
        if prepared is None or len(prepared[1]) < SHORTEST_HOPS:
            continue
        audio, f0, voicing, loudness = prepared
        session.reset()
        latent, level = session.encode(audio)
        take = Take(path.name, audio, f0, voicing, loudness, latent)
        delay = session.about['delay_frames']
        given = {'offline': (f0, voicing), 'plugin': plugin_pitch(audio, loudness, delay)}
        for way in PATHS:
            session.reset()
            take.made[way] = session.decode(latent, level, *given[way], session.noise(len(f0)), audio)
            take.scores[way] = follow(take, take.made[way], round(delay / HOP))
        takes.append(take)
    if not takes:
        raise ValueError(f'{folder}: every recording is silent or shorter than {SHORTEST_HOPS * HOP} samples')
    return takes


def following(takes: list[Take], way: str) -> dict[str, float | None]:
    """Pitch and loudness scores over all takes; percentages of the hops that are voiced in the input, where a hop that has lost its pitch
    is as wrong as one that is out of tune."""
    scores = [take.scores[way] for take in takes]
    cents, folded = (np.concatenate([s[key] for s in scores]) for key in ('cents', 'folded'))
    voiced = max(sum(s['voiced'] for s in scores), 1)
    levels, error = np.concatenate([s['levels'] for s in scores], 1), np.concatenate([s['level_error'] for s in scores])
    return {'pitch_median_cents': round(float(np.median(cents)), 2) if len(cents) else None,
            'pitch_within_50_cents_percent': round(100 * float((cents < 50).sum()) / voiced, 2),
            'pitch_within_50_cents_octave_ignored_percent': round(100 * float((folded < 50).sum()) / voiced, 2),
            'voiced_again_percent': round(100 * sum(s['heard'] for s in scores) / voiced, 2),
            'loudness_r': round(float(np.corrcoef(levels)[0, 1]), 4),
            'loudness_error_db': round(float(error.mean()), 2)}


def latent_scores(session: Session, takes: list[Take]) -> dict[str, float]:
    """Does the latent know level or pitch, and does the input gain move it? Deviations: of the training latents."""
    moved, off = [], []
    for take in takes:
        session.reset()
        latent, level = session.encode(take.audio * np.float32(10 ** (QUIETER_DB / 20)))
        sounding = take.loudness > -40
        moved.append(np.abs(latent - take.latent)[sounding])
        off.append(np.abs(level - QUIETER_DB - take.loudness)[sounding])
    latent, loudness, f0 = (np.concatenate([getattr(t, key)[t.loudness > SOUNDING_DB] for t in takes])
                            for key in ('latent', 'loudness', 'f0'))
    by_dimension = np.concatenate(moved).mean(0)
    return {'moved_by_minus_12_db_deviations': round(float(by_dimension.max()), 5),
            'loudness_off_by_minus_12_db_db': round(float(np.concatenate(off).mean()), 5),
            'loudness_r2_linear': round(cross_validated_r2(latent, loudness), 3),
            'loudness_r2_quadratic': round(cross_validated_r2(quadratic(latent), loudness), 3),
            'log_f0_r2_quadratic': round(cross_validated_r2(quadratic(latent), np.log2(f0)), 3)}


def likeness(takes: list[Take], delay: int) -> dict[str, Any]:
    """msmel against silence and a sawtooth, texture distance, crest factors. delay: of the model, samples."""
    skip = SETTLE * HOP
    wanted = [np.concatenate([np.zeros(delay, np.float32), t.audio[:-delay]])[skip:] for t in takes]
    saws = [sawtooth(t.f0, t.loudness, t.voicing)[skip:] for t in takes]
    made = {way: [t.made[way][skip:] for t in takes] for way in PATHS}
    # a sawtooth has no delay: it is held against the recording itself
    rows = {**{way: [msmel(w, m) for w, m in zip(wanted, made[way])] for way in PATHS},
            'silence': [msmel(w, np.zeros_like(w)) for w in wanted],
            'sawtooth': [msmel(t.audio[skip:], s) for t, s in zip(takes, saws)]}
    weight = [len(t.f0) for t in takes]
    table: dict[str, Any] = {'msmel_db': {k: round(float(np.average(v, weights=weight)), 3) for k, v in rows.items()},
                             'crest_db': {}}
    table['texture_distance'] = {'model': round(texture_distance(wanted, made['offline']), 1),
                                 'sawtooth': round(texture_distance(wanted, saws), 1)}
    if len(takes) > 1:
        table['texture_distance']['other_half_of_recordings'] = round(texture_distance(wanted[::2], wanted[1::2]), 1)
    for title, low in (('low_notes', True), ('high_notes', False)):
        part = [i for i, t in enumerate(takes) if (np.median(t.f0) < LOW_NOTE_HZ) == low]
        if not part:
            continue
        table['msmel_db'][title] = round(float(np.mean([rows['offline'][i] for i in part])), 3)
        table['crest_db'][title] = {
            f'{bottom}-{top}_hz': [median_crest(side, bottom, top)
                                   for side in ([takes[i].audio for i in part], [takes[i].made['offline'] for i in part])]
            for bottom, top in CREST_BANDS_HZ}
    return table


def median_crest(sounds: list[Array], low_hz: float, high_hz: float) -> float | None:
    """None where nothing sounds in the band."""
    blocks = np.concatenate([crest_db(audio, low_hz, high_hz) for audio in sounds])
    return round(float(np.median(blocks)), 1) if len(blocks) else None


def outside_range(session: Session, takes: list[Take]) -> float:
    """Per cent of hop-and-dimension pairs beyond the training's 1..99 % range (2 by definition for the training
    itself), over the dimensions with at least 2 % of the variance."""
    about = session.about['latent']
    alive = np.array(about['variance_share']) >= 0.02
    latent = np.concatenate([t.latent[t.loudness > SOUNDING_DB] for t in takes])
    return round(100 * float(((latent < about['p01']) | (latent > about['p99']))[:, alive].mean()), 1)


def evaluate(package: Path, folder: Path, only: list[str] | None = None, foreign: list[Path] | None = None,
             limit: int = 60, foreign_limit: int = 20, figure: Path | None = None) -> dict[str, Any]:
    """-> all figures of a package, ready for JSON. only: the held-out names; foreign: folders of other sounds."""
    began = time.monotonic()
    session = Session(package)
    own = play(session, folder, only, limit, None)
    table: dict[str, Any] = {
        'name': session.about['name'], 'training': session.about['training'],
        'held_out': {'files': len(own), 'seconds': round(sum(len(t.audio) for t in own) / SR, 1),
                     **likeness(own, session.about['delay_frames']), **{way: following(own, way) for way in PATHS},
                     'latent': latent_scores(session, own), 'latent_outside_range_percent': outside_range(session, own)},
        'latent_axes': axes.effects(session, own), 'transfer': {}}
    shown = {'held out': own}
    for other in foreign or []:
        takes = play(session, other, None, foreign_limit, 6.0)
        shown[other.name] = takes
        table['transfer'][other.name] = {'files': len(takes), **{way: following(takes, way) for way in PATHS},
                                         'latent_outside_range_percent': outside_range(session, takes)}
    table['cpu_ms_per_hop'] = round(cost_ms(session, max(own, key=lambda t: len(t.f0))), 3)
    table['evaluation_seconds'] = round(time.monotonic() - began, 1)
    if figure:
        from .picture import draw
        draw(shown, session.about['delay_frames'], figure)
    return table


def cost_ms(session: Session, take: Take) -> float:
    """Encoder and decoder per hop on one core through Python, milliseconds."""
    session.reset()
    began = time.perf_counter()
    latent, level = session.encode(take.audio)
    session.decode(latent, level, take.f0, take.voicing, session.noise(len(take.f0)), take.audio)
    return (time.perf_counter() - began) / len(take.f0) * 1e3


def held_out_names(path: Path) -> list[str]:
    """The names in a `prepare` report (JSON with `held_out`) or in a text file, one a line."""
    text = path.read_text()
    names = json.loads(text)['held_out'] if path.suffix == '.json' else text.split('\n')
    return [name for name in names if name.strip()]
