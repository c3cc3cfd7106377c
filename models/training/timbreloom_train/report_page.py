"""REPORT.json -> REPORT.md. Pure text."""
import re
from collections.abc import Callable
from typing import Any

Row = list[str]
Figures = dict[str, Any]


def number(value: Any, digits: int = 1, unit: str = '') -> str:
    return '-' if value is None else f'{value:.{digits}f}{unit}'


def markdown(head: Row, rows: list[Row]) -> str:
    """A table; the first column left, the others right."""
    lines = [head, ['---'] + ['--:'] * (len(head) - 1), *rows]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines) + '\n'


def summary(models: list[Figures]) -> str:
    rows = []
    for m in models:
        own = m.get('own') or {}
        judged = [v for v in m['verdicts'] if v['passed'] is not None]
        rows.append([f'**{m["folder"]}**', m['stage'], number((own.get('distance_db') or {}).get('plugin'), 2),
                     number((own.get('offline') or {}).get('pitch_within_50_cents_percent')),
                     number((own.get('plugin') or {}).get('loudness_r'), 3), f'{m["alive"]} of {m["dims"]}',
                     number(m.get('times_real_time'), 0), number(m['latency_ms']), number(m['size_mb']),
                     f'{sum(v["passed"] for v in judged)} of {len(judged)}'])
    return markdown(['model', 'stage', 'distance, dB', 'in tune, %', 'loudness r', 'latents alive', '× real time',
                     'latency, ms', 'size, MB', 'lines passed'], rows)


def distance_table(models: list[Figures]) -> str:
    rows = [[m['folder'], f'{o["files"]}, {o["seconds"]:.0f} s', number(d['offline'], 2), number(d['plugin'], 2),
             number(d['sawtooth']), number(d['shaped_noise']), number(d['silence'])]
            for m in models if (o := m.get('own')) for d in [o['distance_db']]]
    return markdown(['model', 'held out', 'look-back pitch', 'plugin pitch', 'sawtooth', 'shaped noise', 'silence'], rows)


def following_table(models: list[Figures]) -> str:
    rows = []
    for m in models:
        if not (own := m.get('own')):
            continue
        cells = []
        for way in ('offline', 'plugin'):
            row = own[way]
            cells += [number(row.get('pitch_median_cents')), number(row.get('pitch_within_50_cents_percent'))]
        rows.append([m['folder'], *cells, number(own['offline'].get('voiced_again_percent')),
                     number(own['plugin']['loudness_r'], 3), number(own['plugin']['loudness_error_db'])])
    return markdown(['model', 'cents', 'within 50, %', 'plugin: cents', 'within 50, %', 'voiced again, %', 'loudness r',
                     'loudness off, dB'], rows)


def detail_table(models: list[Figures]) -> str:
    rows = [[m['folder'], *(number(found[key], digits) for key, digits in (
        ('under_db', 1), ('gaps_db', 1), ('movement', 2), ('attack_db', 1), ('attack_bias_db', 1)))]
        for m in models if (own := m.get('own')) for found in [own['detail']]]
    return markdown(['model', 'below the note, dB', 'between partials, dB', 'movement', 'attack off, dB', 'of that louder, dB'], rows)


def latent_table(models: list[Figures]) -> str:
    rows = [[m['folder'], f'{number(o["loudness_r2_linear"], 2)} / {number(o["loudness_r2_quadratic"], 2)}',
             f'{number(o["log_f0_r2_linear"], 2)} / {number(o["log_f0_r2_quadratic"], 2)}',
             number(o['gain_moves_percent'], 2), f'{m["alive"]} of {m["dims"]}']
            for m in models if (o := m.get('own'))]
    return markdown(['model', 'loudness R²', 'log f0 R²', 'moved by -12 dB, %', 'alive'], rows)


def cost_table(models: list[Figures]) -> str:
    rows = []
    for m in models:
        error = m['streaming_error']
        rows.append([m['folder'], f'{error:.0e}' if error is not None else f'FAILED: {m["streaming_why"]}',
                     number(m.get('ms_per_hop'), 2), number(m.get('times_real_time')), number(m['latency_ms']),
                     number(m['size_mb']), str(m['training'].get('steps', '-')), number(m['training'].get('minutes'), 0)])
    return markdown(['model', 'streaming error', 'ms per hop', '× real time', 'latency, ms', 'size, MB', 'steps', 'minutes'], rows)


