"""The report page of a run: `report.png` for the eyes and `report.json` with every figure."""
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import evaluate
from .corpus import sound_files
from .features import HOP, N_FFT, SR, Array
from .measures import msmel, sawtooth
from .picture import TOP_HZ, spectrogram_db
from .progress import duration
from .session import Session

EXAMPLES = 4
EXAMPLE_SECONDS = 4.0
INK, MUTED, GOOD, FAIR = '#22262e', '#7b8290', '#2a7f62', '#b8621b'
STFT, KL, LOUD, PITCH = '#3050a0', '#8a8f99', '#b8621b', '#2a7f62'


@dataclass
class Measure:
    """One line of the table: what was measured, the figure, what one wants, and whether it holds."""
    title: str
    value: str
    wanted: str
    holds: bool


def coloured_noise(audio: Array, loudness: Array) -> Array:
    """White noise given the recording's mean spectrum, and its loudness hop by hop: what is left of a sound when
    pitch and every movement of timbre are gone."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, (N_FFT, N_FFT)), N_FFT)[::HOP]
    power = (np.abs(np.fft.rfft(frames * np.hanning(N_FFT))) ** 2).mean(0)
    taps = np.roll(np.fft.irfft(np.sqrt(power)), N_FFT // 2) * np.hanning(N_FFT)
    hiss = np.random.default_rng(0).standard_normal(len(audio) + N_FFT)
    shaped = np.fft.irfft(np.fft.rfft(hiss) * np.fft.rfft(taps, len(hiss)), len(hiss))[N_FFT // 2:][:len(audio)]
    shaped *= 0.1 / (np.sqrt((shaped ** 2).mean()) + 1e-9)
    level = evaluate.loudness_of(shaped.astype(np.float32))
    gain = 10 ** (np.clip(loudness - level, -90, 60) / 20)
    return (shaped * np.interp(np.arange(len(shaped)) / HOP, np.arange(len(gain)), gain)).astype(np.float32)


def baselines(folder: Path, only: list[str], limit: int) -> dict[str, float]:
    """Mean distance of the recordings from what needs no model, dB, over the files that `evaluate` measures."""
    files = [p for p in sound_files(folder) if p.name in set(only)]
    files = [files[i] for i in np.unique(np.linspace(0, len(files) - 1, min(limit, len(files))).astype(int))]
    rows, weight = [], []
    skip = evaluate.SETTLE * HOP
    for path in files:
        made = evaluate.prepare(path)
        if made is None or len(made[1]) < evaluate.SHORTEST_HOPS:
            continue
        audio, f0, voicing, loudness = made
        others = np.zeros_like(audio), coloured_noise(audio, loudness), sawtooth(f0, loudness, voicing)
        rows.append([msmel(audio[skip:], other[skip:]) for other in others])
        weight.append(len(f0))
    means = np.average(rows, axis=0, weights=weight)
    return {name: round(float(value), 3) for name, value in zip(('silence', 'coloured_noise', 'sawtooth'), means)}


def finite(value: Any) -> Any:
    """The same with None in place of what JSON cannot hold: correlations and R2 of a sound that never changes."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def measures(figures: dict[str, Any], hop_ms: float) -> list[Measure]:
    """The lines of the table; pitch only where the recordings have one."""
    own = figures['held_out']
    plugin, latent, distance = own['plugin'], own['latent'], own['msmel_db']['offline']
    lines = [Measure('distance from the recordings', f'{distance:.2f} dB', 'below 3', distance < 3.0)]
    if plugin.get('pitch_median_cents') is not None:
        near = plugin['pitch_within_50_cents_percent']
        lines += [Measure('in tune (within 50 cents)', f'{near:.1f} %', 'above 95 %', near > 95),
                  Measure('pitch error, median', f"{plugin['pitch_median_cents']:.1f} cents", 'below 15',
                          plugin['pitch_median_cents'] < 15)]
    loud, level, height = plugin['loudness_r'], latent['loudness_r2_quadratic'], latent['log_f0_r2_quadratic']
    alive = sum(share >= 0.01 for share in figures['variance_share'])
    lines += [Measure('loudness followed (correlation)', f'{loud:.3f}', 'above 0.95', loud > 0.95),
              Measure('loudness told by the timbre (R2)', f'{np.maximum(level, 0):.2f}', 'below 0.1', level < 0.1),
              Measure('pitch told by the timbre (R2)', f'{np.maximum(height, 0):.2f}', 'below 0.2', height < 0.2),
              Measure('timbre dimensions in use', f'{alive} of {len(figures["variance_share"])}', '10 or more', alive >= 10),
              Measure('time per hop, one core', f"{figures['cpu_ms_per_hop']:.2f} ms", f'below {hop_ms / 4:.1f}',
                      figures['cpu_ms_per_hop'] < hop_ms / 4)]
    # nothing can be said about what never changed
    return [line for line in lines if 'nan' not in line.value]


