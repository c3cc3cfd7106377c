"""What a package makes of its own domain's held-out sound, what its latent knows, and what it costs."""
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from .detail import Pair, detail
from .evaluate import PATHS, SETTLE, SOUNDING_DB, Take, follow, following, plugin_pitch
from .features import HOP, SR, Array
from .matrix import decode
from .measures import cross_validated_r2, msmel, quadratic, sawtooth
from .session import ExportError, Session, verify

GAIN_DB = -12.0
LOUD_DB = -40.0            # hops quieter than this are not judged for gain invariance
ALIVE_SHARE = 0.01
COST_HOPS = 300
COST_TURNS = 4


def shaped_noise(loudness: Array) -> Array:
    """White noise with the loudness of each hop: the baseline that knows dynamics and nothing else."""
    return sawtooth(np.full(len(loudness), 110, np.float32), loudness, np.zeros(len(loudness), np.float32))


def play(session: Session, takes: list[Take]) -> list[Take]:
    """Copies of the recordings with latent, output and scores; pitch as in evaluate.PATHS. The general stage has no
    use for a pitch: both ways are one there."""
    played, general, delay = [], session.about.get('stage') == 'general', session.about['delay_frames']
    for take in takes:
        session.reset()
        latent, level = session.encode(take.audio)
        ways = {'offline': (take.f0, take.voicing)}
        if not general:
            ways['plugin'] = plugin_pitch(take.audio, take.loudness, delay)
        made = {}
        for way, (f0, voicing) in ways.items():
            session.reset()
            made[way] = decode(session, latent, level, f0, voicing, take.audio)
        made.setdefault('plugin', made['offline'])
        scores = {way: follow(take, made[way], round(delay / HOP)) for way in ways}
        scores.setdefault('plugin', scores['offline'])
        played.append(replace(take, latent=latent, made=made, scores=scores))
    return played


def distances(takes: list[Take], delay: int) -> dict[str, float]:
    """Mean log-mel distance (msmel, dB) of the model and of what knows nothing. delay: of the model, samples."""
    skip = SETTLE * HOP
    rows: dict[str, list[float]] = {key: [] for key in (*PATHS, 'silence', 'shaped_noise', 'sawtooth')}
    for take in takes:
        wanted = np.concatenate([np.zeros(delay, np.float32), take.audio[:-delay]])[skip:]
        for way in PATHS:
            rows[way].append(msmel(wanted, take.made[way][skip:]))
        # the baselines have no delay: they are held against the recording itself
        plain = take.audio[skip:]
        rows['silence'].append(msmel(plain, np.zeros_like(plain)))
        rows['shaped_noise'].append(msmel(plain, shaped_noise(take.loudness)[skip:]))
        rows['sawtooth'].append(msmel(plain, sawtooth(take.f0, take.loudness, take.voicing)[skip:]))
    weight = [len(take.f0) for take in takes]
    return {key: round(float(np.average(values, weights=weight)), 3) for key, values in rows.items()}


def latent_scores(session: Session, takes: list[Take]) -> dict[str, Any]:
    """R2 of loudness and log f0 from the latent, the largest mean movement of a latent under GAIN_DB, latents alive."""
    about, moved = session.about['latent'], []
    for take in takes:
        session.reset()
        latent, _ = session.encode(take.audio * np.float32(10 ** (GAIN_DB / 20)))
        moved.append(np.abs(latent - take.latent)[take.loudness > LOUD_DB])
    percent = 100 * np.concatenate(moved).mean(0) / np.array(about['std'])
    column = {key: np.concatenate([getattr(t, key) for t in takes]) for key in ('latent', 'loudness', 'f0', 'voicing')}
    scores: dict[str, Any] = {'gain_moves_percent': round(float(percent.max()), 2),
                              'alive': int((np.array(about['variance_share']) >= ALIVE_SHARE).sum()), 'dims': about['dims']}
    sounding = column['loudness'] > SOUNDING_DB
    for name, use, values in (('loudness', sounding, column['loudness']),
                              ('log_f0', sounding & (column['voicing'] > 0.5), np.log2(np.maximum(column['f0'], 1)))):
        if use.sum() < 400:
            scores |= {f'{name}_r2_linear': None, f'{name}_r2_quadratic': None}
            continue
        latent = column['latent'][use]
        scores |= {f'{name}_r2_linear': round(cross_validated_r2(latent, values[use]), 3),
                   f'{name}_r2_quadratic': round(cross_validated_r2(quadratic(latent), values[use]), 3)}
    return scores


