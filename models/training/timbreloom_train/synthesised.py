"""Sounds to train on that no one has to play: a synthesiser, and screams and sung notes made of read speech. Deterministic, as in `domains.py`."""
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt

from .corpus import is_held_out, load, sound_files
from .features import HOP, SR, Array, loudness_of
from .pitch import track

NAMES = ('C', 'Cs', 'D', 'Ds', 'E', 'F', 'Fs', 'G', 'Gs', 'A', 'As', 'B')
CONTROL = 64                     # samples between two settings of a synthesiser's knobs
TOP_HZ = 18000.0
FADE_S = 0.005

SYNTH_KEYS = range(33, 91)       # A1 .. F#6
WAVES = ('saw', 'pulse', 'triangle', 'fm')
SYNTH_NOTE_S = 1.6               # on average

FORMANT_SIZE = 1024              # window of the speech's envelopes
LIFTER = 40                      # cepstral coefficients that are kept: formants, not partials
FEWEST_VOWELS = 16               # hops of a sentence
GLIDE_HOPS = 15                  # from one vowel to the next
SCREAM_HZ, SCREAM_S = (130.0, 950.0), (0.5, 3.0)
JITTER = 0.005                   # of the pitch, at its roughest
SUNG_HZ, SUNG_S = (75.0, 1150.0), (0.4, 2.6)


def key_hz(key: float) -> float:
    return float(440 * 2 ** ((key - 69) / 12))


