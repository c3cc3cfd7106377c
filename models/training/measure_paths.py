"""Goes from one held-out sound to another and back, and measures how steadily: how the table in docs/paths.md was made.

    python models/training/measure_paths.py OUT MODEL=FOLDER[,FOLDER] [MODEL=FOLDER+FOLDER ...]

Of the recordings that are set aside by their name it takes those whose latents lie furthest apart: both out of the folders, or,
with a plus, the first out of those before it and the second out of those behind it. OUT gets all sounds, figures.json, and
interpolation.png with the best and the worst pair. Needs target/release/timbreloom (or --program), numpy, scipy, soundfile,
matplotlib and Pillow.
"""

import argparse
import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import soundfile
from PIL import Image
from scipy.stats import spearmanr

from timbreloom_train.corpus import is_held_out, load, sound_files, trim
from timbreloom_train.evaluate import SOUNDING_DB
from timbreloom_train.features import SR, hz_to_mel, loudness_of
from timbreloom_train.interpolation import BANDS, LOW_HZ, STEP, TICKS_HZ, TOP_HZ, mel_db

ROOT = Path(__file__).resolve().parents[2]
SHORTEST_S, LONGEST_S = 1.5, 3.0
WINDOWS = 20
SHARES = range(0, 101, 10)             # per cent of the second sound
RANGE_DB = 65.0                        # below the loudest band of both sounds: what is fainter counts as silence
SILENT_DB = 1.0                        # in a window where the two are nearer than that, there is no way to go
STEADY_HOPS = 9                        # over which the loudest moment of a sound is looked for
GOOD = 0.95                            # rank correlation
COLOURS = 40
FIRST, SECOND, BOTH = '#1f6db5', '#d9650d', '#8a8a8a'


def run(program, *arguments):
    answer = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if answer.returncode:
        sys.exit(answer.stderr)


def set_aside(folders, model):
    """Recordings that no training heard, without those that the model's training left out for what they play."""
    domains = json.loads(Path(__file__).with_name('domains.json').read_text(encoding='utf-8'))
    exclude = domains.get(model, {}).get('exclude', '')
    return [path for folder in folders.split(',') for path in sound_files(Path(folder), exclude) if is_held_out(path)]


def sounding(paths):
    """path -> its sound without silence at both ends, at most LONGEST_S of it; those shorter than SHORTEST_S are left out."""
    sounds = {}
    for path in paths:
        audio = load(path)
        audio = trim(audio, loudness_of(audio))[:int(LONGEST_S * SR)]
        if len(audio) >= SHORTEST_S * SR:
            sounds[path] = audio
    return sounds


def encode(program, model, audio, path):
    wav = path.with_suffix('.heard.wav')
    soundfile.write(wav, audio, SR, subtype='FLOAT')
    run(program, 'encode', wav, '-m', model, '-o', path)
    return json.loads(path.read_text(encoding='utf-8'))


def mean_latents(program, model, sounds, work):
    """path -> the mean latent where it sounds."""
    work.mkdir(parents=True, exist_ok=True)
    means = {}
    for path, audio in sounds.items():
        hops = encode(program, model, audio, work / f'{path.stem}.json')
        means[path] = np.array(hops['latent'])[np.array(hops['loudness_db']) > SOUNDING_DB].mean(0)
    return means


def furthest(means, firsts, seconds, count):
    """Pairs of recordings, the furthest apart first; none is in two pairs."""
    ranked = sorted(((np.linalg.norm(means[a] - means[b]), a, b) for a in firsts for b in seconds if a != b), reverse=True)
    pairs, used = [], set()
    for _, a, b in ranked:
        if len(pairs) < count and not {a, b} & used:
            pairs.append((a, b))
            used |= {a, b}
    return pairs


def standing(first, second):
    """The same two paths, each standing still at its loudest moment."""
    still = []
    for path in (first, second):
        loudness = np.convolve(path['loudness_db'], np.full(STEADY_HOPS, 1 / STEADY_HOPS), 'valid')
        loudest = int(loudness.argmax()) + STEADY_HOPS // 2
        still.append({key: [value[loudest]] * len(value) if isinstance(value, list) else value for key, value in path.items()})
    return still


def in_unison(first, second):
    """The same two paths, the second at the pitch of the first."""
    return [first, {**second, 'f0_hz': first['f0_hz'], 'voicing': first['voicing']}]


def play(program, paths, work):
    """name -> mel spectrogram in dB: of the model's a and b alone, of both ways between them, and of every fixed share."""
    work.mkdir(parents=True, exist_ok=True)
    for name, path in zip('ab', paths):
        (work / f'{name}.json').write_text(json.dumps(path), encoding='utf-8')
        run(program, 'decode', work / f'{name}.json', '-o', work / f'{name}.wav', '--format', 'f32')
    ways = {'ab': 'ab', 'ba': 'ba', **{f'{share}%': 'ab' for share in SHARES}}
    for name, ends in ways.items():
        how = ('--share', name[:-1]) if name.endswith('%') else ()
        run(program, 'interpolate', *(work / f'{end}.json' for end in ends), '-o', work / f'{name}.wav', '--format', 'f32', *how)
    levels = {name: mel_db(soundfile.read(work / f'{name}.wav', dtype='float32')[0]) for name in ('a', 'b', *ways)}
    floor = max(levels['a'].max(), levels['b'].max()) - RANGE_DB
    return {name: np.maximum(level, floor) for name, level in levels.items()}