def share(own: bool, moved: float | None) -> str:
    return 'own' if own else 'near' if moved is None else f'{100 * moved:.0f} %'


def matrix_tables(models: list[Figures], inputs: list[str]) -> str:
    def cell(m: Figures, name: str, kind: str) -> str:
        row = (m.get('foreign') or {}).get(name)
        if row is None:
            return '-'
        if kind == 'pitch':
            return '-' if 'pitch_median_cents' not in row else \
                f'{number(row["pitch_median_cents"])} / {number(row["pitch_within_50_cents_percent"], 0)}'
        if kind == 'loudness':
            return number(row['loudness_r'], 3)
        if 'd_in_db' not in row:
            return '-'
        return f'{row["d_in_db"]:.0f} → {row["d_out_db"]:.0f} ({share(row["own"], row["moved"])})'

    def table(kind: str) -> str:
        rows = []
        for m in models:
            floors = [r['floor_db'] for r in (m.get('foreign') or {}).values() if 'floor_db' in r]
            rows.append([m['folder'], *([number(floors[0] if floors else None, 0)] if kind == 'spectrum' else []),
                         *(cell(m, name, kind) for name in inputs)])
        return markdown(['model', *(['floor'] if kind == 'spectrum' else []), *inputs], rows)

    def matched_table() -> str:
        rows = []
        for m in models:
            cells = []
            for name in inputs:
                row = (m.get('foreign') or {}).get(name) or {}
                cells.append('-' if (found := row.get('matched')) is None else
                             f'{found["d_in_db"]:.0f} → {found["d_out_db"]:.0f}, {found["floor_db"]:.0f} '
                             f'({share(row["own"], found["moved"])}); {row["domain_at_these_pitches_db"]:.0f}')
            if set(cells) != {'-'}:
                rows.append([m['folder'], *cells])
        return markdown(['model', *inputs], rows) if rows else 'No pitched model has sounds at these pitches.\n'
    return f'''**Pitch kept**: median error in cents / % of the hops voiced in the input within 50 cents; a lost pitch counts as wrong.

{table('pitch')}
**Loudness kept**: correlation of the levels per hop.

{table('loudness')}
**Spectrum moved**: Fréchet distance to the model's own domain in dB, input → output, and how much of the way to the
floor that is. The domain is the sound that was trained on (up to 500 recordings; of the choir, whose notes are few, half of a
larger rendering), the floor the distance of its held-out sound (of the choir, the other half) to it. `own`: the input belongs to the domain; `near`: it lies within a quarter of the floor.

{table('spectrum')}
**At the same notes**: 40 mel bands show which notes are played, so a real instrument that plays the input's notes lies away
from its own domain as a whole. Here only hops with a pitch count, and each is held against the domain's spectra within 1.5
semitones of it, as is the held-out sound for the floor: input → output, floor (share of the way); and, last, how far those
spectra of the domain itself lie from the whole domain, which is where a perfect model would end in the table above.

{matched_table()}'''


