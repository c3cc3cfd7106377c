"""Rows of mel spectrograms in one small PNG."""
from io import BytesIO
from pathlib import Path

import numpy as np

from .features import HANN, N_FFT, POWER_SCALE, SR, Array, hz_to_mel, mel_matrix

COLOURS = 128
BANDS, TOP_HZ, LOW_HZ, STEP = 96, 12000.0, 40.0, 256
RANGE_DB = 65.0
TICKS_HZ = (100, 500, 1000, 2000, 4000, 8000)


def mel_db(audio: Array) -> Array:
    """[BANDS, frames], dB"""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, N_FFT // 2), N_FFT)[::STEP]
    power = np.abs(np.fft.rfft(frames * HANN)) ** 2 * POWER_SCALE
    return 10 * np.log10(power @ mel_matrix(BANDS, N_FFT, LOW_HZ, TOP_HZ).T + 1e-11).T


def draw(rows: list[dict[str, Array]], path: Path) -> None:
    """rows: title -> sound, each as many; all on one scale of level."""
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    from PIL import Image
    levels = [{title: mel_db(audio) for title, audio in row.items()} for row in rows]
    top = max(float(np.percentile(level, 99.8)) for row in levels for level in row.values())
    columns = max(len(row) for row in rows)
    width, height = (3.5, 3.2) if len(rows) == 1 else (2.2, 2.0)
    figure, axes = plt.subplots(len(rows), columns, figsize=(width * columns, height * len(rows)), sharey=True, squeeze=False,
                                constrained_layout=True)
    edges = hz_to_mel([LOW_HZ, TOP_HZ])
    ticks = [float((hz_to_mel(hz) - edges[0]) / (edges[1] - edges[0]) * BANDS) for hz in TICKS_HZ]
    for line, row in zip(axes, levels):
        for axis, (title, level) in zip(line, row.items()):
            image = axis.imshow(level, origin='lower', aspect='auto', cmap='magma', vmin=top - RANGE_DB, vmax=top,
                                extent=(0, level.shape[1] * STEP / SR, 0, BANDS))
            axis.set_title(title, fontsize=9)
            axis.set_yticks(ticks, [f'{hz / 1000:g}' for hz in TICKS_HZ])
            axis.tick_params(labelsize=8)
        line[0].set_ylabel('kHz (mel scale)', fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel('s', fontsize=8)
    figure.colorbar(image, ax=axes, pad=0.01).set_label('dB', fontsize=8)
    drawn = BytesIO()
    figure.savefig(drawn, dpi=80)
    plt.close(figure)
    # a palette halves the file
    Image.open(drawn).convert('RGB').quantize(COLOURS).save(path, optimize=True)
