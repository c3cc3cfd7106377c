"""A package, played hop by hop."""
import json
from pathlib import Path
from typing import Any

import numpy as np

from .features import HOP, SR, Array

PARITY_TOLERANCE = 2e-3
PARITY_TOLERANCE_8BIT = 1e-2
REST_HOPS = 24         # of silence, after which a graph has forgotten how it began: as in the plugin


class ExportError(RuntimeError):
    """The exported graphs do not do what the trained networks do."""


class Session:
    """A package's graphs in ONNX Runtime, hop by hop, as the plugin runs them."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # here, so that what only measures sound works without it
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_free_dimension_override_by_name('batch', 1)
        self.about: dict[str, Any] = json.loads((folder / 'manifest.json').read_text())
        self.encoder, self.decoder = (onnxruntime.InferenceSession(folder / f'{part}.onnx', options)
                                      for part in ('encoder', 'decoder'))
        self.clear()
        self.rest: dict[str, Array] = {}

    def clear(self) -> None:
        """Back to where the package's example begins: with nothing in the states, not even silence."""
        self.states = {part: np.zeros((1, self.about[part]['state_size']), np.float32) for part in ('encoder', 'decoder')}

    def reset(self) -> None:
        """Back to where the plugin begins a stream: with silence behind it."""
        if not self.rest:
            self.clear()
            latent, loudness = self.encode(np.zeros(REST_HOPS * HOP, np.float32))
            # whole cycles in each hop: harmonics go on in the phase that they began with
            f0, voicing = np.full(REST_HOPS, SR / HOP, np.float32), np.zeros(REST_HOPS, np.float32)
            self.decode(latent, loudness, f0, voicing, np.zeros((REST_HOPS, self.about['noise_columns']), np.float32))
            self.rest = self.states
        self.states = dict(self.rest)

    def encode(self, audio: Array) -> tuple[Array, Array]:
        """audio [hops * HOP] -> latent [hops, dims], loudness [hops]"""
        latent, loudness = [], []
        for hop in audio.reshape(-1, 1, HOP):
            z, level, self.states['encoder'] = self.encoder.run(
                ['latent', 'loudness', 'state_out'], {'audio': hop, 'state': self.states['encoder']})
            latent.append(z[0])
            loudness.append(level[0])
        return np.array(latent), np.array(loudness)

    def decode(self, latent: Array, loudness: Array, f0: Array, voicing: Array, noise: Array,
               sound: Array | None = None) -> Array:
        """one row per hop -> audio [hops * HOP]. sound [hops * HOP]: what the encoder heard, for the general stage
        (None: nothing; other stages ignore it)"""
        audio = []
        hears = self.about.get('stage') == 'general'
        sound = np.zeros(len(latent) * HOP, np.float32) if sound is None else sound
        for t in range(len(latent)):
            row = {'latent': latent[t:t + 1], 'loudness': loudness[t:t + 1], 'f0': f0[t:t + 1],
                   'voicing': voicing[t:t + 1], 'noise': noise[t:t + 1], 'state': self.states['decoder']}
            if hears:
                row['sound'] = sound[None, t * HOP:(t + 1) * HOP]
            made, self.states['decoder'] = self.decoder.run(['audio', 'state_out'], row)
            audio.append(made[0])
        return np.concatenate(audio)

    def noise(self, hops: int, seed: int = 0) -> Array:
        return np.random.default_rng(seed).standard_normal((hops, self.about['noise_columns'])).astype(np.float32)


def verify(folder: Path, rows: dict[str, Array]) -> float:
    """-> largest difference between the package played hop by hop and the networks run on the whole file."""
    session = Session(folder)
    latent, loudness = session.encode(rows['audio'])
    output = session.decode(rows['latent'], rows['loudness'], rows['f0'], rows['voicing'], rows['noise'], rows['audio'])
    pairs = ((latent, rows['latent']), (loudness * 0.01, rows['loudness'] * 0.01), (output, rows['output']))
    if not all(np.isfinite(made).all() and np.isfinite(wanted).all() for made, wanted in pairs):
        raise ExportError('the model gives values that are not numbers; train it again with a lower learning rate')
    worst = max(float(np.abs(made - wanted).max()) for made, wanted in pairs)
    tolerance = session.about['parity']['tolerance']
    if worst > tolerance:
        raise ExportError(f'played hop by hop it differs by {worst:.1e} from the trained networks; '
                          f'{tolerance:.1e} is allowed. This is a fault of the exporter: please report it')
    return worst
