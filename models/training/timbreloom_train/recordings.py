"""What is in a recording: broken samples, channels that cancel each other, next to no level, clipped peaks.

What can be mended is mended, and whatever was found is said, so that nobody looks for it in the model. What is wrong with the
file that holds it is the business of `sound_file`.
"""
from pathlib import Path

import numpy as np

from . import sound_file
from .features import Array

SOUND_FILES = {'.wav', '.flac', '.mp3', '.ogg', '.aif', '.aiff'}
CANCELLED = 0.35         # of the louder channel's level: the mean of unrelated channels has 0.7, of one channel alone 0.5
SILENT = 1e-5            # peak, linear: -100 dB, the last bit of 16
QUIET, LIFTED = 1e-2, 1e-1   # peak, linear: what is below -40 dB is lifted to -20, or it would be taken for silence
FLAT_TOP = 1 - 2e-5      # of the peak: a clipped wave stays above for FLAT_SAMPLES in a row, a sine of 30 Hz for three
FLAT_SAMPLES = 5
CLIPPED_SHARE = 1e-3     # of all samples, from here on it is heard
CLIPPED_FROM = 0.25      # peak, linear: quieter sounds may be flat by their few bits


def files_of(folder: Path) -> list[Path]:
    """All sound files below the folder, sorted. What systems hide beside them (`._a.wav`, `.Trashes`) is no recording."""
    def is_shown(path: Path) -> bool:
        return not any(part.startswith('.') or part == '__MACOSX' for part in path.relative_to(folder).parts)
    return sorted(p for p in folder.rglob('*') if p.suffix.lower() in SOUND_FILES and is_shown(p))


def read(path: Path) -> tuple[Array, int, list[str]]:
    """-> mono float32, its rate in Hz, and what was wrong with it, in words. Raises RuntimeError for what is no sound."""
    found = sound_file.read(path)
    channels, rate, remarks = found.audio, found.rate, list(found.remarks)
    broken = int((~np.isfinite(channels)).any(1).sum())
    if broken:
        remarks.append(f'{broken} of its {len(channels)} samples are no numbers; they were taken as silence')
        channels = np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0)
    mono = channels.mean(1)
    levels = np.sqrt(np.square(channels, dtype=np.float64).mean(0)) if len(channels) else np.zeros(1)
    if len(levels) > 1 and level_of(mono) < CANCELLED * levels.max():
        remarks.append('its channels cancel each other (one is turned over); only the louder one was taken')
        mono = channels[:, levels.argmax()].copy()
    # before they are mixed: two clipped channels have a mean without flat tops
    share = max((clipped_share(channel) for channel in channels.T), default=0.0)
    peak = float(np.abs(mono).max(initial=0.0))
    if share > CLIPPED_SHARE:
        remarks.append(f'it is clipped ({share:.1%} of its samples lie on flat tops): the distortion becomes part of the model. '
                       'Record it again with less gain, or leave it out')
    if peak < SILENT:
        remarks.append('it holds nothing but silence')
    elif peak < QUIET:
        gain = LIFTED / peak
        remarks.append(f'it is very quiet (peak {20 * np.log10(peak):.0f} dB) and was lifted by {20 * np.log10(gain):.0f} dB, its noise '
                       'too. Record it louder if you can')
        mono = mono * np.float32(gain)
    return mono.astype(np.float32), int(rate), remarks


def remarks_of(paths: list[Path]) -> list[str]:
    """What was wrong with recordings, file by file, in sentences."""
    return [f'{path.name}: {remark}' for path in paths for remark in read(path)[2]]


def level_of(audio: Array) -> float:
    return float(np.sqrt(np.square(audio, dtype=np.float64).mean())) if len(audio) else 0.0


def clipped_share(audio: Array) -> float:
    """Of all samples, those in a row of FLAT_SAMPLES and more that stay at the peak on one side."""
    peak = float(np.abs(audio).max(initial=0.0))
    if peak < CLIPPED_FROM:
        return 0.0
    flat = np.zeros(len(audio), bool)
    for side in (audio, -audio):
        top = side >= FLAT_TOP * peak
        row = top.copy()
        for late in range(1, FLAT_SAMPLES):
            row[late:] &= top[:-late]
            row[:late] = False
        for late in range(FLAT_SAMPLES):
            flat[:len(flat) - late] |= row[late:]
    return float(flat.mean())
