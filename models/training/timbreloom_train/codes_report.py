"""All discrete packages, measured with the program timbreloom, as one page: targets followed, scales in tune, examples."""
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from .card import table
from .features import HOP
from .pitch import cents, track

DESCRIPTORS, SHAPES, MATCHES = ('centroid', 'bandwidth', 'fundamental'), ('sine', 'exp'), ('path', 'nearest')
LEAST = {'path': 0.99, 'nearest': 0.985}
IN_TUNE_CENTS = 5.0
CLEAR_VOICING = 0.8      # hops with less have no pitch to be in tune


def ask(timbreloom: Path, *arguments: str) -> dict[str, Any]:
    made = subprocess.run([timbreloom, '--json', *arguments], capture_output=True, text=True)
    answer = json.loads(made.stdout or '{}')
    if made.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {answer.get('error', made.stderr.strip())}")
    return answer


def middle_note(pitch: list[float]) -> int:
    return round(69 + 12 * np.log2(np.sqrt(pitch[0] * pitch[1]) / 440))


def targets(timbreloom: Path, package: Path, note: int) -> list[dict[str, Any]]:
    """Every descriptor, shape and matching, at each code's own pitch and (but for the fundamental) at a note"""
    rows = []
    for descriptor in DESCRIPTORS:
        for shape in SHAPES:
            for match in MATCHES:
                for at in ((), ('--note', str(note))) if descriptor != 'fundamental' else ((),):
                    made = ask(timbreloom, 'target', str(package), '-g', f'{descriptor}={shape}', '--match', match, *at)
                    rows.append({'shape': shape, 'match': match, 'pitch': 'the note' if at else 'the codes',
                                 'changes': made['changes_per_hop'], **made['goals'][0]})
    return rows


def scale(timbreloom: Path, package: Path, pitch: list[float]) -> dict[str, Any]:
    """A chromatic scale over the package's range, each note through a rising centroid: cents off, per clear hop"""
    low, high = (int(np.ceil(69 + 12 * np.log2(pitch[0] / 440))), int(np.floor(69 + 12 * np.log2(min(pitch[1], 2000) / 440))))
    off: list[np.ndarray] = []
    notes = 0
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / 'note.wav'
        for note in range(low, high + 1):
            ask(timbreloom, 'target', str(package), '-g', 'centroid=ramp', '--seconds', '1', '--note', str(note), '-o', str(wav),
                '--format', 'f32')
            f0, voicing = track(soundfile.read(wav, dtype='float32')[0][:80 * HOP], causal=True)
            clear = voicing > CLEAR_VOICING
            clear[:8] = False
            if clear.any():
                off.append(np.abs(cents(f0[clear], 440 * 2 ** ((note - 69) / 12))))
                notes += 1
    every = np.concatenate(off)
    return {'notes': high - low + 1, 'clear_notes': notes, 'worst_note_median_cents': max(float(np.median(o)) for o in off),
            'within_5_cents_percent': 100 * float((every < IN_TUNE_CENTS).mean()), 'hops': len(every)}


def codes_report(models: Path, timbreloom: Path, out: Path) -> None:
    """Write `out`, its figures beside it (.json), and pictures into report/. Raises ValueError without packages."""
    packages = [path.parent for path in sorted(models.glob('*/manifest.json'))
                if json.loads(path.read_text()).get('kind') == 'discrete']
    if not packages:
        raise ValueError(f'{models}: no discrete package in it; make one with the command codes')
    pictures = out.parent / 'report'
    pictures.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {}
    for package in packages:
        print(package.name, flush=True)
        health = ask(timbreloom, 'check', str(package))
        pitch = ask(timbreloom, 'codebook', str(package))['pitch']
        note = middle_note(pitch)
        figures[package.name] = {'health': health, 'note': note, 'targets': targets(timbreloom, package, note),
                                 'scale': scale(timbreloom, package, pitch), 'manifest': json.loads((package / 'manifest.json').read_text())}
        ask(timbreloom, 'codebook', str(package), '--plot', str(pictures / f'{package.name}-map.png'))
        ask(timbreloom, 'target', str(package), '-g', 'centroid=sine', '--cycles', '2', '--note', str(note), '--plot',
            str(pictures / f'{package.name}-centroid.png'))
        ask(timbreloom, 'target', str(package), '-g', 'fundamental=exp', '--plot', str(pictures / f'{package.name}-fundamental.png'))
    out.write_text(page(figures))
    out.with_suffix('.json').write_text(json.dumps(
        {name: {key: value for key, value in one.items() if key != 'manifest'} for name, one in figures.items()}, indent=1) + '\n')
    print(f'{out}: written')


def page(figures: dict[str, Any]) -> str:
    lines = ['# The discrete models, measured', '',
             'Made by `python -m timbreloom_train codes-report models --timbreloom PROGRAM`: every figure is of the sound that the program '
             'writes. How each model rebuilds recordings it never heard, with and without quantising, and how many codes hold at '
             '-20 dB, is in its own `card.md`.', '', '## Packages', '']
    lines += table(['package', 'codes used', 'rarest code, hops', 'eight voices, times real time', 'from its maker\'s example',
                    'descriptors off, octaves'],
                   [[name, f"{one['manifest']['training']['codes_used']} of {one['manifest']['codes']}",
                     one['manifest']['training']['least_used'], f"{one['health']['times_real_time']:.1f}",
                     f"{one['health']['parity_error']:.0e}", f"{one['health']['descriptor_error']:.0e}"] for name, one in figures.items()])
    lines += ['## Targets', '',
              f'Six seconds over the 5th to 95th percentile of the codes; asked for: a correlation of {LEAST["path"]} by path and '
              f'{LEAST["nearest"]} by nearest code. In brackets the mean absolute error in Hz. "The codes": each code at its own pitch; '
              'otherwise all at one note in the middle of the model\'s range.', '']
    for name, one in figures.items():
        rows: dict[tuple[str, ...], list[str]] = {}
        for row in one['targets']:
            text = f"{row['correlation']:.4f} ({row['mean_absolute_error']:.1f})"
            rows.setdefault((row['descriptor'], row['shape'], row['pitch']), []).append(
                text if row['correlation'] >= LEAST[row['match']] else f'**{text}**')
        lines += [f"### {name} (note {one['note']})", '',
                  *table(['descriptor', 'curve', 'pitch from', 'by path', 'by nearest'], [[*key, *cells] for key, cells in rows.items()])]
    missed = sum(row['correlation'] < LEAST[row['match']] for one in figures.values() for row in one['targets'])
    count = sum(len(one['targets']) for one in figures.values())
    lines += [f'{count - missed} of {count} are met' + ('; those in bold are not.' if missed else '.'), '', '## In tune', '',
              f'A chromatic scale, each note for a second while the centroid rises over its range; hops with a periodicity above {CLEAR_VOICING}. '
              'The pitch is the synthesiser\'s own; what is off is where a voice\'s consonants hide it from the tracker.', '',
              *table(['package', 'notes', 'hops', f'within {IN_TUNE_CENTS:.0f} cents', 'worst note, median'],
                     [[name, one['scale']['notes'], one['scale']['hops'], f"{one['scale']['within_5_cents_percent']:.2f} %",
                       f"{one['scale']['worst_note_median_cents']:.2f} cents"] for name, one in figures.items()]), '## Pictures', '']
    for name in figures:
        lines += [f'{name}: [map](report/{name}-map.png), [centroid](report/{name}-centroid.png), '
                  f'[fundamental](report/{name}-fundamental.png)', '']
    return '\n'.join(lines)
