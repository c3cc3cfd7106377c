"""Chooses the draws and levels of the factory kits of Timbreloom Drums anew: run it after a grain model was trained again.

    python models/training/choose_draws.py [NAME...]

kits.json beside this file says of each preset of each grain model what its tracks want: of 40 draws (each preset looks at 40 of its
own) those that ring within `ring_s` and are as bright as `bright_hz`, if it says so, and of these the one that is most what `want`
says. Levels follow: `loud_db` is how loud a track's hit is at full velocity, beside 0 dB, and `bars` bars at `bpm` peak at `peak_db`
(dBFS) or up to half a decibel below. Writes `draw_n` and `level_n` into the presets and prints what it has chosen. Needs
target/release/timbreloom (or --program), numpy and soundfile.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
RATE_HZ = 44_100
DRAWS = 40
TRACKS = range(1, 9)

# What a wish looks at, and whether it wants much of it.
WANTS = {
    'darkest': ('bright_hz', False), 'brightest': ('bright_hz', True),
    'deepest': ('deep_hz', False), 'highest': ('deep_hz', True),
    'purest': ('noise', False), 'noisiest': ('noise', True),
    'shortest': ('ring_s', False), 'longest': ('ring_s', True),
}


def run(program, *arguments):
    answer = subprocess.run([program, *map(str, arguments), '--json'], capture_output=True, text=True)
    said = json.loads(answer.stdout or '{"error": "nothing was said"}')
    wrong = said.get('error') or said.get('remarks')
    if wrong and 'is silent' not in wrong:
        sys.exit(f'{" ".join(map(str, arguments))}: {wrong}\n{answer.stderr}')
    return said


class Model:
    """A grain model: what its tracks' Tune does."""

    def __init__(self, name):
        self.folder = ROOT / 'models' / name
        self.pitch = json.loads((self.folder / 'manifest.json').read_text(encoding='utf-8'))['pitch']

    def rate(self, parameters, track):
        """What the hits of a track are played at, Hz."""
        return RATE_HZ * (1 if self.pitch else 2 ** (parameters.get(f'tune_{track}', 0.0) / 12))

    def asked(self, parameters, track):
        """The pitch that a model of notes is asked for, as options."""
        if not self.pitch:
            return []
        middle_hz = (self.pitch['min_hz'] * self.pitch['max_hz']) ** 0.5
        return ['--pitch', f"{middle_hz * 2 ** (parameters.get(f'tune_{track}', 0.0) / 12):.4f}Hz"]


def played(sound, parameters, track, rate_hz):
    """As the track plays it, but not tuned: tuning is a matter of the rate."""
    decay = parameters.get(f'decay_{track}', 100.0) / 100
    if decay < 1:
        # src/drums/decay.rs
        fall_s = 0.02 * 100**decay / (1 - decay) - 0.004
        sound = sound * 10 ** (-3 * np.maximum(0, np.arange(len(sound)) / rate_hz - 0.004) / fall_s)
    return sound


