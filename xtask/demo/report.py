"""Measures and draws what the demo has played: target/demo/renders.json -> demo.png and a table.

    python report.py FOLDER        the folder holds renders.json as `cargo xtask demo` writes it

Pitch and loudness are measured with the trainer's own code (models/training), hop by hop of 11.6 ms.
"""
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'models' / 'training'))
from timbreloom_train import features, pitch  # noqa: E402

Array = npt.NDArray[np.float32]

FLOOR_DB = -70.0        # quieter than this is silence to the ear
SOUNDING_DB = -50.0     # hops louder than this are judged
INPUT, OUTPUT, CLOUD = '#4477aa', '#cc6633', '#c8c8c8'


@dataclass
class Render:
    """One sound and what the plugin made of it, aligned. levels [2, hops] in dB(A); f0 and voicing [2, hops]."""
    name: str
    sound: Array
    made: Array
    levels: Array
    f0: Array
    voicing: Array
    facts: dict[str, Any]

    @property
    def judged(self) -> npt.NDArray[np.bool_]:
        """Hops where both sound and both are voiced."""
        loud = (self.levels > SOUNDING_DB).all(0)
        return loud & (self.voicing[0] > 0.5) & (self.voicing[1] > 0)

    @property
    def cents(self) -> npt.NDArray[np.float64]:
        return np.abs(pitch.cents(self.f0[1, self.judged], self.f0[0, self.judged]))

    @property
    def loudness_correlation(self) -> float:
        return float(np.corrcoef(np.maximum(self.levels, FLOOR_DB))[0, 1])


def read(facts: dict[str, Any]) -> Render:
    """-> the render, refused if the two plugin formats differ in a single sample."""
    sound, rate_hz = soundfile.read(facts['input'], dtype='float32')
    if rate_hz != features.SR:
        raise ValueError(f'{facts["input"]}: has {rate_hz} Hz; the measures need {features.SR}')
    clap, vst3 = (soundfile.read(facts[key], dtype='float32', always_2d=True)[0].T for key in ('clap', 'vst3'))
    if clap.shape != vst3.shape or (clap != vst3).any():
        frames = min(clap.shape[1], vst3.shape[1])
        apart = np.flatnonzero((clap[:, :frames] != vst3[:, :frames]).any(0))
        raise ValueError(f'{facts["name"]}: CLAP and VST3 do not sound the same: {clap.shape[1]} and {vst3.shape[1]} '
                         f'frames, {len(apart)} differ, the first is {apart[:1]}')
    both = sound, np.ascontiguousarray(clap[0])
    if np.array_equal(*both):
        raise ValueError(f'{facts["name"]}: the plugin has passed the dry sound on; the model {facts["model"]} or '
                         'ONNX Runtime in the bundle does not work. Its window tells why')
    tracks = [pitch.track(audio) for audio in both]
    return Render(facts['name'], *both, np.stack([features.loudness_of(audio) for audio in both]),
                  np.stack([track[0] for track in tracks]), np.stack([track[1] for track in tracks]), facts)


def table(renders: list[Render]) -> str:
    lines = [f'{"":8}{"latency":>22}{"times real time":>17}{"pitch error":>13}{"within 50 cents":>17}{"loudness":>11}  CLAP = VST3']
    for render in renders:
        facts, cents = render.facts, render.cents
        ms = 1e3 * facts['latency_frames'] / features.SR
        latency = f'{facts["latency_frames"]} frames, {ms:.1f} ms'
        median = f'{np.median(cents):.1f} cents' if len(cents) else 'unvoiced'
        within = f'{100 * (cents < 50).mean():.1f} %' if len(cents) else ''
        lines.append(f'{render.name:8}{latency:>22}{facts["times_real_time"]:>17.1f}{median:>13}{within:>17}'
                     f'{render.loudness_correlation:>11.3f}  yes, bit for bit')
    lines += ['', 'pitch: output from input, the median; and how much of what is voiced lies within 50 cents',
              'loudness: correlation of the two curves; 1 is the same up to a gain']
    return '\n'.join(lines)


def seconds_of(hops: int) -> Array:
    """The time of the middle of each hop's window."""
    return ((np.arange(hops) + 1) * features.HOP - features.DELAY) / features.SR


def draw_spectrogram(axes: Axes, sound: Array, title: str, reference: float) -> None:
    with np.errstate(divide='ignore'):  # silence
        axes.specgram(sound, NFFT=2048, noverlap=1536, Fs=features.SR, cmap='magma',
                      vmin=reference - 85, vmax=reference)
    axes.set(title=title, ylim=(40, 12000), ylabel='Hz', facecolor='black')
    axes.set_yscale('symlog', linthresh=500, linscale=0.6)
    axes.set_yticks([100, 300, 500, 1000, 2000, 5000, 10000], ['100', '300', '500', '1k', '2k', '5k', '10k'])
    axes.minorticks_off()


