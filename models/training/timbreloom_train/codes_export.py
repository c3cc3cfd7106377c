"""A discrete checkpoint and its corpus -> a package of kind `discrete` (see `docs/package.md`)."""
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch

from . import codes_sound, nets
from .codes_nets import WIDTH
from .codes_stream import decoder_graph, encoder_graph
from .codes_train import SOUNDING_DB, CodeModel, load_codes
from .corpus import Phrases
from .descriptors import NAMES, describe
from .export import sha256
from .manifest import write_manifest
from .features import DELAY, HOP, SR, Array, analyse
from .pitch import MAX_HZ
from .session import ExportError

GRID_SEMITONES = 3.0        # at most between two pitches of the grid
GRID_MARGIN = 2.0           # semitones beyond the training sound's pitches, both ways
MEASURED = {'level_db': -20.0, 'hops': 12, 'first_hop': 6, 'seed': 1, 'tolerance': 0.02}
TRANSITIONS = 8             # most frequent successors kept per code, itself included
PARITY_HOPS, PARITY_SEED, PARITY_TOLERANCE = 48, 7, 2e-3


@torch.no_grad()
def codes_of(model: CodeModel, phrases: Phrases) -> npt.NDArray[np.int64]:
    """The code of every hop of the corpus [hops]"""
    column, found = phrases.column, []
    for start in range(0, len(column['f0']), 8192):
        rows = slice(start, start + 8192)
        vectors = model.encoder(torch.from_numpy(column['log_mel'][rows].astype(np.float32)),
                                torch.from_numpy(column['voicing'][rows]))
        found.append(model.book.nearest(vectors).numpy())
    return np.concatenate(found)


def pitch_grid(f0: Array) -> Array:
    low, high = np.percentile(f0, [1, 99]) * 2 ** (np.array([-GRID_MARGIN, GRID_MARGIN]) / 12)
    low, high = max(float(low), 40.0), min(float(high), 0.98 * MAX_HZ)
    return np.geomspace(low, high, 1 + int(np.ceil(12 * np.log2(high / low) / GRID_SEMITONES))).astype(np.float32)


def own_pitch(codes: npt.NDArray, f0: Array, is_pitched: npt.NDArray[np.bool_], count: int, grid: Array) -> Array:
    """Median pitch of each code's hops; of all hops, for a code that none of them has [codes]"""
    rest = float(np.median(f0[is_pitched]))
    order = np.argsort(codes[is_pitched], kind='stable')
    groups = np.split(f0[is_pitched][order], np.searchsorted(codes[is_pitched][order], np.arange(1, count)))
    found = np.array([np.median(group) if len(group) else rest for group in groups], np.float32)
    return np.clip(found, grid[0], grid[-1])


@torch.no_grad()
def grid_bands(model: CodeModel, grid: Array) -> Array:
    """[codes, grid, BANDS]"""
    vectors = model.book.vectors
    return np.stack([model.decoder.bands(vectors, torch.full((len(vectors),), float(hz))).numpy() for hz in grid], 1)


def measure(bands: Array, spectrum: npt.NDArray) -> Array:
    """Descriptors of codes held still: bands [codes, BANDS], source spectra [codes or 1, hops, BINS] -> [codes, descriptor]"""
    noise = codes_sound.hiss(MEASURED['seed'], MEASURED['hops'])
    rows = []
    for index in range(len(bands)):
        held = np.broadcast_to(bands[index], (MEASURED['hops'], bands.shape[1]))
        own = spectrum[min(index, len(spectrum) - 1)]
        audio = codes_sound.synthesise(held, np.full(MEASURED['hops'], MEASURED['level_db']), own, noise)
        rows.append(np.median(describe(audio)[MEASURED['first_hop']:], 0))
    return np.array(rows, np.float32)


def transitions(codes: npt.NDArray, spans: npt.NDArray, sounding: npt.NDArray[np.bool_], count: int) -> Array:
    """[codes, TRANSITIONS, 2]: successors, most frequent first, and how often; (-1, 0) where there are fewer"""
    pairs = [codes[first:last - 1][ok] * count + codes[first + 1:last][ok] for first, last in spans
             if (ok := sounding[first:last - 1] & sounding[first + 1:last]).any()]
    table = np.bincount(np.concatenate(pairs), minlength=count * count).reshape(count, count)
    order = np.argsort(-table, axis=1, kind='stable')[:, :TRANSITIONS]
    seen = np.take_along_axis(table, order, 1)
    return np.stack([np.where(seen > 0, order, -1), seen], -1).astype(np.float32)


def plane_of(vectors: Array, used: npt.NDArray) -> tuple[Array, Array]:
    """The codes on their first two principal components, weighted by use, in deviations [codes, 2]; shares of variance"""
    share = used / used.sum()
    centred = vectors - share @ vectors
    value, axes = np.linalg.eigh((centred * share[:, None]).T @ centred)
    value, axes = np.maximum(value[::-1], 1e-9), axes[:, ::-1]
    axes = axes * np.sign(np.abs(axes).max(0) - np.abs(axes.min(0)) + 1e-12)
    return (centred @ axes[:, :2] / np.sqrt(value[:2])).astype(np.float32), (value / value.sum())[:2]


