"""A folder of sounds -> augmented phrases with cached features (one .npz file), and a held-out list.

Notes are set to one level and then given a RANDOM gain: loudness and timbre become independent by construction.
They are joined by short cross-fades (legato), straight joins or silence. Pitch is tracked per note, where the
tracker is nearly perfect, and joined like the audio, so that no note change confuses the labels.
"""
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from .features import DELAY, HOP, LEVEL_GATE_DB, SR, Array, analyse, loudness_of
from .pitch import hold_last, track
from .recordings import SOUND_FILES, files_of, read, remarks_of

TARGET_LEVEL_DB = -20.0        # dB(A): loudest part of each note before the random gain
GAIN_RANGE_DB = (-22.0, 4.0)
TILT_RANGE = (-3.0, 3.0)       # dB per octave around 1 kHz
SHIFT_RANGE = (94, 107)        # per cent of the speed: about -1.1 .. +1.2 semitones
FEWEST_TO_HOLD_OUT = 20        # files: of a smaller folder everything is trained on


@dataclass
class Note:
    """One recording, trimmed and set to TARGET_LEVEL_DB."""
    audio: Array      # [hops * HOP + rest]
    f0: Array         # [hops] Hz
    voicing: Array    # [hops] 0..1


def sound_files(folder: Path, exclude: str = '') -> list[Path]:
    """All sound files below the folder, sorted; names matching the regex are left out."""
    return [p for p in files_of(folder) if not (exclude and re.search(exclude, p.name))]


def is_held_out(path: Path, percent: int = 5) -> bool:
    """Decided by the file's name alone: stable when files come and go, and the same on every computer."""
    return int(hashlib.sha256(path.name.encode()).hexdigest(), 16) % 100 < percent


def load(path: Path) -> Array:
    """Mono float32 at SR; anything libsndfile reads, mended as `recordings.read` says."""
    mono, rate, _ = read(path)
    return mono if rate == SR else resample_poly(mono, SR, rate).astype(np.float32)


def tilt(audio: Array, db_per_octave: float, pivot_hz: float = 1000.0) -> Array:
    """Spectral tilt by a short linear-phase filter (unity at the pivot)."""
    if abs(db_per_octave) < 0.05:
        return audio
    freq = np.arange(513) * SR / 1024
    gain = 10 ** (db_per_octave * np.clip(np.log2(np.maximum(freq, 20) / pivot_hz), -4, 4) / 20)
    taps = np.roll(np.fft.irfft(gain), 256)[:513] * np.hanning(513)
    return np.convolve(audio, taps.astype(np.float32))[256:256 + len(audio)].astype(np.float32)


def trim(audio: Array, loudness: Array, below_peak_db: float = 50.0) -> Array:
    """Cut silence at both ends to hop boundaries; three hops before the onset stay."""
    loud = np.where(loudness > max(loudness.max() - below_peak_db, LEVEL_GATE_DB))[0]
    if len(loud) == 0:
        return audio[:0]
    return audio[max(loud[0] - 3, 0) * HOP:(loud[-1] + 1) * HOP]


def track_note(audio: Array, loudness: Array) -> tuple[Array, Array]:
    """As `pitch.track`, for one steady note: a second pass leans on its own median."""
    f0, voicing = track(audio, loudness)
    if (voicing > 0.8).sum() <= 5:
        return f0, voicing
    return track(audio, loudness, prior_hz=float(np.median(f0[voicing > 0.8])))


def load_note(path: Path, single_pitch: bool) -> Note | None:
    """None for a file too short to hold eight hops of sound. single_pitch: one steady note per file, so a second
    tracking pass may lean on the file's own median (never on its name: some names are an octave wrong)."""
    audio = load(path)
    if len(audio) < 8 * HOP:
        return None
    audio = trim(audio, loudness_of(audio))
    if len(audio) < 8 * HOP:
        return None
    loudness = loudness_of(audio)
    change_db = TARGET_LEVEL_DB - np.percentile(loudness, 95)
    audio, loudness = audio * np.float32(10 ** (change_db / 20)), loudness + change_db
    is_steady = single_pitch and not re.search('phrase|gliss|trill', path.name)
    f0, voicing = track_note(audio, loudness) if is_steady else track(audio, loudness)
    return Note(audio.astype(np.float32), f0, voicing)


