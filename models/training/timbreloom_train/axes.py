"""What each latent dimension does to the sound: push it both ways on real phrases and measure the output."""
from typing import TYPE_CHECKING

import numpy as np

from . import pitch
from .features import HANN, HOP, SR, Array, frames_of, loudness_of
from .measures import msmel
from .session import Session

if TYPE_CHECKING:
    from .evaluate import Take

PUSH_DEVIATIONS = 1.5
EXAMPLES = 6
ALIVE_SHARE = 0.02       # of the variance: dimensions below it do next to nothing


def brightness_octaves(audio: Array, sounding: Array) -> float:
    """Mean spectral centroid of the sounding hops, log2 Hz."""
    power = np.abs(np.fft.rfft(frames_of(audio) * HANN, axis=1))[sounding] ** 2
    frequency = np.arange(power.shape[1]) * SR / (2 * power.shape[1] - 2)
    return float(np.log2(power @ frequency / (power.sum(1) + 1e-12) + 1.0).mean())


def effects(session: Session, takes: list['Take']) -> list[dict[str, float]]:
    """For every living dimension: change from -PUSH to +PUSH deviations of brightness (octaves), periodicity (0..1),
    level (dB) and the distance between the two outputs (msmel, dB)."""
    about = session.about['latent']
    chosen = [takes[i] for i in np.unique(np.linspace(0, len(takes) - 1, EXAMPLES).astype(int))]
    lag = session.about['delay_frames'] // HOP
    table = []
    for dimension, share in enumerate(about['variance_share']):
        if share < ALIVE_SHARE:
            continue
        found, apart = [], []
        for take in chosen:
            sounding = np.concatenate([np.zeros(lag, bool), (take.loudness > -40)[:len(take.loudness) - lag]])
            outputs, row = [], []
            for sign in (-1, 1):
                latent = take.latent.copy()
                latent[:, dimension] += np.float32(sign * PUSH_DEVIATIONS * about['std'][dimension])
                session.reset()
                made = session.decode(latent, take.loudness, take.f0, take.voicing, session.noise(len(latent)), take.audio)
                level = loudness_of(made)
                depth = np.clip(pitch.candidates(made)[1].min(1), 0, 1)
                row.append([brightness_octaves(made, sounding), float(1 - depth[sounding].mean()), float(level[sounding].mean())])
                outputs.append(made)
            found.append(np.subtract(row[1], row[0]))
            apart.append(msmel(outputs[0], outputs[1]))
        brighter, steadier, louder = np.mean(found, 0)
        table.append({'dimension': dimension + 1, 'variance_share': share, 'brightness_octaves': round(float(brighter), 2),
                      'periodicity': round(float(steadier), 3), 'level_db': round(float(louder), 2),
                      'msmel_db': round(float(np.mean(apart)), 2)})
    return table
