"""Spectrograms of a grain model's classes: recordings that were set aside, what is made of them again, and hits that are drawn."""
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from .grains_features import SR
from .grains_measure import Player, Recording
from .grains_nets import EMBEDDING

SIZE, STEP = 1024, 128
RANGE_DB = (-85.0, 5.0)      # re a full-scale sine
RANGE_HZ = (40.0, 18000.0)
EACH = 3                     # recordings, and draws
SECONDS = 1.2                # that are shown at most


def levels_db(sound: npt.NDArray) -> npt.NDArray[np.float64]:
    """[bins, windows], from half a window before the hit on"""
    padded = np.concatenate([np.zeros(SIZE // 2), sound, np.zeros(SIZE)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, SIZE)[::STEP]
    return 20 * np.log10(np.abs(np.fft.rfft(frames * np.hanning(SIZE))).T * 4 / SIZE + 1e-5)


def draw_hits(player: Player, classes: list[str], hits: list[Recording], lengths_s: list[float], seed: int, path: Path) -> None:
    """A row for each class that has some set aside; notes are drawn at the pitches of these."""
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    rng = torch.Generator().manual_seed(seed)
    aside = {kind: [hit for hit in hits if hit.kind == kind and hit.is_apart][:EACH] for kind in range(len(classes))}
    shown = [kind for kind in aside if aside[kind]]
    if not shown:
        return
    figure, axes = plt.subplots(len(shown), 3 * EACH, figsize=(2.2 * 3 * EACH, 2.3 * len(shown)), squeeze=False, constrained_layout=True,
                                sharey=True)
    for row, kind in enumerate(shown):
        frames = int(min(lengths_s[kind], SECONDS) * SR)
        pitches = [aside[kind][n % len(aside[kind])].f0_hz for n in range(EACH)]
        sounds = {'recording': [hit.sound for hit in aside[kind]],
                  'rebuilt': [player.rebuild(hit.sound, kind, f0_hz=hit.f0_hz)[0] for hit in aside[kind]],
                  'drawn': [player.of_hit(torch.randn(EMBEDDING, generator=rng), kind, frames, seed + n, pitch)
                            for n, pitch in enumerate(pitches)]}
        for group, (name, of_group) in enumerate(sounds.items()):
            for column in range(EACH):
                axis = axes[row, group * EACH + column]
                if column >= len(of_group):
                    axis.set_visible(False)
                    continue
                image = axis.pcolormesh(*grid(of_group[column][:frames]), vmin=RANGE_DB[0], vmax=RANGE_DB[1], cmap='magma')
                axis.set(yscale='log', ylim=RANGE_HZ, xlim=(-0.01, frames / SR))
                axis.tick_params(labelsize=7)
                axis.set_title(f'{classes[kind]}, {name}', fontsize=8)
        axes[row, 0].set_ylabel('Hz', fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel('s', fontsize=8)
    figure.colorbar(image, ax=axes, label='dB re full scale', shrink=0.4, aspect=40, pad=0.01)
    figure.savefig(path, dpi=70)
    plt.close(figure)


def grid(sound: npt.NDArray) -> tuple[npt.NDArray, npt.NDArray, npt.NDArray]:
    """-> seconds, Hz, levels, as matplotlib's meshes take them"""
    levels = levels_db(sound)
    return np.arange(levels.shape[1]) * STEP / SR, np.arange(len(levels)) * SR / SIZE, levels
