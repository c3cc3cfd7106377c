"""Plays every factory preset on sounds of your own and prints what came out: how docs/presets.md was measured.

    python models/training/measure_presets.py FOLDER MODEL...

FOLDER holds mono WAV files at 44.1 kHz, best three kinds of sound that suit the models, at some -20 dBFS. Needs
target/release/timbreloom (or --program), numpy and soundfile.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
RATE_HZ = 44_100
WINDOW = 2048
FREQUENCIES_HZ = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ)


def mel_bank(bands=64, low_hz=40.0, high_hz=16_000.0):
    """Triangles, evenly spaced in mel: [band, frequency]."""
    mel, hz = (lambda f: 2595 * np.log10(1 + f / 700)), (lambda m: 700 * (10 ** (m / 2595) - 1))
    edges = hz(np.linspace(mel(low_hz), mel(high_hz), bands + 2))[:, None]
    rising = (FREQUENCIES_HZ - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - FREQUENCIES_HZ) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0, None)


BANK = mel_bank()


def powers(sound):
    """[window, frequency]"""
    count = max(1, (len(sound) - WINDOW) // (WINDOW // 2))
    hann = np.hanning(WINDOW)
    windows = np.stack([sound[n * WINDOW // 2:][:WINDOW] for n in range(count)])
    return np.abs(np.fft.rfft(windows * hann)) ** 2 / (hann**2).sum() / WINDOW


def log_mel(sound):
    """dB, [window, band]"""
    return 10 * np.log10(powers(sound) @ BANK.T + 1e-9)


def distance(a, b):
    """Mean difference where one of them sounds, dB."""
    length = min(len(a), len(b))
    a, b = a[:length], b[:length]
    return np.abs(a - b)[(a.max(1) > -70) | (b.max(1) > -70)].mean()


def loudness(sound):
    """dB(A), over the windows within 40 dB of the loudest."""
    f = FREQUENCIES_HZ + 1e-9
    weight = 12194**2 * f**4 / ((f**2 + 20.6**2) * (f**2 + 12194**2) * np.sqrt((f**2 + 107.7**2) * (f**2 + 737.9**2)))
    power = (powers(sound) * (1.2589 * weight) ** 2).sum(1)
    return 10 * np.log10(power[power > power.max() * 1e-4].mean() + 1e-12)


def pitch(sound, low_hz=55, high_hz=2200, window=4096):
    """Hz by autocorrelation, 0 where there is none: [window]."""
    found = []
    for start in range(0, len(sound) - window, window // 2):
        piece = sound[start:start + window] - sound[start:start + window].mean()
        found.append(0)
        if np.sqrt((piece**2).mean()) < 3e-3:
            continue
        like = np.fft.irfft(np.abs(np.fft.rfft(piece, 2 * window)) ** 2)[:window]
        like *= window / (window - np.arange(window)) / like[0]
        shortest = RATE_HZ // high_hz
        lags = like[shortest:RATE_HZ // low_hz]
        if lags.max() >= 0.6:
            peaks = np.flatnonzero((lags[1:-1] >= lags[:-2]) & (lags[1:-1] >= lags[2:]) & (lags[1:-1] > 0.9 * lags.max()))
            found[-1] = RATE_HZ / ((peaks[0] + 1 if len(peaks) else lags.argmax()) + shortest)
    return np.array(found)


def play(program, sound, model, preset):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, 'out.wav')
        command = [program, 'transfer', sound, '-m', ROOT / 'models' / model, '-o', out, '--format', 'f32', '--json']
        answer = subprocess.run(command + (['-p', preset] if preset else []), capture_output=True, text=True)
        said = json.loads(answer.stdout or '{"error": "nothing was said"}')
        if 'error' in said or said['remarks']:
            sys.exit(f'{preset or model}: {said.get("error") or said["remarks"]}\n{answer.stderr}')
        return soundfile.read(out)[0]


def measure(program, model, sounds):
    presets = sorted((ROOT / 'models' / model / 'presets').glob('*.json'))
    names = {preset: json.loads(preset.read_text(encoding='utf-8'))['name'] for preset in presets}
    heard = {}
    for sound in sounds:
        given = soundfile.read(sound)[0]
        pitch_in, loudness_in = pitch(given), loudness(given)
        print(f'{model}, {sound.stem}')
        for preset in [None, *presets]:
            made = play(program, sound, model, preset)
            heard[preset, sound] = log_mel(made)
            pitch_out = pitch(made)[:len(pitch_in)]
            both = (pitch_out > 0) & (pitch_in[:len(pitch_out)] > 0)
            semitones = 12 * np.log2(pitch_out[both] / pitch_in[:len(pitch_out)][both])
            tune = f'{np.median(semitones):+6.2f} st' if len(semitones) > 3 else '   no pitch'
            print(f'  {names.get(preset, "at rest"):24} peak {20 * np.log10(np.abs(made).max() + 1e-9):6.1f} dBFS, '
                  f'loudness {loudness(made) - loudness_in:+5.1f} dB, {tune}, '
                  f'{distance(heard[preset, sound], heard[None, sound]):5.2f} dB from rest')
    apart = sorted((np.mean([distance(heard[a, s], heard[b, s]) for s in sounds]), names.get(a, 'at rest'), names[b])
                   for a, b in combinations([None, *presets], 2))
    for mean, a, b in apart[:4]:
        print(f'  nearest: {mean:.2f} dB, {a} and {b}')


def main():
    cli = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cli.add_argument('folder', type=Path)
    cli.add_argument('models', nargs='+')
    cli.add_argument('--program', type=Path, default=ROOT / 'target' / 'release' / 'timbreloom')
    args = cli.parse_args()
    for model in args.models:
        measure(args.program, model, sorted(args.folder.glob('*.wav')))


if __name__ == '__main__':
    main()