def verdict(figures: dict[str, Any], noise_db: float) -> str:
    """One sentence for somebody who reads no figures."""
    own = figures['held_out']
    distance = own['msmel_db']['offline']
    if distance >= 0.8 * noise_db:
        return 'Not usable yet: hardly nearer to the recordings than noise of their colour. Train longer, or check the recordings.'
    if distance >= 4.0:
        return 'Rough: the character is there, the detail is not. Train longer or give more sound.'
    out_of_tune = own['plugin'].get('pitch_median_cents') is not None and own['plugin']['pitch_within_50_cents_percent'] < 90
    if out_of_tune:
        return 'Good likeness, unsure pitch: look for recordings with two notes at once, noise or reverberation.'
    return 'Good: close to the recordings, and it follows.' if distance < 3.0 else 'Usable: near the recordings; more training brings it nearer.'


def plot_losses(axes: tuple[Any, Any], losses: list[dict[str, float]]) -> None:
    """The error over the minutes above; what the latent carries and hides below."""
    error, rest = axes
    if not losses:
        for axis in axes:
            axis.set_axis_off()
        error.text(0.5, 0.5, 'no training log', color=MUTED, ha='center', va='center', transform=error.transAxes)
        return
    minutes = [row['minutes'] for row in losses]
    mark = {'marker': 'o', 'markersize': 3} if len(losses) < 12 else {}
    error.plot(minutes, [row['stft'] for row in losses], color=STFT, linewidth=1.8, **mark)
    error.set_title('Training error over time', loc='left', fontsize=11, color=INK)
    error.set_ylabel('spectral error', fontsize=9)
    error.tick_params(labelbottom=False)
    for key, label, colour in (('kl', 'carried by the timbre (KL, nats)', KL), ('loudness_ignorance', 'loudness hidden (1 = fully)', LOUD),
                               ('pitch_ignorance', 'pitch hidden (1 = fully)', PITCH)):
        if key in losses[0]:
            rest.plot(minutes, [row[key] for row in losses], color=colour, linewidth=1.4, label=label, **mark)
    rest.set_xlim(0, 1.02 * minutes[-1])
    rest.set_xlabel('minutes of training', fontsize=9)
    # room above the lines for the legend
    low, high = rest.get_ylim()
    rest.set_ylim(min(low, 0), high + 0.75 * (high - min(low, 0)))
    rest.legend(fontsize=8, frameon=False, loc='upper left', borderaxespad=0.1)
    for axis in axes:
        axis.grid(axis='y', color='#e4e6ea', linewidth=0.8)


def plot_distances(axis: Any, distances: dict[str, float]) -> None:
    """Horizontal bars, nearest first; the model in colour."""
    rows = sorted(distances.items(), key=lambda item: item[1])
    colours = [STFT if name == 'this model' else '#c9cdd5' for name, _ in rows]
    axis.barh([name for name, _ in rows], [value for _, value in rows], color=colours, height=0.62)
    for index, (_, value) in enumerate(rows):
        axis.text(value + 0.015 * rows[-1][1], index, f'{value:.1f}', va='center', fontsize=9, color=INK)
    axis.set_xlim(0, 1.12 * rows[-1][1])
    axis.invert_yaxis()
    axis.set_title('Distance from the recordings, dB (less is better)', loc='left', fontsize=11, color=INK)


def plot_table(axis: Any, lines: list[Measure]) -> None:
    axis.set_axis_off()
    axis.set_title('Measured', loc='left', fontsize=11, color=INK)
    step = 1 / (len(lines) + 1)
    for x, text in ((0.60, 'found'), (0.81, 'wanted')):
        axis.text(x, 1 - step / 2, text, fontsize=9, color=MUTED, va='center', transform=axis.transAxes)
    for index, line in enumerate(lines):
        y = 1 - (index + 1.5) * step
        axis.text(0.0, y, line.title, fontsize=9.5, color=INK, va='center', transform=axis.transAxes)
        axis.text(0.60, y, line.value, fontsize=9.5, color=GOOD if line.holds else FAIR, va='center', fontweight='bold',
                  transform=axis.transAxes)
        axis.text(0.81, y, line.wanted, fontsize=9, color=MUTED, va='center', transform=axis.transAxes)
        axis.axhline(y + step / 2, color='#e4e6ea', linewidth=0.8)


def short(name: str, limit: int = 34) -> str:
    stem = Path(name).stem
    return stem if len(stem) <= limit else f'{stem[:limit - 10]}...{stem[-7:]}'