@torch.no_grad()
def parity_rows(model: CodeModel, bands: Array, grid: Array, own_hz: Array) -> dict[str, Array]:
    """A synthetic glide through the encoder, and random codes through the player: in tune, leaping, out of the grid."""
    rng = np.random.default_rng(7)
    hops = PARITY_HOPS
    glide = np.geomspace(grid[1], grid[-2], hops).astype(np.float32)
    phase = np.cumsum(np.repeat(glide.astype(np.float64), HOP) / SR)
    audio = (0.1 * sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 9))
             + 0.003 * rng.standard_normal(hops * HOP)).astype(np.float32)
    log_mel, loudness = analyse(audio)
    voicing = np.linspace(0.2, 0.99, hops).astype(np.float32)
    vectors = model.encoder(torch.from_numpy(log_mel), torch.from_numpy(voicing)).numpy()
    codes = rng.integers(0, len(own_hz), hops)
    f0 = np.concatenate([glide[:hops // 2] * 0.8, own_hz[codes[hops // 2:]]]).astype(np.float32)
    level = np.linspace(-40, -15, hops).astype(np.float32)
    output = codes_sound.synthesise(codes_sound.at_pitch(bands, grid, codes, f0), level, codes_sound.source(f0),
                                    codes_sound.hiss(PARITY_SEED, hops))
    return {'audio': audio, 'voicing': voicing, 'vectors': vectors, 'loudness': loudness, 'codes': codes.astype(np.float32),
            'f0': f0, 'level': level, 'output': output}


def write_lists(path: Path, lists: list[npt.ArrayLike]) -> str:
    """-> the file's hash"""
    path.write_bytes(b''.join(np.ascontiguousarray(values, '<f4').tobytes() for values in lists))
    return sha256(path)


def export_codes(checkpoint: Path, cache: Path, folder: Path, name: str, description: str, licence: str, provenance: str,
                 commit: str = '') -> dict[str, Any]:
    """Write the package; -> its manifest. Raises ExportError for a model that should not be played."""
    model, phrases = load_codes(checkpoint), Phrases(cache)
    column, count = phrases.column, model.settings.codes
    codes = codes_of(model, phrases)
    sounding = column['loudness'] > SOUNDING_DB
    used = np.bincount(codes[sounding], minlength=count)
    pitched = sounding & (column['voicing'] > 0.5)
    if not pitched.any():
        raise ExportError(f'{cache}: nothing in it has a pitch; a discrete model needs pitched sound')
    grid = pitch_grid(column['f0'][pitched])
    own_hz = own_pitch(codes, column['f0'], pitched, count, grid)
    bands = grid_bands(model, grid)
    if not np.isfinite(bands).all():
        raise ExportError('the model gives values that are not numbers; train it again with a lower learning rate')
    everyone = np.arange(count)
    own_bands = codes_sound.at_pitch(bands, grid, everyone, own_hz)
    hops = MEASURED['hops']
    of_own = np.concatenate([measure(own_bands[rows], codes_sound.source(np.repeat(own_hz[rows, None], hops, 1)))
                             for rows in np.array_split(everyone, max(1, count // 64))])
    of_grid = np.stack([measure(bands[:, column_], codes_sound.source(np.full((1, hops), hz, np.float32)))
                        for column_, hz in enumerate(grid)], 1)
    vectors = model.book.vectors.numpy()
    plane, plane_share = plane_of(vectors, used)
    folder.mkdir(parents=True, exist_ok=True)
    encoder, state_size = encoder_graph(model.encoder)
    onnx.save(encoder, folder / 'encoder.onnx')
    onnx.save(decoder_graph(model.decoder), folder / 'decoder.onnx')
    tables = write_lists(folder / 'tables.f32', [
        nets.scatter_filter()[::-1], vectors, used, own_hz, plane, of_own, of_grid,
        transitions(codes, phrases.spans, sounding, count)])
    parity = write_lists(folder / 'parity.f32', list(parity_rows(model, bands, grid, own_hz).values()))

    def rounded(values: npt.ArrayLike, digits: int = 4) -> Any:
        return np.round(np.asarray(values, float), digits).tolist()
    manifest = {
        'format': 1, 'kind': 'discrete',
        'name': name, 'description': description, 'licence': licence, 'provenance': provenance,
        'training': {'steps': model.steps, 'minutes': round(model.seconds / 60, 1), 'commit': commit,
                     'codes_used': int((used > 0).sum()), 'least_used': int(used.min()),
                     'perplexity': round(float(np.exp(-(used / used.sum() * np.log(used / used.sum() + 1e-12)).sum())), 1)},
        'sample_rate_hz': SR, 'hop_frames': HOP, 'delay_frames': DELAY,
        'codes': count, 'width': WIDTH, 'harmonic_bands': nets.HARMONIC_BANDS, 'noise_bands': nets.NOISE_BANDS,
        'loudness_db': dict(zip(('p01', 'p50', 'p99'), rounded(np.percentile(column['loudness'][sounding], [1, 50, 99]), 2))),
        'pitch': dict(zip(('min_hz', 'max_hz'), rounded(np.percentile(column['f0'][pitched], [1, 99]), 2))),
        'pitch_grid_hz': [float(hz) for hz in grid],
        'plane_share': rounded(plane_share), 'transitions_per_code': TRANSITIONS,
        'descriptors': list(NAMES), 'measured': MEASURED,
        'encoder': {'file': 'encoder.onnx', 'sha256': sha256(folder / 'encoder.onnx'), 'state_size': state_size},
        'decoder': {'file': 'decoder.onnx', 'sha256': sha256(folder / 'decoder.onnx')},
        'tables': {'file': 'tables.f32', 'sha256': tables},
        'parity': {'file': 'parity.f32', 'sha256': parity, 'hops': PARITY_HOPS, 'seed': PARITY_SEED,
                   'tolerance': PARITY_TOLERANCE},
    }
    write_manifest(folder, manifest)
    print(f'{folder}: {count} codes, {int((used > 0).sum())} used, own pitches {rounded(np.percentile(own_hz, [5, 50, 95]), 1)} Hz, '
          f'plane {rounded(plane_share, 2)}')
    return json.loads(json.dumps(manifest))
