"""card.md of a package, from its manifest and the figures of `evaluate`."""
import json
from pathlib import Path
from typing import Any

KILO = 1000
BAD_AT = '## Bad at'
STAGES = {'pitched': 'pitched: harmonics on a tracked pitch, and shaped noise',
          'general': "general: the input's own sound, flattened and shaped anew"}


def made_by(training: dict[str, Any]) -> str:
    """Which commit's training code made a package, as the end of a card's line; '' where its manifest does not say."""
    return f', code {training["commit"]}' if training.get('commit') else ''


def table(header: list[str], rows: list[list[Any]]) -> list[str]:
    return ['| ' + ' | '.join(header) + ' |', '|' + '---|' * len(header),
            *('| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows), '']


def following_row(title: str, files: int, scores: dict[str, Any]) -> list[Any]:
    heard = scores['pitch_median_cents'] is not None
    return [title, files, f"{scores['pitch_median_cents']} cents" if heard else 'no pitch',
            f"{scores['pitch_within_50_cents_percent']} %" if heard else '-',
            f"{scores['loudness_r']}", f"{scores['loudness_error_db']} dB"]


def strengths(figures: dict[str, Any], stage: str) -> tuple[list[str], list[str]]:
    """-> sentences on what it is good at, and bad at, decided by the figures. The general stage is not blamed for a pitch that it
    does not make."""
    good, bad = [], []

    def judge(holds: bool, yes: str, no: str) -> None:
        (good if holds else bad).append(yes if holds else no)
    own = figures['held_out']
    where = 'its training recordings' if figures.get('seen_in_training') else 'recordings it never heard'
    msmel, plugin, latent = own['msmel_db'], own['plugin'], own['latent']
    judge(msmel['offline'] <= 3.0, f"rebuilding its own instrument: {msmel['offline']} dB from {where}",
          f"rebuilding its own instrument: {msmel['offline']} dB from {where}; train longer, or on more sound")
    is_to_blame = stage == 'pitched'
    in_tune = plugin['pitch_within_50_cents_percent']
    if plugin['pitch_median_cents'] is not None and (is_to_blame or in_tune >= 95):
        judge(in_tune >= 95, f'playing in tune: {in_tune} % of the pitched hops within 50 cents',
              f'playing in tune: only {in_tune} % of the pitched hops within 50 cents')
    judge(plugin['loudness_r'] >= 0.95, f"following dynamics (loudness correlation {plugin['loudness_r']})",
          f"following dynamics (loudness correlation {plugin['loudness_r']})")
    judge(latent['loudness_r2_quadratic'] < 0.2, 'keeping timbre apart from loudness: the latent does not tell the level',
          f"keeping timbre apart from loudness: the latent tells {100 * latent['loudness_r2_quadratic']:.0f} % of the level")
    judge(latent['log_f0_r2_quadratic'] < 0.2, 'keeping timbre apart from pitch',
          f"keeping timbre apart from pitch: {100 * latent['log_f0_r2_quadratic']:.0f} % of the pitch can be read from the "
          'latent, so large transpositions keep some colour of the old register')
    for name, other in figures['transfer'].items():
        if other['plugin']['pitch_median_cents'] is None:
            continue
        score = other['plugin']['pitch_within_50_cents_percent']
        if score < 90 and not is_to_blame:
            continue
        judge(score >= 90, f'following {name}: {score} % within 50 cents',
              f"following {name}: {score} % within 50 cents; {other['latent_outside_range_percent']} % of its latent values lie "
              'outside what the model was trained on')
    return good, bad


def render(manifest: dict[str, Any], figures: dict[str, Any] | None, notes: str = '') -> str:
    """-> Markdown. notes: hand-written Markdown placed at the end: what the figures do not tell of its weak sides, under
    BAD_AT, and suggested settings."""
    training, sound, latent = manifest['training'], manifest['pitch'], manifest['latent']
    rate, delay = manifest['sample_rate_hz'], manifest['delay_frames']
    lines = [f"# {manifest['name']}", '', manifest['description'], '',
             f"A model package of Timbreloom, format {manifest['format']} ({manifest['kind']}).", '',
             *table(['', ''], [
                 ['licence', manifest['licence']],
                 ['made from', manifest['provenance']],
                 ['training', f"{training['steps']} steps, {training['minutes']} minutes"
                              + made_by(training)],
                 ['sample rate', f'{rate / KILO:g} kHz, one hop is {manifest["hop_frames"]} frames '
                                 f'({manifest["hop_frames"] / rate * KILO:.1f} ms)'],
                 ['delay of the model', f'{delay} frames ({delay / rate * KILO:.1f} ms)'],
                 ['waveform stage', STAGES[manifest.get('stage', 'pitched')]],
                 *([['range', f"{sound['min_hz']:.0f} to {sound['max_hz']:.0f} Hz (1st to 99th percentile)"]] if sound else []),
                 ['latent', f"{latent['dims']} dimensions, shares of the variance "
                            + ' '.join(f'{share:.2f}' for share in latent['variance_share'] if share >= 0.01)]])]
    if figures:
        lines += measured(figures)
        good, bad = strengths(figures, manifest.get('stage', 'pitched'))
        if good:
            lines += ['## Good at', '', *(f'- {point}' for point in good), '']
        before, heading, after = notes.partition(BAD_AT + '\n\n')
        if bad and heading:
            notes = before + heading + ''.join(f'- {point}\n' for point in bad) + after
        elif bad:
            lines += [BAD_AT, '', *(f'- {point}' for point in bad), '']
    return '\n'.join(lines) + ('\n' + notes.strip() + '\n' if notes else '')


def measured(figures: dict[str, Any]) -> list[str]:
    own = figures['held_out']
    msmel, texture, latent = own['msmel_db'], own['texture_distance'], own['latent']
    seen = figures.get('seen_in_training', False)
    heading = 'its own training recordings (none were held out)' if seen else 'recordings it never heard'
    lines = [f'## Measured on {heading}', '',
             f"{own['files']} recordings, {own['seconds']:.0f} seconds, all at -20 dB(A); hop by hop through ONNX Runtime.", '',
             *table(['mean log-mel distance, three scales', 'dB'],
                    [['this model', msmel['offline']], ['this model, pitch as the plugin gives it', msmel['plugin']],
                     *([['noise of the same colour and loudness', msmel['coloured_noise']]] if 'coloured_noise' in msmel else []),
                     ['a sawtooth with the same pitch and loudness', msmel['sawtooth']], ['silence', msmel['silence']]]),
             *table(['input', 'files', 'pitch error (median)', 'within 50 cents', 'loudness r', 'loudness error'],
                    [following_row('its own instrument', own['files'], own['plugin']),
                     *(following_row(name, t['files'], t['plugin']) for name, t in figures['transfer'].items())]),
             'Pitch is tracked as in the plugin: from the past alone. With a look-back search over the whole file (the pitch of '
             'the middle of the window, which a model of less delay plays late): '
             + '; '.join(f"{name} {t['offline']['pitch_median_cents']} cents, {t['offline']['pitch_within_50_cents_percent']} %"
                         for name, t in {'its own': own, **figures['transfer']}.items()) + '.', '',
             f"Texture distance {texture['model']} (sawtooth {texture['sawtooth']}"
             + (f", two halves of the recordings {texture['other_half_of_recordings']}" if 'other_half_of_recordings' in texture else '')
             + f"). 12 dB less input moves no dimension by more than {latent['moved_by_minus_12_db_deviations']} deviations. From the latent "
             f"one can read {max(latent['loudness_r2_quadratic'], 0):.0%} of the loudness and "
             f"{max(latent['log_f0_r2_quadratic'], 0):.0%} of the pitch.", '']
    if own['crest_db']:
        bands = list(next(iter(own['crest_db'].values())))
        lines += table(['crest factor (recording / model), dB', *(b.replace('_hz', ' Hz') for b in bands)],
                       [[title.replace('_', ' '), *(' / '.join('-' if value is None else str(value) for value in pair) for pair in row.values())]
                        for title, row in own['crest_db'].items()])
    if figures.get('latent_axes'):
        lines += ['## What the dimensions do', '', 'Change of the output from 1.5 deviations below to 1.5 above.', '',
                  *table(['dimension', 'brightness, octaves', 'periodicity', 'level, dB', 'distance, dB'],
                         [[a['dimension'], f"{a['brightness_octaves']:+.2f}", f"{a['periodicity']:+.3f}", f"{a['level_db']:+.1f}",
                           a['msmel_db']] for a in figures['latent_axes']])]
    return lines


def write_card(package: Path, figures: dict[str, Any] | None, notes: Path | None = None) -> Path:
    """Write card.md into the package; -> its path."""
    manifest = json.loads((package / 'manifest.json').read_text())
    path = package / 'card.md'
    path.write_text(render(manifest, figures, notes.read_text() if notes else ''))
    return path
