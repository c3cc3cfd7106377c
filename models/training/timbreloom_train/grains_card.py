"""card.md of a grain model."""
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .card import KILO, made_by, table

NAMED_GOAL, APART_GOAL, ATTACK_GOAL_DB, TUNE_GOAL = 0.9, 0.5, 2.0, 0.9


def render(manifest: dict[str, Any], figures: dict[str, Any] | None) -> str:
    training, rate, sound = manifest['training'], manifest['sample_rate_hz'], 'note' if manifest['pitch'] else 'hit'
    classes = ', '.join(f'{name} (up to {length:.1f} s)' for name, length in zip(manifest['classes'], manifest['length_s']))
    lines = [f"# {manifest['name']}", '', manifest['description'], '',
             f"A model package of Timbreloom, format {manifest['format']} ({manifest['kind']}): {sound}s of {len(manifest['classes'])} classes, "
             f"each from {manifest['embedding']} numbers" + what_it_is_made_of(manifest), '',
             *table(['', ''], [
                 ['licence', manifest['licence']], ['made from', manifest['provenance']],
                 ['training', f"{training['hits']} {sound}s, {training['steps']} steps, {training['minutes']} minutes on one processor core"
                              + made_by(training)],
                 ['classes', classes],
                 *([['pitch', f"{pitch['min_hz']:.0f} to {pitch['max_hz']:.0f} Hz"]] if (pitch := manifest['pitch']) else []),
                 ['sample rate', f'{rate / KILO:g} kHz'],
                 ['grain space', f"{manifest['latent']} dimensions"]])]
    if figures and figures['rebuilt']:
        rows = figures['rebuilt']
        lines += ['## Rebuilt: recordings it never heard', '',
                  'Mean difference of mel spectra, dB; the level of the first 10 ms, and how much longer or shorter it rings. “Grains” are '
                  f'rebuilt from the latent of each grain, “{sound}” from the embedding alone. Beside them the nearest other recording of '
                  f'the class{", at much the same pitch" if manifest["pitch"] else ""}, strokes that are the same left out.', '',
                  *table(['class', f'{sound}s', 'grains', sound, 'nearest recording', 'silence', 'attack, dB', 'worst attack', 'flatness, dB', 'decay'],
                         [[name, row['hits'], f"{row['grains']:.2f}", f"{row['hit']:.2f}", f"{row['nearest']:.2f}", f"{row['silence']:.1f}",
                           f"{row['grains_attack_db']:+.1f}", f"{row['worst_grains_attack_db']:+.1f}", f"{row['grains_flatness_db']:+.1f}",
                           f"x {row['grains_decay']:.2f}"] for name, row in rows.items()])]
    if figures and figures['drawn']:
        drawn = figures['drawn']
        lines += ['## Drawn', '', *said_of_draws(drawn), '',
                  *table([heading for heading, has_it, _ in columns(drawn) if has_it],
                         [[cell(name, row) for _, has_it, cell in columns(drawn) if has_it] for name, row in drawn['classes'].items()])]
    if figures:
        good, bad = verdict(figures, f'{sound}s')
        for title, points in (('Good at', good), ('Bad at', bad)):
            lines += [f'## {title}', '', *(f'- {point}' for point in points), ''] if points else []
    return '\n'.join(lines)


def what_it_is_made_of(manifest: dict[str, Any]) -> str:
    if manifest['pitch']:
        return ' and a pitch, made of grains: noise, and the harmonics of the pitch.'
    return ', made of grains: noise, partials, and the wave of the very first milliseconds.'


def percent(share: float | None) -> str:
    """A dash where there was nothing to measure."""
    return '-' if share is None else f'{100 * share:.0f} %'


def said_of_draws(drawn: dict[str, Any]) -> list[str]:
    said = [f"{drawn['draws']} draws. Distances are those of the mel spectra, dB."]
    if 'named_right' in drawn:
        said = [f"{drawn['draws']} draws, named by a classifier that knows recordings alone (right on "
                f"{percent(drawn['referee_on_recordings_set_aside'])} of those set aside): {100 * drawn['named_right']:.1f} % are what "
                'they are called. Distances are those of the mel spectra, dB.']
    if 'in_tune' in drawn:
        said += ['', f"Notes are drawn at pitches spread over the range of their class. {100 * drawn['in_tune']:.1f} % of what is heard of "
                 'them is within 50 cents of the pitch that was asked for; where the tracker finds no pitch, that counts as wrong. '
                 f"Of the recordings set aside, with their own pitch, {percent(drawn['recordings_in_tune'])} is."]
    return said