def note_name(key: int) -> str:
    return f'{NAMES[key % 12]}{key // 12 - 1}'


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Evenly on a logarithmic scale."""
    return float(low * (high / low) ** rng.random())


def write(path: Path, audio: Array) -> None:
    fade = int(FADE_S * SR)
    audio[:fade] *= np.linspace(0, 1, fade)
    audio[-fade:] *= np.linspace(1, 0, fade)
    soundfile.write(path, (audio * (0.5 / (np.abs(audio).max() + 1e-9))).astype(np.float32), SR)


def partials_of(wave: str, k: Array, width: Array) -> Array:
    """Amplitudes of the partials k [1, K] of a wave; width [steps, 1] of the pulse -> [steps, K]"""
    if wave == 'saw':
        return np.broadcast_to(1 / k, (len(width), k.shape[1]))
    if wave == 'triangle':
        return np.broadcast_to((k % 2) / k ** 2, (len(width), k.shape[1]))
    return np.abs(np.sin(np.pi * k * width)) / k


def ladder_gain(hz: Array, cutoff_hz: Array, resonance: float) -> Array:
    """Magnitude of a four-pole low-pass with feedback (Moog 1965); resonance 0 to 3.9"""
    pole = 1 / (1 + 1j * hz / cutoff_hz)
    return np.abs(pole ** 4 / (1 + resonance * pole ** 4)) * (1 + resonance)


def synth_note(key: int, wave: str, seconds: float, rng: np.random.Generator) -> Array:
    """One note: an oscillator, a low-pass whose cutoff falls from where the key was struck, a little noise, sometimes vibrato."""
    steps = int(seconds * SR / CONTROL)
    at_s = np.arange(steps) * CONTROL / SR
    depth = rng.choice([0.0, 0.0, 0.15, 0.35])                              # semitones
    hz = key_hz(key) * 2 ** (depth / 12 * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * at_s + rng.uniform(0, 6)) * np.minimum(1, at_s / 0.4))
    attack_s, decay_s, sustain = between(rng, 0.002, 0.12), between(rng, 0.08, 1.5), rng.uniform(0, 1)
    swell = np.minimum(1, at_s / attack_s) * (sustain + (1 - sustain) * np.exp(-at_s / decay_s))
    contour = np.exp(-at_s / between(rng, 0.05, 1.0))
    every = np.arange(steps * CONTROL) / CONTROL
    held_hz = np.interp(every, np.arange(steps), hz)
    phase = np.cumsum(held_hz) / SR
    if wave == 'fm':
        ratio, peak, rest = rng.choice([1, 1, 2, 3]), between(rng, 0.3, 6), between(rng, 0.1, 2)
        # no brighter than what fits below TOP_HZ (Carson's rule), or partials fold back
        most = TOP_HZ / (key_hz(key) * ratio) - 2
        index = np.interp(every, np.arange(steps), np.minimum(rest + (peak - rest) * contour, most))
        audio = np.sin(2 * np.pi * phase + index * np.sin(2 * np.pi * ratio * phase))
    else:
        k = np.arange(1, int(TOP_HZ / hz.max()) + 1, dtype=np.float64)[None]
        width = rng.uniform(0.1, 0.5) + rng.choice([0.0, 0.08]) * np.sin(2 * np.pi * rng.uniform(0.2, 3) * at_s)
        cutoff = key_hz(key) * between(rng, 1.5, 30) * 2 ** (rng.uniform(0, 4) * contour)
        level = partials_of(wave, k, width[:, None]) * ladder_gain(k * hz[:, None], np.minimum(cutoff, 16000)[:, None], rng.choice([0.3, 1.5, 3.2]))
        audio = np.zeros(steps * CONTROL)
        for n in range(k.shape[1]):
            audio += np.interp(every, np.arange(steps), level[:, n]) * np.sin(2 * np.pi * (n + 1) * phase)
    audio = audio / (np.sqrt(np.mean(audio ** 2)) + 1e-9)
    hiss = sosfilt(butter(2, between(rng, 1500, 9000), 'highpass', fs=SR, output='sos'), rng.standard_normal(len(audio)))
    audio += hiss * 10 ** (rng.uniform(-60, -36) / 20)
    return (audio * np.interp(every, np.arange(steps), swell)).astype(np.float32)


def synth(out: Path, minutes: float) -> None:
    """Single notes of a synthesiser, each with knobs of its own; named by pitch and wave."""
    for i in range(max(8, int(minutes * 60 / SYNTH_NOTE_S))):
        rng = np.random.default_rng(8100 + i)
        key, wave, seconds = int(rng.choice(SYNTH_KEYS)), WAVES[i % len(WAVES)], float(rng.choice([0.5, 1.0, 1.8, 3.0]))
        write(out / f'synth_{note_name(key)}_{seconds:g}_{i:03}_{wave}.flac', synth_note(key, wave, seconds, rng))


def formants_of(path: Path) -> Array:
    """The vowels of a spoken sentence: log magnitude without its partials, for each hop that is voiced and loud [hops, bins]"""
    audio = load(path)
    loudness = loudness_of(audio)
    voicing = track(audio, loudness)[1]
    frames = np.lib.stride_tricks.sliding_window_view(audio, FORMANT_SIZE)[::HOP] * np.hanning(FORMANT_SIZE)
    hops = min(len(frames), len(voicing) - 2)
    # the window that a hop's pitch belongs to ends about two hops before
    vowel = (voicing[2:hops + 2] > 0.7) & (loudness[2:hops + 2] > loudness.max() - 18)
    cepstrum = np.fft.irfft(np.log(np.abs(np.fft.rfft(frames[:hops][vowel])) + 1e-5))
    cepstrum[:, LIFTER:-LIFTER + 1] = 0
    return np.fft.rfft(cepstrum).real.astype(np.float32)


def pulses(hz: Array, start: float = 0.0) -> tuple[Array, Array]:
    """Equal partials at a pitch that moves, power 1, and their phase in cycles; per sample."""
    phase = np.cumsum(hz) / SR + start
    count = int(TOP_HZ / hz.max())
    # the closed sum of `count` equal cosines, as in nets.dirichlet
    cycle = np.clip(phase % 1, 1e-5, 1 - 1e-5)
    return (0.5 * np.sin((2 * count + 1) * np.pi * cycle) / np.sin(np.pi * cycle) - 0.5) * np.sqrt(2 / count), phase


def breath(hz: Array, rng: np.random.Generator) -> Array:
    """Noise of power 1 above the note."""
    noise = sosfilt(butter(2, max(600, 1.5 * hz.max()), 'highpass', fs=SR, output='sos'), rng.standard_normal(len(hz)))
    return noise / (noise.std() + 1e-9)


def rough_source(hz: Array, rough: float, rng: np.random.Generator) -> Array:
    """A glottal source that has lost its calm: each period of another length and height, and the whole beaten at 30 to 130 Hz, where
    hearing finds a scream rough (Arnal et al., Current Biology 2015). hz, and the result: per sample."""
    beat = sosfilt(butter(2, (30, 130), 'bandpass', fs=SR, output='sos'), rng.standard_normal(len(hz)))
    wander = sosfilt(butter(1, 60, fs=SR, output='sos'), rng.standard_normal(len(hz)))
    partials, phase = pulses(hz * (1 + JITTER * rough * wander / (wander.std() + 1e-9)))
    half = 1 + 0.1 * rough * np.sin(np.pi * phase)                           # every other period is weaker
    source = partials * half + breath(hz, rng) * 10 ** ((-36 + 24 * rough) / 20)
    bent = np.tanh(source * (1 + 0.35 * rough * beat / (beat.std() + 1e-9)) * 0.8)
    # beating makes differences of partials, and no throat sounds below its note
    return np.asarray(sosfilt(butter(4, 0.8 * hz.min(), 'highpass', fs=SR, output='sos'), bent))


def spoken(source: Array, speech: Array, slower: float, raised: float, tilt: float, rng: np.random.Generator) -> Array:
    """A source with the formants of speech [hops, bins], of which it goes through a few, `slower` than they were said. raised: by how
    much formants lie higher; tilt: exponent of the rise towards high partials."""
    hops = len(source) // HOP
    place = np.clip(rng.integers(0, max(1, len(speech) - 8)) + np.arange(hops) / slower, 0, len(speech) - 1).astype(int)
    bins = np.arange(FORMANT_SIZE // 2 + 1)
    glide = uniform_filter1d(speech[place], GLIDE_HOPS, axis=0)
    shape = np.stack([np.interp(bins / raised, bins, row) for row in glide])
    shape = np.exp(shape - shape.mean(1, keepdims=True)) * (np.maximum(bins, 4) / 40) ** tilt
    window = np.sqrt(np.hanning(FORMANT_SIZE + 1)[:-1])
    audio, padded = np.zeros(len(source) + FORMANT_SIZE), np.concatenate([source, np.zeros(FORMANT_SIZE)])
    for hop in range(hops):
        span = slice(hop * HOP, hop * HOP + FORMANT_SIZE)
        audio[span] += window * np.fft.irfft(np.fft.rfft(window * padded[span]) * shape[hop])
    return audio[:len(source)]


def scream(speech: Array, rng: np.random.Generator) -> Array:
    """It climbs fast, holds, and falls; with an open mouth, and more of the high partials than speech has."""
    seconds = rng.uniform(*SCREAM_S)
    at = np.linspace(0, 1, int(seconds * SR) // HOP * HOP)
    bend = np.interp(at, [0, rng.uniform(0.05, 0.2), rng.uniform(0.5, 0.8), 1], [rng.uniform(-7, -1), 0, rng.uniform(-2, 2), rng.uniform(-9, -1)])
    bend = uniform_filter1d(bend, int(0.08 * SR)) + rng.choice([0.0, 0.3]) * np.sin(2 * np.pi * rng.uniform(5, 8) * at * seconds)
    hz = np.minimum(between(rng, *SCREAM_HZ) * 2 ** (bend / 12), 1.1 * SCREAM_HZ[1])
    audio = spoken(rough_source(hz, rng.uniform(0.05, 1), rng), speech, rng.uniform(2, 8), rng.uniform(1.0, 1.25), rng.uniform(0.2, 0.7), rng)
    swell = np.interp(at, [0, rng.uniform(0.01, 0.1), rng.uniform(0.6, 0.9), 1], [0.05, 1, rng.uniform(0.5, 1), 0.02])
    return (audio * swell).astype(np.float32)


def sung_note(speech: Array, rng: np.random.Generator) -> Array:
    """A note with the formants of speech, reached from a little below, with vibrato once it stands."""
    seconds = rng.uniform(*SUNG_S)
    at_s = np.arange(int(seconds * SR) // HOP * HOP) / SR
    vibrato = rng.uniform(0, 0.4) * np.clip((at_s - 0.25) / 0.3, 0, 1) * np.sin(2 * np.pi * rng.uniform(4.8, 6.2) * at_s)
    hz = between(rng, *SUNG_HZ) * 2 ** ((vibrato - rng.uniform(0, 1.5) * np.exp(-at_s / 0.06)) / 12)
    source = pulses(hz, rng.random())[0] + breath(hz, rng) * 10 ** (rng.uniform(-42, -26) / 20)
    audio = spoken(source, speech, rng.uniform(1, 5), rng.uniform(0.95, 1.08), rng.uniform(-0.1, 0.1), rng)
    swell = np.minimum(1, at_s / rng.uniform(0.02, 0.15)) * np.minimum(1, (seconds - at_s) / rng.uniform(0.03, 0.2))
    return (audio * swell * 10 ** (rng.uniform(-3, 3) / 20 * np.sin(2 * np.pi * rng.uniform(0.2, 0.8) * at_s))).astype(np.float32)


def screams(out: Path, minutes: float, speech: Path) -> None:
    """Screams with the formants of a reader."""
    out_of_speech(out, speech, 'scream', scream, 6600, max(8, int(minutes * 60 / np.mean(SCREAM_S))))


def sung(out: Path, minutes: float, speech: Path) -> None:
    """Sung notes with the formants of a reader, from a bass's to higher than any soprano's: what a reader never says."""
    out_of_speech(out, speech, 'sung', sung_note, 7700, max(8, int(minutes * 60 / np.mean(SUNG_S))))


def out_of_speech(out: Path, speech: Path, name: str, make: Callable[[Array, np.random.Generator], Array], seed: int, count: int) -> None:
    """Those that will be held out are made of sentences that no other is made of."""
    sentences = sound_files(speech)
    if not sentences:
        raise ValueError(f'{speech}: no sound files; expected a folder of spoken sentences')
    ready: dict[Path, Array] = {}
    for i in range(count):
        path = out / f'{name}_{i:03}.flac'
        rng = np.random.default_rng(seed + i)
        pool = [p for p in sentences if is_held_out(p) == is_held_out(path)] or sentences
        chosen = pool[rng.integers(len(pool))]
        if chosen not in ready:
            ready[chosen] = formants_of(chosen)
        if len(ready[chosen]) >= FEWEST_VOWELS:
            write(path, make(ready[chosen], rng))
