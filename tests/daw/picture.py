"""The pictures of the sessions: what goes in, what comes out, and the automation over it; where the pattern strikes."""
from pathlib import Path
from typing import Any

import numpy as np

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

import sounds  # noqa: E402
from sounds import Array  # noqa: E402

CURVE, DIFFERENCE = '#66ddff', '#cc6633'
DRY, WET = 0, 1


def spectrogram(axes: Axes, sound: Array, rate_hz: int, title: str) -> None:
    with np.errstate(divide='ignore'):      # silence
        power = plt.mlab.specgram(sound, NFFT=2048, noverlap=1536, Fs=rate_hz)[0]
        top_db = float(10 * np.log10(power.max() + 1e-12))
        axes.specgram(sound, NFFT=2048, noverlap=1536, Fs=rate_hz, cmap='magma', vmin=top_db - 80, vmax=top_db)
    axes.set(title=title, ylim=(40, 12000), ylabel='Hz', facecolor='black')
    axes.set_yscale('symlog', linthresh=500, linscale=0.6)
    axes.set_yticks([100, 300, 500, 1000, 2000, 5000, 10000], ['100', '300', '500', '1k', '2k', '5k', '10k'])
    axes.minorticks_off()


def curve_over(axes: Axes, points: list[list[float]], end_seconds: float, rate_hz: int, colour: str) -> None:
    """The automation, on a scale of its own at the right."""
    beside = axes.twinx()
    seconds = [frame / rate_hz for frame, _ in points]
    values = [value for _, value in points]
    beside.plot([*seconds, end_seconds], [*values, values[-1]], color=colour, lw=1.8)
    beside.set(ylabel='Bias 1 (sd)', ylim=(-0.6, 4))


def draw(path: Path, song: Array, plain: Array, plan: dict[str, Any]) -> None:
    points, rate_hz = plan['points'], plan['rate_hz']
    figure, (top, middle, bottom) = plt.subplots(3, 1, figsize=(11, 11), layout='constrained', sharex=True,
                                                 height_ratios=(1, 1, 0.6))
    end_seconds = song.shape[1] / rate_hz
    spectrogram(top, song[DRY], rate_hz, 'Track “Dry”: the sound as it is')
    spectrogram(middle, song[WET], rate_hz, 'Track “Cello”: the bounce, and the automation drawn in the session')
    curve_over(middle, points, end_seconds, rate_hz, CURVE)
    apart = sounds.apart_db(song[WET], plain[WET])
    bottom.plot((np.arange(len(apart)) + 0.5) * sounds.STEP_FRAMES / rate_hz, apart, color=DIFFERENCE, lw=1)
    bottom.set(title='How far it is from the bounce without automation', ylabel='dB, relative to that',
               xlabel='seconds', xlim=(0, end_seconds), ylim=(-100, 15))
    bottom.grid(alpha=0.3)
    curve_over(bottom, points, end_seconds, rate_hz, '#4477aa')
    latency_ms = 1e3 * plan['latency_frames'] / rate_hz
    figure.suptitle(f'Timbreloom in Ardour {plan["ardour"]}: one bounce, two tracks. Latency {latency_ms:.1f} ms, '
                    'compensated by the host', fontsize=13)
    figure.savefig(path, dpi=100)


def draw_beat(path: Path, bounce: Array, strikes: list[list[int]], plan: dict[str, Any]) -> None:
    rate_hz = plan['rate_hz']
    figure, rows = plt.subplots(2, 1, figsize=(11, 5), layout='constrained', sharex=True)
    seconds = np.arange(bounce.shape[1]) / rate_hz
    for axes, sound, frames, title in zip(rows, bounce, strikes, ('Left: kicks', 'Right: swung hats and ratchets')):
        axes.vlines(np.array(frames) / rate_hz, -1, 1, color=DIFFERENCE, lw=0.8)
        axes.plot(seconds, sound, color='#4477aa', lw=0.6)
        axes.set(title=title, ylim=(-1, 1), xlim=(0, seconds[-1]))
    rows[1].set(xlabel='seconds')
    tempi = ', then '.join(f'{tempo:g}' for _, tempo in plan['tempi'])
    figure.suptitle(f'Timbreloom Drums in Ardour {plan["ardour"]}: the bounce, and the frames that the pattern says. '
                    f'{tempi} beats a minute', fontsize=13)
    figure.savefig(path, dpi=100)