def measure(sound, rate_hz):
    """Of one hit: how bright, deep, noisy and long it is, and how loud its loudest tenth of a second (ITU-R BS.1770, roughly)."""
    power = np.abs(np.fft.rfft(sound)) ** 2 + 1e-12
    hz = np.fft.rfftfreq(len(sound), 1 / rate_hz)
    heard = (hz > 30) & (hz < 16_000)
    hop = int(0.005 * rate_hz)
    envelope = np.sqrt((sound[:len(sound) // hop * hop].reshape(-1, hop) ** 2).mean(1))
    # In bands of a sixth of an octave: flat is noise, one that stands out is a tone.
    bands = np.bincount((6 * np.log2(hz[heard] / 30)).astype(int), power[heard] / hz[heard]) + 1e-12
    # The weighting as a curve: less below 60 Hz, 4 dB more above 2 kHz.
    weight = hz**4 / (hz**2 + 38**2) ** 2 * (1 + 1.5 * hz**2 / (hz**2 + 1500**2))
    weighted = np.cumsum(np.fft.irfft(np.fft.rfft(sound) * np.sqrt(weight), len(sound)) ** 2)
    window = int(0.1 * rate_hz)
    energies = np.append(weighted[window:] - weighted[:-window], weighted[min(window, len(sound)) - 1])
    return {
        'bright_hz': float((hz * power)[heard].sum() / power[heard].sum()),
        'deep_hz': float(hz[heard][power[heard].argmax()]),
        'noise': float(np.exp(np.log(bands).mean()) / bands.mean()),
        'ring_s': float((np.flatnonzero(envelope > 10**-1.5 * envelope.max())[-1] + 1) * hop / rate_hz),
        'loud_db': float(10 * np.log10(energies.max() / window + 1e-12)),
    }


def hits(program, model, parameters, track, first, count=DRAWS):
    """What draws of a track sound like, by draw; silent ones are left out."""
    def of(what, default):
        return parameters.get(f'{what}_{track}', default)
    with tempfile.TemporaryDirectory() as folder:
        options = ['--class', of('class', track - 1), '--track', track, '--take', parameters.get('take', 1)]
        if of('blend', 0):
            options += ['--class-b', of('class_b', track - 1), '--blend', of('blend', 0) / 100]
        if of('morph', 0):
            options += ['--morph', of('morph', 0) / 100, '--morph-draw', of('morph_draw', 1)]
        if of('path', False):
            options += ['--path']
        options += model.asked(parameters, track)
        said = run(program, 'drum', '-m', model.folder, *options, '--draw', first, '--count', count, '-o', Path(folder, 'hit.wav'))
        if 'hits' in said:
            rate_hz = model.rate(parameters, track)
            return {hit['draw']: measure(played(soundfile.read(hit['output'])[0], parameters, track, rate_hz), rate_hz)
                    for hit in said['hits']}
    if count == 1:
        return {}
    # One of them is silent, and none was made.
    halves = [(first, count // 2), (first + count // 2, count - count // 2)]
    return {draw: heard for half in halves for draw, heard in hits(program, model, parameters, track, *half).items()}


def outside(heard, rule):
    """By how many octaves it is not what the rule says."""
    ranges = [(heard[key], *rule[key]) for key in ('ring_s', 'bright_hz') if key in rule]
    return sum(max(0, np.log2(low / value), np.log2(value / high)) for value, low, high in ranges)


def choose(found, rule):
    inside = sorted(found, key=lambda draw: outside(found[draw], rule))
    inside = inside[:max(5, sum(outside(found[draw], rule) == 0 for draw in inside))]
    if rule['want'] == 'plain':
        # In the middle of all in brightness, depth and length.
        places = np.log2([[found[draw][key] for key in ('bright_hz', 'deep_hz', 'ring_s')] for draw in inside])
        away = np.abs(places - np.median(places, 0)) / (places.std(0) + 1e-9)
        return inside[int(away.sum(1).argmin())]
    key, is_much = WANTS[rule['want']]
    return sorted(inside, key=lambda draw: found[draw][key], reverse=is_much)[0]


def text(preset):
    """As the presets are written: each line of a pattern on one line."""
    preset = json.loads(json.dumps(preset))
    lines = []
    for pattern in preset['extras']['patterns'].values():
        for n, line in enumerate(pattern):
            lines.append(json.dumps(line))
            pattern[n] = f'line {len(lines) - 1}'
    whole = json.dumps(preset, indent=2, ensure_ascii=False)
    for n, line in enumerate(lines):
        whole = whole.replace(f'"line {n}"', line, 1)
    return whole + '\n'


def peak_db(program, model, path, rule):
    """Of the loop."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, 'loop.wav')
        run(program, 'sequence', path, '-m', model.folder, '--bpm', rule['bpm'], '--bars', rule['bars'], '--format', 'f32', '-o', out)
        return 20 * np.log10(np.abs(soundfile.read(out)[0]).max() + 1e-9)


def write(path, preset, levels):
    for track, level in levels.items():
        preset['parameters'].pop(f'level_{track}', None)
        if round(level, 1):
            preset['parameters'][f'level_{track}'] = round(level, 1)
    path.write_text(text(preset), encoding='utf-8')


def fit(program, model, path, rule, number):
    preset = json.loads(path.read_text(encoding='utf-8'))
    parameters, levels = preset['parameters'], {}
    print(f'{preset["name"]}, {rule["bpm"]} bpm')
    for track in TRACKS:
        wanted = rule['tracks'][str(track)]
        found = hits(program, model, parameters, track, 1 + DRAWS * number)
        parameters[f'draw_{track}'] = choose(found, wanted)
        chosen = found[parameters[f'draw_{track}']]
        # What evolves has no hit of its own.
        loud_db = np.median([hit['loud_db'] for hit in found.values()]) if 'evolve' in parameters else chosen['loud_db']
        levels[track] = round(2 * (wanted['loud_db'] - loud_db)) / 2
        print(f'  {track}: {wanted["want"]:9} draw {parameters[f"draw_{track}"]:4}, {chosen["bright_hz"]:6.0f} Hz bright, '
              f'{chosen["deep_hz"]:5.0f} Hz deep, noise {chosen["noise"]:.2f}, rings {chosen["ring_s"]:.2f} s, '
              f'outside {outside(chosen, wanted):.1f}')
    loudest = max(levels.values())
    levels = {track: level - loudest for track, level in levels.items()}
    write(path, preset, levels)
    peak = peak_db(program, model, path, rule)
    louder = float(np.floor(2 * (rule['peak_db'] - peak)) / 2)
    levels = {track: level + louder for track, level in levels.items()}
    write(path, preset, levels)
    print(f'  levels {" ".join(f"{level:+.1f}" for level in levels.values())}, peak {peak + louder:.1f} dBFS', flush=True)


def main():
    cli = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cli.add_argument('names', nargs='*')
    cli.add_argument('--program', type=Path, default=ROOT / 'target' / 'release' / 'timbreloom')
    args = cli.parse_args()
    rules = json.loads(Path(__file__).with_name('kits.json').read_text(encoding='utf-8'))
    for model in map(Model, rules):
        for number, path in enumerate(sorted((model.folder / 'presets').glob('*.json'))):
            name = json.loads(path.read_text(encoding='utf-8'))['name']
            if not args.names or name in args.names:
                fit(args.program, model, path, rules[model.folder.name][name], number)


if __name__ == '__main__':
    main()