def loudest_db(sound: Array) -> float:
    """Of a spectrogram as matplotlib computes it, near its maximum."""
    power = plt.mlab.specgram(sound, NFFT=2048, noverlap=1536, Fs=features.SR)[0]
    return float(10 * np.log10(power.max() + 1e-12))


def draw_pitch(axes: Axes, render: Render) -> None:
    time = seconds_of(render.f0.shape[1])
    for row, colour, width, label in ((0, INPUT, 3.5, 'input'), (1, OUTPUT, 1.2, 'output')):
        shown = (render.levels[row] > SOUNDING_DB) & (render.voicing[row] > (0.5 if row == 0 else 0))
        axes.plot(time, np.where(shown, render.f0[row], np.nan), color=colour, lw=width, label=label,
                  alpha=0.55 if row == 0 else 1)
    median = np.median(render.cents) if len(render.cents) else float('nan')
    axes.set_yscale('log')
    axes.set_yticks([65.4, 98, 130.8, 196, 261.6, 392, 523.3], ['C2', 'G2', 'C3', 'G3', 'C4', 'G4', 'C5'])
    axes.minorticks_off()
    heard = render.f0[:, render.judged] if render.judged.any() else np.array([[100.0, 300.0]])
    axes.set_ylim(np.percentile(heard, 1) / 1.25, np.percentile(heard, 99) * 1.25)
    axes.set(title=f'Pitch: {median:.1f} cents apart (median)', ylabel='note')
    axes.grid(alpha=0.3)
    axes.legend(loc='lower right', fontsize=8, ncols=2)


def draw_loudness(axes: Axes, render: Render) -> None:
    time = seconds_of(render.levels.shape[1])
    for row, colour, width, label in ((0, INPUT, 3.5, 'input'), (1, OUTPUT, 1.2, 'output')):
        axes.plot(time, np.maximum(render.levels[row], FLOOR_DB), color=colour, lw=width, label=label,
                  alpha=0.55 if row == 0 else 1)
    axes.set(title=f'Loudness: correlation {render.loudness_correlation:.3f}', ylabel='dB(A)', xlabel='seconds',
             ylim=(FLOOR_DB - 2, None))
    axes.grid(alpha=0.3)
    axes.legend(loc='lower right', fontsize=8, ncols=2)


def draw_latent(figure: plt.Figure, axes: Axes, render: Render) -> None:
    cloud = np.array(json.loads(Path(render.facts['manifest']).read_text())['reference_cloud'])
    path = np.array(json.loads(Path(render.facts['latent']).read_text())['latent'])
    hops = min(len(path), render.levels.shape[1])
    heard = render.levels[0, :hops] > SOUNDING_DB
    time = seconds_of(hops)
    axes.scatter(cloud[:, 0], cloud[:, 1], s=14, color=CLOUD, label="the model's own sounds")
    # a rest is no movement: the line breaks there
    axes.plot(*np.where(heard, path[:hops, :2].T, np.nan), color='#555555', lw=0.6, alpha=0.7)
    dots = axes.scatter(*path[:hops][heard, :2].T, c=time[heard], s=9, cmap='viridis', zorder=3)
    figure.colorbar(dots, ax=axes, label='seconds', pad=0.01, aspect=30)
    axes.set(title='The way through the latent space, as played', xlabel='dimension 1 (standard deviations)',
             ylabel='dimension 2')
    axes.grid(alpha=0.3)
    axes.legend(loc='upper right', fontsize=8)


def picture(renders: list[Render], path: Path) -> None:
    figure, grid = plt.subplots(5, len(renders), figsize=(7.2 * len(renders), 17), layout='constrained', squeeze=False,
                                height_ratios=(1, 1, 0.85, 0.85, 1.6))
    for column, render in zip(grid.T, renders):
        reference = max(loudest_db(render.sound), loudest_db(render.made))
        draw_spectrogram(column[0], render.sound, f'{render.name}: input', reference)
        draw_spectrogram(column[1], render.made, f'{render.name}: output, {render.facts["model"]}', reference)
        draw_pitch(column[2], render)
        draw_loudness(column[3], render)
        for axes in column[:4]:
            axes.set_xlim(0, len(render.sound) / features.SR)
        draw_latent(figure, column[4], render)
    latency = renders[0].facts['latency_frames']
    figure.suptitle(f'Timbreloom: what goes in, what comes out ({1e3 * latency / features.SR:.1f} ms later; '
                    'drawn one on the other)', fontsize=14)
    figure.savefig(path, dpi=100)


def main(folder: Path) -> None:
    try:
        renders = [read(facts) for facts in json.loads((folder / 'renders.json').read_text())]
    except ValueError as error:
        sys.exit(f'error: {error}')
    picture(renders, folder / 'demo.png')
    print(table(renders))


if __name__ == '__main__':
    main(Path(sys.argv[1]))
