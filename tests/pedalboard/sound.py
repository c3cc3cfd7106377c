"""The VST3 under test and sounds to play through it."""
import json
import os
import re
import unittest
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pedalboard

Array = npt.NDArray[np.float32]

REPOSITORY = Path(__file__).resolve().parents[2]


def bundle() -> Path:
    """The VST3, from the folder TIMBRELOOM_BUNDLED or target/bundled."""
    folder = Path(os.environ.get('TIMBRELOOM_BUNDLED') or REPOSITORY / 'target' / 'bundled')
    path = folder / 'Timbreloom.vst3'
    if not path.exists():
        raise FileNotFoundError(f'there is no bundle at {path}: run cargo xtask bundle')
    return path


def effect() -> pedalboard.VST3Plugin:
    """A new instance of the effect."""
    return pedalboard.VST3Plugin(str(bundle()), plugin_name='Timbreloom')


def parameter(plugin: pedalboard.VST3Plugin, name: str) -> pedalboard.AudioProcessorParameter:
    """The parameter of the name that hosts show; pedalboard's own keys add the unit."""
    for found in plugin.parameters.values():
        if found.name == name:
            return found
    raise KeyError(f'no parameter is called {name!r}; there are {[p.name for p in plugin.parameters.values()]}')


def set_share(plugin: pedalboard.VST3Plugin, name: str, share: float) -> None:
    """Sets a parameter to a share 0..1 of its range, as a host's automation lane does."""
    parameter(plugin, name).raw_value = share


# JUCE's MemoryBlock text: sizes in clear, then six bits a letter, the lowest bit first
LETTERS = '.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+'
COMPONENT = re.compile(rb'<IComponent>(\d+)\.([^<]*)</IComponent>')


def saved(state: bytes) -> dict:
    """What the plugin wrote into a `raw_state`."""
    found = COMPONENT.search(state)
    if not found:
        raise ValueError('no <IComponent> in the state: pedalboard has changed its format')
    bits = np.array([[LETTERS.index(letter) >> bit & 1 for bit in range(6)] for letter in found[2].decode()], np.uint8)
    return json.loads(np.packbits(bits.ravel(), bitorder='little').tobytes()[:int(found[1])])


def with_model(state: bytes, name: str) -> bytes:
    """The same state, asking for another model."""
    return with_fields(state, {'model': {'name': name, 'hash': ''}})


def with_fields(state: bytes, fields: dict) -> bytes:
    """The same state with other settings beside the parameters."""
    content = saved(state)
    content['fields'] |= {key: json.dumps(value, separators=(',', ':')) for key, value in fields.items()}
    data = json.dumps(content).encode()
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder='little')
    bits = np.pad(bits, (0, -len(bits) % 6)).reshape(-1, 6)
    text = ''.join(LETTERS[int(value)] for value in bits @ (1 << np.arange(6)))
    # magic, length, XML, NUL
    xml = COMPONENT.sub(f'<IComponent>{len(data)}.{text}</IComponent>'.encode(), state[8:].rstrip(b'\0'))
    return state[:4] + len(xml).to_bytes(4, 'little') + xml + b'\0'


def noise(frames: int, channels: int = 2) -> Array:
    """The same white noise in every run, [channels, frames], -0.25..0.25."""
    return np.random.default_rng(7).uniform(-0.25, 0.25, (channels, frames)).astype(np.float32)


def glide(frames: int, rate_hz: float, low_hz: float = 147.0) -> Array:
    """A harmonic tone that rises by an octave, [2, frames]: something that a model can follow."""
    part = np.arange(frames) / frames
    phase = np.cumsum(low_hz * 2 ** part / rate_hz)
    tone = sum(np.sin(2 * np.pi * phase * k) / k for k in range(1, 13))
    mono = (0.15 * tone * np.sin(np.pi * part)).astype(np.float32)
    return np.stack([mono, mono])


def rms(sound: Array) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


class SameSound(unittest.TestCase):
    """Assertions on sample values."""

    def assert_same(self, got: Array, wanted: Array, what: str = '') -> None:
        self.assertEqual(got.shape, wanted.shape, what)
        apart = np.flatnonzero((got != wanted).any(0))
        self.assertEqual(len(apart), 0, f'{what}: {len(apart)} frames differ, the first is {apart[:1]}')