def parity(package: Path, session: Session) -> dict[str, Any]:
    """The largest difference between the package hop by hop and the whole-file example that it carries."""
    about = session.about
    hops, dims = about['parity']['hops'], about['latent']['dims']
    sizes = {'audio': (hops * HOP,), 'f0': (hops,), 'voicing': (hops,), 'noise': (hops, about['noise_columns']),
             'latent': (hops, dims), 'loudness': (hops,), 'output': (hops * HOP,)}
    values = np.fromfile(package / about['parity']['file'], '<f4')
    ends = np.cumsum([int(np.prod(shape)) for shape in sizes.values()])
    if len(values) != ends[-1]:
        return {'streaming_error': None, 'streaming_why': f'the example has {len(values)} values, expected {ends[-1]}'}
    parts = np.split(values, ends[:-1])
    rows = {name: part.reshape(shape) for (name, shape), part in zip(sizes.items(), parts)}
    try:
        return {'streaming_error': verify(package, rows)}
    except ExportError as error:
        return {'streaming_error': None, 'streaming_why': str(error)}


def cost(session: Session, take: Take) -> dict[str, float]:
    """Encoder and decoder on one core, ms per hop; the best of COST_TURNS, since other work only ever adds."""
    about = session.about
    hops = min(COST_HOPS, len(take.f0))
    audio, f0, voicing = take.audio[:hops * HOP], take.f0[:hops], take.voicing[:hops]
    best = np.inf
    for _ in range(COST_TURNS):
        session.reset()
        began = time.perf_counter()
        latent, level = session.encode(audio)
        decode(session, latent, level, f0, voicing, audio)
        best = min(best, (time.perf_counter() - began) / hops * 1e3)
    hop_ms = 1e3 * about['hop_frames'] / about['sample_rate_hz']
    return {'ms_per_hop': round(best, 2), 'times_real_time': round(hop_ms / best, 1)}


def static(package: Path, about: dict[str, Any]) -> dict[str, float]:
    """Latency (one hop and the delay), ms; size of all files, MB."""
    frames = about['hop_frames'] + about['delay_frames']
    return {'latency_ms': round(1e3 * frames / about['sample_rate_hz'], 1),
            'size_mb': round(sum(p.stat().st_size for p in package.iterdir() if p.is_file()) / 1e6, 1)}


def aligned(take: Take, delay: int) -> Pair:
    """As `detail` wants it. delay: of the model, samples."""
    hops = (len(take.audio) - delay) // HOP
    return (take.audio[:hops * HOP], take.made['offline'][delay:delay + hops * HOP],
            take.f0[:hops], take.voicing[:hops], take.loudness[:hops])


def own_domain(session: Session, played: list[Take]) -> dict[str, Any]:
    """All figures on held-out sound."""
    pitched = session.about.get('pitch') is not None and session.about.get('stage') != 'general'
    table: dict[str, Any] = {'files': len(played), 'seconds': round(sum(len(t.audio) for t in played) / SR, 1),
                             'distance_db': distances(played, session.about['delay_frames']), **latent_scores(session, played)}
    found = detail([aligned(take, session.about['delay_frames']) for take in played])
    table['detail'] = {key: None if np.isnan(value) else round(value, 2) for key, value in asdict(found).items()}
    for way in PATHS:
        scores = following(played, way)
        kept = scores if pitched else {key: scores[key] for key in ('loudness_r', 'loudness_error_db')}
        table[way] = kept
    return table