def referee_section(models: list[Figures], inputs: list[str]) -> str:
    """Nothing where no referee was asked."""
    def table(cell: Callable[[Figures], str], key: str = 'referees') -> str:
        rows = []
        for m in models:
            found = [((m.get('foreign') or {}).get(name) or {}).get(key) for name in inputs]
            if any(found):
                rows.append([m['folder'], *('-' if row is None else cell(row) for row in found)])
        return markdown(['model', *inputs], rows)

    if not any((row.get('referees') for m in models for row in (m.get('foreign') or {}).values())):
        return ''

    def in_tune(row: Figures) -> str:
        return '-' if 'in_tune_percent' not in row else \
            f'{row["in_tune_percent"]:.0f} ({row["octave_off_percent"]:.0f}, {row["lost_percent"]:.0f})'

    def near(row: Figures) -> str:
        return '-' if 'd_in' not in row else f'{row["d_in"]:.1f} → {row["d_out"]:.1f}, {row["floor"]:.1f} ({share(False, row["moved"])})'

    moved = table(lambda row: f'{row["transpose_st"]:+d} st: {in_tune(row)}; {near(row)}', 'in_register')
    return f'''## What others hear

Our tracker made the labels that the models learnt from, and our spectra are what they were trained to match. These two know nothing
of them. **CREPE** (the small one, every 40 ms): of the hops in which it is sure of a pitch in the input, % that have it in the output
within 50 cents; in brackets % that are an octave off, and that have lost it. Both count as wrong. Where CREPE and our tracker hear
the input's pitch in two octaves, either is right.

{table(in_tune)}
An **embedding** that was taught to tell sound effects apart (aiSFX): Fréchet distance to the domain's training part, input → output,
that of its held-out part (share of the way). An output that is farther from the domain than its input has gone a negative share.

{table(near)}
**In the model's own register**: the same two, for inputs that lie an octave or more beside the middle of its range, played transposed
by as many octaves.

{moved}
'''


def probe_tables(table: Figures) -> str:
    rows = []
    for name, found in [('*the probe itself*', table['tracker_on_probes']),
                        *((m['folder'], m['probes']) for m in table['models'])]:
        gliss, *vibratos = (found[key] for key in ('glissando', 'vibrato 220 Hz', 'vibrato 440 Hz'))
        rows.append([name, f'{number(gliss["median_cents"])} / {number(gliss["within_50_percent"], 0)}',
                     *(cell for v in vibratos for cell in (
                         f'{number(v["median_cents"])} / {number(v["within_50_percent"], 0)}',
                         '-' if v.get('depth_ratio') is None else f'{v["depth_ratio"]:.2f}, {v["rate_hz"]:.2f}, {v["lag_ms"]:.0f}'))])
    pitch = markdown(['model', 'glissando', 'vibrato 220 Hz', 'depth, Hz, ms', 'vibrato 440 Hz', 'depth, Hz, ms'], rows)
    rows = [[m['folder'], m['stage'], number((m.get('chord') or {}).get('partials_kept_percent'), 0),
             number(loop.get('kept_percent'), 0), number(loop.get('median_off_ms')), number(loop.get('median_offset_ms'))]
            for m in table['models'] for loop in [m.get('drum_loop') or {}]]
    sound = markdown(['model', 'stage', 'chord: partials kept, %', 'drum loop: attacks kept, %', 'off by, ms',
                      'later by, ms'], rows)
    return f'''An octave in two seconds from 220 Hz, and ±50 cents at 6 Hz, sung by a sawtooth through four formants: median error in cents
/ % of all hops within 50 cents, against the f0 that the probe was made with. For the vibratos also the depth as a share
of the true one, the rate in Hz and the lag in ms. The first row is the measuring tracker on the probe.

{pitch}
Three chords of three notes: how many of the 12 strongest partials are peaks of the output, within 10 cents. Drum loops: how
many attacks of the input have one within 50 ms in the output, how far off in the median, and how much later.

{sound}'''


def verdict_table(models: list[Figures]) -> str:
    lines = [v['line'] for v in models[0]['verdicts']]
    rows = []
    for i, line in enumerate(lines):
        cells = []
        for m in models:
            v = m['verdicts'][i]
            cells.append('-' if v['passed'] is None else 'pass' if v['passed'] else '**miss**')
        rows.append([line, *cells])
    missed = [[m['folder'], v['line'], v['text']] for m in models for v in m['verdicts'] if v['passed'] is False]
    text = markdown(['line', *(m['folder'] for m in models)], rows)
    if missed:
        text += '\nWhat was missed, and by how much:\n\n' + \
            '\n'.join(f'- **{name}**, {line}: {found}' for name, line, found in missed) + '\n'
    return text


def ablations(notes: str) -> str:
    """The notes under this page's heading: their own headings go one level down, their title is dropped."""
    body = re.sub(r'\A#\s.*\n+', '', notes.strip() + '\n')
    return re.sub(r'^(#+ )', r'#\1', body, flags=re.MULTILINE) if not re.search(r'^# ', body, re.MULTILINE) else \
        re.sub(r'^(#+ )', r'##\1', body, flags=re.MULTILINE)


