"""Spectrogram pairs, input over output, several recordings side by side."""
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .features import HANN, SR, Array

if TYPE_CHECKING:
    from .evaluate import Take

SIZE, STEP = 2048, 256
TOP_HZ = 8000
SECONDS = 2.5
COLUMNS = 4


def spectrogram_db(audio: Array) -> Array:
    """[bins below TOP_HZ, frames], dB re a full-scale sine."""
    frames = np.lib.stride_tricks.sliding_window_view(audio, SIZE)[::STEP]
    level = 20 * np.log10(np.abs(np.fft.rfft(frames * HANN)) * 2 / (SIZE / 2) + 1e-5)
    return level.T[:int(TOP_HZ * SIZE / SR)]


def draw(groups: dict[str, list['Take']], delay: int, path: Path) -> None:
    """One pair of rows per group; outputs are moved back by the model's delay (samples), so that pairs line up."""
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(2 * len(groups), COLUMNS, figsize=(4 * COLUMNS, 4.6 * len(groups)), squeeze=False,
                                constrained_layout=True, sharey=True)
    for row, (title, takes) in enumerate(groups.items()):
        order = sorted(takes, key=lambda t: float(np.median(t.f0)))
        chosen = [order[i] for i in np.unique(np.linspace(0, len(order) - 1, COLUMNS).astype(int))]
        for column in range(COLUMNS):
            pair = axes[2 * row:2 * row + 2, column]
            if column >= len(chosen):
                for axis in pair:
                    axis.set_visible(False)
                continue
            take = chosen[column]
            for axis, audio in zip(pair, (take.audio[:len(take.audio) - delay], take.made['plugin'][delay:])):
                shown = audio[:int(SECONDS * SR)]
                image = axis.imshow(spectrogram_db(shown), origin='lower', aspect='auto', vmin=-95, vmax=-20,
                                    cmap='magma', extent=(0, len(shown) / SR, 0, TOP_HZ / 1000))
                axis.tick_params(labelsize=8)
            pair[0].set_title(Path(take.name).stem, fontsize=9)
            pair[1].set_xlabel('s', fontsize=8)
        axes[2 * row, 0].set_ylabel(f'{title}: input\nkHz', fontsize=9)
        axes[2 * row + 1, 0].set_ylabel('output\nkHz', fontsize=9)
    figure.colorbar(image, ax=axes, label='dB re full scale', shrink=0.4, aspect=40, pad=0.01)
    figure.savefig(path, dpi=80)
    plt.close(figure)