def vary(note: Note, rng: np.random.Generator) -> Note:
    """One augmented copy of a note: speed (hence pitch), tilt, gain, and sometimes only its beginning."""
    percent = int(rng.integers(*SHIFT_RANGE)) if rng.random() < 0.7 else 100
    n_before = len(note.audio) // HOP
    audio = note.audio if percent == 100 else resample_poly(note.audio, 100, percent).astype(np.float32)
    n_hop = len(audio) // HOP
    # hop t sees the window centred on (t+1)*HOP - DELAY, which moves with the resampling
    centre = ((np.arange(n_hop) + 1) * HOP - DELAY) * percent / 100
    source = np.clip(np.round((centre + DELAY) / HOP - 1), 0, n_before - 1).astype(int)
    f0, voicing = note.f0[source] * np.float32(percent / 100), note.voicing[source]
    audio = tilt(audio, rng.uniform(*TILT_RANGE) if rng.random() < 0.7 else 0.0)
    audio = audio * np.float32(10 ** (rng.uniform(*GAIN_RANGE_DB) / 20))
    audio = audio * np.float32(min(1.0, 0.95 / (np.abs(audio).max() + 1e-9)))
    keep = n_hop if rng.random() < 0.6 else int(rng.integers(min(12, n_hop), n_hop + 1))
    return Note(audio[:keep * HOP].copy(), f0[:keep].copy(), voicing[:keep].copy())


def make_phrase(notes: list[Note], rng: np.random.Generator, seconds: float = 20.0) -> Note:
    """Join varied notes; everything stays on the hop grid."""
    longest = max(len(n.f0) for n in notes) * 100 // SHIFT_RANGE[0] + 60
    total = max(int(seconds * SR / HOP), longest)
    audio = np.zeros((total + 8) * HOP, np.float32)
    f0, voicing = np.zeros(total + 8, np.float32), np.zeros(total + 8, np.float32)
    position = 4
    while True:
        note = vary(notes[rng.integers(len(notes))], rng)
        n_hop = len(note.f0)
        fade = int(rng.integers(1, 5)) * HOP // 2                        # 6 .. 23 ms
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        note.audio[-fade:] *= ramp[::-1]
        draw = rng.random()
        overlap = 2 if draw < 0.45 and position > 8 else 0               # legato: starts two hops early
        gap = int(rng.integers(4, 40)) if draw > 0.75 else 0             # 0.05 .. 0.45 s of silence
        start = position - overlap + gap
        if start + n_hop > total:
            break
        if overlap:
            note.audio[:fade] *= ramp
        audio[start * HOP:(start + n_hop) * HOP] += note.audio
        # a hop's window is centred two hops before its end: the new pitch counts from start + 1 on
        f0[start + 1:start + n_hop] = note.f0[1:]
        voicing[start + 1:start + n_hop] = note.voicing[1:]
        position = start + n_hop
    audio = audio[:position * HOP] + rng.standard_normal(position * HOP).astype(np.float32) * np.float32(10 ** (-92 / 20))
    return Note(audio, hold_last(f0[:position], f0[:position] > 0), voicing[:position])


def build(notes: list[Note], rng: np.random.Generator, minutes: float, whole: bool = False) -> dict[str, np.ndarray]:
    """-> the cache's columns: `hops` per phrase and, end to end, audio (int16), log_mel, loudness, f0, voicing.
    whole: recordings are long already (speech, phrases) and used as they are."""
    columns: dict[str, list[np.ndarray]] = {k: [] for k in ('audio', 'log_mel', 'loudness', 'f0', 'voicing')}
    lengths: list[int] = []
    for turn in range(1 << 30):
        if sum(lengths) >= minutes * 60 * SR / HOP or (whole and turn >= len(notes)):
            break
        phrase = notes[turn] if whole else make_phrase(notes, rng)
        n_hop = len(phrase.audio) // HOP
        audio = phrase.audio[:n_hop * HOP]
        log_mel, loudness = analyse(audio)
        columns['audio'].append(np.round(np.clip(audio, -1, 1) * 32767).astype(np.int16))
        columns['log_mel'].append(log_mel.astype(np.float16))
        columns['loudness'].append(loudness)
        columns['f0'].append(phrase.f0[:n_hop])
        columns['voicing'].append(phrase.voicing[:n_hop])
        lengths.append(n_hop)
    return {'hops': np.array(lengths), **{k: np.concatenate(v) for k, v in columns.items()}}