def missing(models: list[Figures]) -> str:
    lines = [f'- **{m["folder"]}**: {text}' for m in models for text in m['missing']]
    lines += [f'- **{m["folder"]}**: foreign sounds and probes went through the trainer instead of the plugin engine '
              f'({m["played_why"]})' for m in models if m['played_by'] == 'trainer']
    return '## Not measured\n\n' + '\n'.join(lines) + '\n\n' if lines else ''


def page(table: Figures, notes: str) -> str:
    models: list[Figures] = table['models']
    inputs = list(table['inputs'])
    heard = ', '.join(f'{name} {table["inputs"][name]["seconds"]:.0f} s' for name in inputs)
    pictures = '\n'.join(f'### {m["folder"]}\n\n![{m["folder"]}]({m["interpolation"]["picture"]})\n'
                         for m in models if m.get('interpolation'))
    inputs_pictures = '\n'.join(f'### Through {m["folder"]}\n\n![inputs above, outputs below]({m["inputs_picture"]})\n'
                                for m in models if m.get('inputs_picture'))
    text = f'''# The models, measured

Made by `python -m timbreloom_train report`; do not edit. All figures are in `REPORT.json`. Every recording was kept out of
training and is brought to -20 dB(A). A hop is 512 samples (11.6 ms).

{summary(models)}
*distance*: mean log-mel distance to held-out sound, pitch as the plugin tracks it. *in tune*: voiced hops within 50 cents,
look-back pitch. *lines passed*: of the requirements in the next section that apply.

## Verdict

What is asked of every model of the family; the numbers only order the rows. For 5 that is a median of at most 15 cents,
90 % of the hops within 50, a vibrato depth of 0.8 to 1.25 and a rate within 0.2 Hz. A dash: does not
apply or was not measured.

{verdict_table(models)}
{missing(models)}## On its own sound

### Distance

Mean absolute difference of log-mel spectra at three window sizes, dB, up to {table["limit"]} recordings of at most 6 s. The
baselines: a sawtooth with the true pitch and loudness, white noise with the loudness, silence.

{distance_table(models)}
### Pitch and loudness

Output against input: median error, share of the hops voiced in the input that lie within 50 cents (a lost pitch counts as wrong);
given the look-back pitch, then the pitch as the plugin tracks it.

{following_table(models)}
### In detail

Against the recordings. Noise below the note and between its partials, where the pitch is steady: how much louder it is (0 is right).
Movement: how much the level of a mel band changes from hop to hop, of what it changes in the recordings (1 is right). Attack: level of
the first 20 ms of a note, mean without sign, and with it.

{detail_table(models)}
### What the latent knows

R² of a linear / quadratic prediction from the latent, cross-validated (0 or less: nothing). Then the largest mean movement of
a latent, in % of its standard deviation, when the input falls by 12 dB, and the latents with at least 1 % of the variance.

{latent_table(models)}
### Streaming, cost, latency

Streaming error: largest difference between the package played hop by hop and the networks run on the whole file. Cost: encoder
and decoder on one core, best of four runs, on the machine that made this page. Latency: one hop and the model's delay.

{cost_table(models)}
## On foreign sound

{heard};
loops and chords have no pitch to keep; the ladder is steady notes of a sung sawtooth, every three semitones from
52 to 1975 Hz. Heard through the plugin's own engine (`timbreloom transfer`, all controls at rest),
aligned with the input; both sides tracked by the same look-back search.

{matrix_tables(models, inputs)}
{referee_section(models, inputs)}## Glissando, vibrato, chord, drum loop

{probe_tables(table)}
## What comes in and what comes out

The longest recording of each input, its first 2.5 seconds (of the ladder, all), above; below what the model makes of it, in its own register
where a number of semitones is given.

{inputs_pictures}
## Interpolation

z[n] = z_a[n](1 - n/N) + z_b[n](n/N) between two held-out sounds, loudness and pitch (in octaves) likewise: the model's a, the
way, the model's b.

{pictures}'''
    if notes:
        text += f'\n## Ablations\n\n{ablations(notes)}'
    return text.rstrip('\n') + '\n'