def distances(level, other):
    """Mean difference of all bands in each window, dB: [WINDOWS]."""
    return np.array([part.mean() for part in np.array_split(np.abs(level - other).mean(0), WINDOWS)])


def rank(values):
    """Spearman's correlation with the values' order in time: 1 if each is greater than the one before."""
    return float(spearmanr(np.arange(len(values)), values).statistic)


def along(way, start, end):
    """How a way leaves its start and comes to its end, window by window."""
    from_start, to_end, apart = distances(way, start), distances(way, end), distances(start, end)
    sounds = np.flatnonzero(apart > SILENT_DB)
    share = (from_start / np.maximum(from_start + to_end, 1e-9))[sounds]
    back = np.maximum.accumulate(share) - share
    return {'from_start_db': from_start.tolist(), 'to_end_db': to_end.tolist(), 'apart_db': apart.tolist(),
            'sounds': sounds.tolist(), 'share': share.tolist(), 'rank_from': rank(from_start[sounds]),
            'rank_to': -rank(to_end[sounds]), 'rank_share': rank(share),
            'back': float(back.max()), 'back_at_s': float(sounds[back.argmax()] + 0.5) / WINDOWS * way.shape[1] * STEP / SR}


def judged(levels):
    """Both ways, and the whole sound at fixed shares."""
    from_a, to_b = ([float(np.abs(levels[f'{share}%'] - levels[end]).mean()) for share in SHARES] for end in 'ab')
    return {'ab': along(levels['ab'], levels['a'], levels['b']), 'ba': along(levels['ba'], levels['b'], levels['a']),
            'shares': {'from_a_db': from_a, 'to_b_db': to_b, 'rank_from': rank(from_a), 'rank_to': -rank(to_b)}}


def ranks(figures):
    """Of the plain distances: from a, to b; from b, to a."""
    return [figures[way][which] for way in ('ab', 'ba') for which in ('rank_from', 'rank_to')]


def share_ranks(figures):
    return [figures[way]['rank_share'] for way in ('ab', 'ba')]


def fixed_ranks(figures):
    return [figures['shares'][which] for which in ('rank_from', 'rank_to')]


def text(values):
    return ' '.join(f'{value:.2f}'.replace('0.', '.', 1) for value in values)


def row(pair):
    """One of the table in docs/paths.md."""
    way = max((pair['ab'], pair['ba']), key=lambda way: way['back'])
    worst = f'{way["back"]:.0%} at {way["back_at_s"]:.1f} s' if way['back'] > 0.005 else 'none'
    cells = (f'`{pair["model"]}`', pair['a'], pair['b'], text(ranks(pair)), text(share_ranks(pair)), worst,
             text(fixed_ranks(pair)), text([min(ranks(pair['standing_in_unison']))]))
    return f'| {" | ".join(cells)} |'


def summary(pairs):
    """The second table of docs/paths.md: lowest, median, and how many reach GOOD."""
    def cell(values):
        return f'{text([min(values)])}, {text([np.median(values)])}, {sum(value >= GOOD for value in values)} of {len(values)}'
    for title, control in (('as they are', None), ('in unison', 'in_unison'), ('each standing still', 'standing'),
                           ('still and in unison', 'standing_in_unison')):
        figures = [pair[control] if control else pair for pair in pairs]
        cells = [cell([value for one in figures for value in of(one)]) for of in (ranks, share_ranks, fixed_ranks)]
        print(f'| {title} | {" | ".join(cells)} |')


def draw_levels(axis, level, title, top, edge):
    axis.imshow(level, origin='lower', aspect='auto', cmap='magma', vmin=top - RANGE_DB, vmax=top,
                extent=(0, level.shape[1] * STEP / SR, 0, BANDS))
    axis.set_title(title, fontsize=9, color=edge, fontweight='bold')
    mel = hz_to_mel([LOW_HZ, TOP_HZ])
    axis.set_yticks((hz_to_mel(TICKS_HZ) - mel[0]) / (mel[1] - mel[0]) * BANDS, [f'{hz / 1000:g}' for hz in TICKS_HZ])