class Phrases:
    """Random access to a cache; crops stay inside one phrase."""

    def __init__(self, path: Path):
        with np.load(path) as cache:
            self.column = {k: cache[k] for k in cache.files}
        ends = np.cumsum(self.column['hops'])
        self.spans = np.stack([ends - self.column['hops'], ends], 1)

    def batch(self, rng: np.random.Generator, size: int, n_hop: int, delay: int = DELAY,
              gain_range_db: tuple[float, float] = (-8.0, 4.0)) -> dict[str, Array]:
        """-> log_mel [B, T, N_MEL], loudness, f0, voicing [B, T], sound [B, (T+1) * HOP], `delay` samples late, and
        gain_db [B]: by how much loudness and sound are above what log_mel was measured on."""
        rows: dict[str, list[npt.ArrayLike]] = {k: [] for k in ('log_mel', 'loudness', 'f0', 'voicing', 'sound', 'gain_db')}
        while len(rows['f0']) < size:
            first, last = self.spans[rng.integers(len(self.spans))]
            if last - first < n_hop + 6:
                continue
            start = int(rng.integers(first + 4, last - n_hop - 1))
            crop = slice(start, start + n_hop)
            if self.column['loudness'][crop].max() < -50:
                continue
            gain_db = rng.uniform(*gain_range_db)
            sound = self.column['audio'][start * HOP - delay:(start + n_hop + 1) * HOP - delay]
            rows['log_mel'].append(self.column['log_mel'][crop].astype(np.float32))
            rows['loudness'].append(np.maximum(self.column['loudness'][crop] + gain_db, -80))
            rows['f0'].append(self.column['f0'][crop])
            rows['voicing'].append(self.column['voicing'][crop])
            rows['gain_db'].append(np.float32(gain_db))
            rows['sound'].append(sound.astype(np.float32) / 32767 * 10 ** (gain_db / 20))
        return {k: np.stack(v).astype(np.float32) for k, v in rows.items()}


class ForeignHops:
    """Random crops of other domains' spectra, for the encoder alone. The audio of their caches is not read."""

    def __init__(self, paths: list[Path]):
        self.domains = []
        for path in paths:
            with np.load(path) as cache:
                self.domains.append((cache['log_mel'], cache['loudness'] > LEVEL_GATE_DB + 12))

    def batch(self, rng: np.random.Generator, size: int, n_hop: int, judged: int) -> tuple[int, Array, np.ndarray]:
        """Of one domain, its number: log_mel [B, T, N_MEL], and which of the last `judged` hops sound [B, judged]."""
        domain = int(rng.integers(len(self.domains)))
        log_mel, sounding = self.domains[domain]
        starts = rng.integers(0, len(log_mel) - n_hop, size)
        return (domain, np.stack([log_mel[s:s + n_hop] for s in starts]).astype(np.float32),
                np.stack([sounding[s + n_hop - judged:s + n_hop] for s in starts]))


def prepare(folder: Path, out: Path, minutes: float, exclude: str, whole: bool, seed: int) -> dict[str, object]:
    """Build the cache file; -> what went in: files, held-out names, minutes. Raises ValueError on an empty folder."""
    files = sound_files(folder, exclude)
    if not files:
        raise ValueError(f'{folder}: no sound files ({", ".join(sorted(SOUND_FILES))}) found; give a folder of recordings')
    held_out = [p for p in files if is_held_out(p)] if len(files) >= FEWEST_TO_HOLD_OUT else []
    heard = [(p, load_note(p, single_pitch=not whole)) for p in files if p not in set(held_out)]
    notes = [note for _, note in heard if note]
    if not notes:
        raise ValueError(f'{folder}: no file holds as much as {8 * HOP / SR:.2f} seconds of sound above silence; give longer recordings')
    cache = build(notes, np.random.default_rng(seed), minutes, whole)
    np.savez(out, **cache)
    return {'files': len(notes), 'minutes_of_sound': round(sum(len(n.audio) for n in notes) / SR / 60, 1),
            'held_out': [p.name for p in held_out], 'left_out': [p.name for p, note in heard if not note], 'remarks': remarks_of(files),
            'minutes_of_phrases': round(float(cache['hops'].sum()) * HOP / SR / 60, 1)}