def columns(drawn: dict[str, Any]) -> list[tuple[str, bool, Callable[[str, dict[str, Any]], str]]]:
    """Of the table of draws: heading, whether there is such a column, its cells."""
    return [('class', True, lambda name, _: name),
            ('named right', 'named_right' in drawn, lambda _, row: f"{100 * row['named_right']:.0f} %"),
            ('taken for', 'named_right' in drawn, lambda _, row: ', '.join(f'{name} ({n})' for name, n in row['taken_for'].items()) or '-'),
            ('in tune', 'in_tune' in drawn, lambda _, row: f"{100 * row['in_tune']:.0f} %"),
            ('recordings in tune', 'in_tune' in drawn, lambda _, row: percent(row['recordings_in_tune'])),
            ('apart', True, lambda _, row: f"{row['apart']:.2f}"),
            ('recordings apart', True, lambda _, row: f"{row['real_apart']:.2f}"),
            ('nearest recording', True, lambda _, row: f"{row['nearest_recording']:.2f}"),
            ('closest two recordings', True, lambda _, row: f"{row['closest_recordings']:.2f}")]


def verdict(figures: dict[str, Any], sounds: str) -> tuple[list[str], list[str]]:
    """What it is good at, and bad at; of each thing the worst class."""
    good: list[str] = []
    bad: list[str] = []

    def judge(holds: bool, text: str) -> None:
        (good if holds else bad).append(text)
    if rows := figures['rebuilt']:
        name, row = max(rows.items(), key=lambda item: item[1]['grains'] / item[1]['nearest'])
        judge(row['grains'] < row['nearest'], f"rebuilding {sounds} from their grains: the worst class is {name}, {row['grains']:.2f} dB where "
                                              f"the nearest recording is {row['nearest']:.2f} dB away")
        name, row = max(rows.items(), key=lambda item: item[1]['hit'] / item[1]['nearest'])
        judge(row['hit'] < row['nearest'], f"rebuilding {sounds} from their embedding alone: the worst class is {name}, {row['hit']:.2f} dB where "
                                           f"the nearest recording is {row['nearest']:.2f} dB away")
        name, row = max(rows.items(), key=lambda item: abs(item[1]['grains_attack_db']))
        judge(abs(row['grains_attack_db']) <= ATTACK_GOAL_DB, f"attacks: the worst class is {name}, {row['grains_attack_db']:+.1f} dB in the "
                                                              'first 10 ms')
    if drawn := figures['drawn']:
        if 'named_right' in drawn:
            name, row = min(drawn['classes'].items(), key=lambda item: item[1]['named_right'])
            judge(drawn['named_right'] >= NAMED_GOAL, f"draws that are what they are called: {100 * drawn['named_right']:.0f} %, the worst "
                                                      f"class is {name} with {100 * row['named_right']:.0f} %")
        if 'in_tune' in drawn:
            name, row = min(drawn['classes'].items(), key=lambda item: item[1]['in_tune'])
            judge(drawn['in_tune'] >= TUNE_GOAL * (drawn['recordings_in_tune'] or 1),
                  f"draws that are in tune: {percent(drawn['in_tune'])} where recordings have "
                  f"{percent(drawn['recordings_in_tune'])}, the worst class is {name} with {100 * row['in_tune']:.0f} %")
        name, row = min(drawn['classes'].items(), key=lambda item: item[1]['apart'] / max(item[1]['real_apart'], 1e-6))
        judge(row['apart'] >= APART_GOAL * row['real_apart'], f"draws that differ: the worst class is {name}, {row['apart']:.1f} dB apart where "
                                                              f"recordings are {row['real_apart']:.1f}")
        copies = [name for name, row in drawn['classes'].items() if row['nearest_recording'] < row['closest_recordings']]
        judge(not copies, 'no copies: no draw is as near to a recording as the closest two recordings are' if not copies
              else f'draws that are nearly recordings: {", ".join(copies)}')
    return good, bad


def write_grains_card(package: Path, figures: dict[str, Any] | None) -> Path:
    """Write card.md into the package; -> its path."""
    path = package / 'card.md'
    path.write_text(render(json.loads((package / 'manifest.json').read_text()), figures))
    return path