def draw_way(axes, pair, levels, way):
    """Three spectrograms over: the whole sound at fixed shares; distances along the way; the share of the way."""
    start, end = way
    figures, shares, top = pair[way], pair['shares'], max(levels['a'].max(), levels['b'].max())
    colour = {'a': FIRST, 'b': SECOND, way: 'black'}
    title = {'a': f'A: {pair["a"]}', 'b': f'B: {pair["b"]}', way: f'{start.upper()} to {end.upper()}, played by {pair["model"]}'}
    for axis, name in zip(axes[0], (start, way, end)):
        draw_levels(axis, levels[name], title[name], top, colour[name])
    axes[0][0].set_ylabel('kHz', fontsize=8)
    seconds = levels['a'].shape[1] * STEP / SR
    times = (np.arange(WINDOWS) + 0.5) / WINDOWS * seconds
    axes[1][1].plot(times, figures['from_start_db'], color=colour[start], label=f'to {start.upper()}')
    axes[1][1].plot(times, figures['to_end_db'], color=colour[end], label=f'to {end.upper()}')
    axes[1][1].plot(times, figures['apart_db'], ':', color=BOTH, label='A and B')
    axes[1][2].plot([0, seconds], [0, 100], ':', color=BOTH)
    axes[1][2].plot(times[figures['sounds']], 100 * np.array(figures['share']), color='black')
    order = slice(None) if way == 'ab' else slice(None, None, -1)
    axes[1][0].plot(SHARES, shares['from_a_db'][order], color=FIRST, label='to A')
    axes[1][0].plot(SHARES, shares['to_b_db'][order], color=SECOND, label='to B')
    for axis, title, across in zip(axes[1], ('distance, dB: the whole sound at a fixed share', 'distance, dB: along the way',
                                             'share of the way, %'), (f'% of {end.upper()}', 's', 's')):
        axis.set_title(title, fontsize=8)
        axis.set_xlabel(across, fontsize=8, labelpad=1)
        axis.set_xlim(0, seconds if across == 's' else 100)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[1][2].set_ylim(0, 100)
    for axis in axes[1][:2]:
        axis.legend(fontsize=8, frameon=False, ncol=3, loc='lower center', borderaxespad=0.1, columnspacing=1.2, handlelength=1.4)
    for axis in axes.flat:
        axis.tick_params(labelsize=7)


def draw(shown, path):
    """shown: (title, figures, spectrograms) of each pair, both ways under each other."""
    figure = plt.figure(figsize=(11, 6.4 * len(shown)), constrained_layout=True)
    for part, (title, pair, levels) in zip(figure.subfigures(len(shown), 1, squeeze=False)[:, 0], shown):
        part.suptitle(f'{title}: lowest rank correlation {min(ranks(pair)):.2f}', fontsize=11)
        axes = part.subplots(4, 3, gridspec_kw={'height_ratios': [1.8, 1, 1.8, 1]})
        for first, way in ((0, 'ab'), (2, 'ba')):
            draw_way(axes[first:first + 2], pair, levels, way)
    drawn = BytesIO()
    figure.savefig(drawn, dpi=95)
    Image.open(drawn).convert('RGB').quantize(COLOURS).save(path, optimize=True)


def measure(program, model, folders, count, work):
    """-> [(figures, spectrograms)] of the pairs, furthest apart first."""
    first_folders, _, second_folders = folders.partition('+')
    firsts = sounding(set_aside(first_folders, model))
    seconds = sounding(set_aside(second_folders, model)) if second_folders else firsts
    sounds = firsts | seconds
    measured = []
    for number, (a, b) in enumerate(furthest(mean_latents(program, model, sounds, work / 'all'), firsts, seconds, count)):
        folder = work / str(number)
        folder.mkdir(exist_ok=True)
        length = min(len(sounds[a]), len(sounds[b]))
        paths = [encode(program, model, sounds[path][:length], folder / f'{name}.json') for name, path in zip('ab', (a, b))]
        levels = play(program, paths, folder)
        still = standing(*paths)
        controls = {'in_unison': in_unison(*paths), 'standing': still, 'standing_in_unison': in_unison(*still)}
        figures = {'model': model, 'a': a.stem, 'b': b.stem, 'seconds': length / SR, **judged(levels),
                   **{name: judged(play(program, changed, folder / name)) for name, changed in controls.items()}}
        print(row(figures), flush=True)
        measured.append((figures, levels))
    if not measured:
        sys.exit(f'{folders}: holds no two recordings set aside by their name with {SHORTEST_S} s of sound; give a larger folder')
    return measured


def main():
    cli = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cli.add_argument('out', type=Path, help='folder to write to')
    cli.add_argument('pairs', nargs='+', metavar='MODEL=FOLDERS', help='an installed model, or a package’s folder, and sounds')
    cli.add_argument('--program', type=Path, default=ROOT / 'target' / 'release' / 'timbreloom')
    cli.add_argument('--count', type=int, default=4, help='pairs of each (default 4)')
    args = cli.parse_args()
    matplotlib.use('Agg')
    measured = []
    for number, asked in enumerate(args.pairs):
        model, _, folders = asked.partition('=')
        measured += measure(args.program, model, folders, args.count, args.out / f'{number}-{Path(model).name}')
    measured.sort(key=lambda pair: min(ranks(pair[0])))
    (args.out / 'figures.json').write_text(json.dumps([figures for figures, _ in measured], indent=1), encoding='utf-8')
    summary([figures for figures, _ in measured])
    best, worst = (f'The {which} of {len(measured)} pairs' for which in ('best', 'worst'))
    draw([(best, *measured[-1]), (worst, *measured[0])], args.out / 'interpolation.png')


if __name__ == '__main__':
    main()
