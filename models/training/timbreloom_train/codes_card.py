"""card.md of a discrete package."""
import json
from pathlib import Path
from typing import Any

from .card import KILO, made_by, table
from .codes_measure import SAME_CODE_GOAL


def render(manifest: dict[str, Any], figures: dict[str, Any] | None) -> str:
    training, rate, hop = manifest['training'], manifest['sample_rate_hz'], manifest['hop_frames']
    grid, pitch = manifest['pitch_grid_hz'], manifest['pitch']
    lines = [f"# {manifest['name']}", '', manifest['description'], '',
             f"A model package of Timbreloom, format {manifest['format']} ({manifest['kind']}): every {hop / rate * KILO:.1f} ms of "
             'sound is one of its codes; pitch and level are the player\'s.', '',
             *table(['', ''], [
                 ['licence', manifest['licence']], ['made from', manifest['provenance']],
                 ['training', f"{training['steps']} steps, {training['minutes']} minutes on one processor core"
                              + made_by(training)],
                 ['codes', f"{manifest['codes']}, of which training used {training['codes_used']} (the rarest "
                           f"{training['least_used']} times; perplexity {training['perplexity']})"],
                 ['sample rate', f'{rate / KILO:g} kHz, one hop is {hop} frames'],
                 ['pitches', f"{pitch['min_hz']:.0f} to {pitch['max_hz']:.0f} Hz in training (1st to 99th percentile); tables from "
                             f'{grid[0]:.0f} to {grid[-1]:.0f} Hz'],
                 ['map', f"two components hold {100 * sum(manifest['plane_share']):.0f} % of the codes' variance"]])]
    if figures:
        own, kept = figures['msmel_db'], figures['code_kept_at_minus_20_db_percent']
        where = 'training recordings (none were held out)' if figures['seen_in_training'] else 'recordings it never heard'
        lines += [f'## Measured on {where}', '', f"{figures['files']} recordings, {figures['seconds']:.0f} seconds, all at -20 dB(A).", '',
                  *table(['mean log-mel distance, three scales', 'dB'],
                         [['through the codes', own['quantised']], ['the same without quantising', own['unquantised']],
                          ['a sawtooth with the same pitch and loudness', own['sawtooth']], ['silence', own['silence']]]),
                  f"Turned down by 20 dB, {kept} % of {figures['loud_hops']} loud hops keep their code. These recordings use "
                  f"{figures['codes_heard']} codes.", '']
        good, bad = [], []

        def judge(holds: bool, yes: str, no: str) -> None:
            (good if holds else bad).append(yes if holds else no)
        judge(own['quantised'] <= 3.0, f"rebuilding its own sound through codes: {own['quantised']} dB",
              f"rebuilding its own sound through codes: {own['quantised']} dB; train longer, or with more codes")
        judge(own['quantised'] - own['unquantised'] <= 0.15, 'losing little by quantising: '
              f"{own['quantised'] - own['unquantised']:+.2f} dB", f"quantising costs {own['quantised'] - own['unquantised']:+.2f} dB")
        judge(kept >= SAME_CODE_GOAL, f'codes that do not mind the level: {kept} % kept at -20 dB',
              f'codes that mind the level: only {kept} % kept at -20 dB')
        judge(training['codes_used'] == manifest['codes'], 'using all of its codes',
              f"{manifest['codes'] - training['codes_used']} codes are never used")
        bad.append('attacks and consonants: a code is one hop without a past, and knows nothing of how sounds begin')
        for title, points in (('Good at', good), ('Bad at', bad)):
            lines += [f'## {title}', '', *(f'- {point}' for point in points), ''] if points else []
    return '\n'.join(lines)


def write_codes_card(package: Path, figures: dict[str, Any] | None) -> Path:
    """Write card.md into the package; -> its path."""
    path = package / 'card.md'
    path.write_text(render(json.loads((package / 'manifest.json').read_text()), figures))
    return path