def draw(path: Path, title: str, below: str, losses: list[dict[str, float]], distances: dict[str, float],
         lines: list[Measure], takes: list[evaluate.Take], delay: int) -> None:
    """Write the page. takes: examples, drawn as recording over model; delay: of the model, samples."""
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    plain = {'axes.spines.top': False, 'axes.spines.right': False, 'axes.edgecolor': MUTED, 'xtick.color': MUTED,
             'ytick.color': INK, 'axes.labelcolor': MUTED, 'font.size': 9}
    with plt.rc_context(plain):
        figure = plt.figure(figsize=(15, 10.4), dpi=100, facecolor='white')
        figure.text(0.045, 0.957, title, fontsize=19, color=INK, fontweight='bold')
        figure.text(0.045, 0.928, below, fontsize=10.5, color=MUTED)
        upper = figure.add_gridspec(2, 3, left=0.05, right=0.975, top=0.885, bottom=0.565, wspace=0.5, hspace=0.14,
                                    height_ratios=(1.15, 1), width_ratios=(1, 0.8, 1.05))
        error = figure.add_subplot(upper[0, 0])
        plot_losses((error, figure.add_subplot(upper[1, 0], sharex=error)), losses)
        plot_distances(figure.add_subplot(upper[:, 1]), distances)
        plot_table(figure.add_subplot(upper[:, 2]), lines)

        lower = figure.add_gridspec(2, len(takes), left=0.045, right=0.935, top=0.445, bottom=0.055, wspace=0.06, hspace=0.1)
        figure.text(0.045, 0.483, 'Recordings that were set aside (above) and what the model makes of them (below)', fontsize=11, color=INK)
        for column, take in enumerate(takes):
            pair = [figure.add_subplot(lower[row, column]) for row in (0, 1)]
            for axis, audio in zip(pair, (take.audio[:len(take.audio) - delay], take.made['plugin'][delay:])):
                shown = audio[:int(EXAMPLE_SECONDS * SR)]
                image = axis.imshow(spectrogram_db(shown), origin='lower', aspect='auto', vmin=-95, vmax=-20, cmap='magma',
                                    extent=(0, len(shown) / SR, 0, TOP_HZ / 1000), interpolation='nearest')
                axis.tick_params(labelsize=8, labelleft=column == 0)
                axis.set_xticks(range(int(np.ceil(len(shown) / SR))))
            pair[0].set_title(short(take.name), fontsize=8.5, color=MUTED)
            pair[0].tick_params(labelbottom=False)
            pair[1].set_xlabel('seconds', fontsize=8.5)
            if column == 0:
                pair[0].set_ylabel('recording, kHz', fontsize=9)
                pair[1].set_ylabel('model, kHz', fontsize=9)
        bar = figure.colorbar(image, cax=figure.add_axes((0.945, 0.055, 0.009, 0.39)))
        bar.set_label('dB re full scale', fontsize=8.5)
        bar.ax.tick_params(labelsize=8)
        bar.outline.set_visible(False)
        figure.savefig(path)
        plt.close(figure)


def write_page(package: Path, folder: Path, only: list[str], limit: int, figures: dict[str, Any],
               losses: list[dict[str, float]], run: dict[str, Any], target: Path) -> tuple[str, dict[str, Any]]:
    """Write target.png and target.json; -> the verdict, everything that is in the JSON. run: what was asked for and
    decided; only, limit: as given to `evaluate`."""
    session = Session(package)
    about = session.about
    compared = baselines(folder, only, limit)
    takes = evaluate.play(session, folder, only, EXAMPLES, EXAMPLE_SECONDS + 0.5)
    figures = figures | {'variance_share': about['latent']['variance_share']}
    lines = measures(figures, 1e3 * about['hop_frames'] / about['sample_rate_hz'])
    judgement = verdict(figures, compared['coloured_noise'])
    report = {'name': about['name'], 'verdict': judgement, 'run': run, 'baselines_msmel_db': compared,
              'measured': [{**vars(line), 'holds': bool(line.holds)} for line in lines], 'evaluation': figures, 'losses': losses}
    target.with_suffix('.json').write_text(json.dumps(finite(report), indent=1, allow_nan=False) + '\n')
    delay = about['delay_frames']
    own = figures['held_out']
    below = (f"{judgement}   |   {duration(60 * about['training']['minutes'])} of training, {about['training']['steps']} steps, "
             f"{run['stage']} stage, delay {1e3 * delay / about['sample_rate_hz']:.0f} ms, examined on {own['files']} recordings "
             f"({own['seconds']:.0f} seconds)" + (' that it was trained on' if figures.get('seen_in_training') else ''))
    distances = {'this model': own['msmel_db']['offline'], 'sawtooth, same pitch\nand loudness': compared['sawtooth'],
                 'noise, same colour\nand loudness': compared['coloured_noise'], 'silence': compared['silence']}
    draw(target.with_suffix('.png'), about['name'], below, losses, distances, lines, takes, delay)
    return judgement, report
