"""Renders one song in one host and prints the sound's hash, for `cargo xtask daw --renders N`.

    python render.py HOST SONG SOUND.wav        HOST: pedalboard or dawdreamer; SONG: effect or codes

The effect plays SOUND with automation of Bias 1, feedback and random walk; the instrument plays chords under the pedal
with bends and the wheel. The last line is `sha256 HASH`, of the channels one after the other, 32-bit floats; HASH begins
with `silent-` where nothing is heard in the last second but one.
"""
import hashlib
import os
import sys
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

REPOSITORY = Path(__file__).resolve().parents[2]
RATE_HZ = 44100
BLOCK = 512
PIECE = 4 * BLOCK            # frames between two moves of the automation in pedalboard
SECONDS = 6.0                # of the instrument's song

SETTINGS = {'Feedback Amount': 0.3, 'Random Amount': 0.33, 'Random Rate': 0.6}     # shares of their ranges


def bundle() -> str:
    folder = Path(os.environ.get('TIMBRELOOM_BUNDLED') or REPOSITORY / 'target' / 'bundled')
    return str(folder / 'Timbreloom.vst3')


def read(path: str) -> Array:
    """Two equal channels [2, frames]."""
    with wave.open(path, 'rb') as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE_HZ, 1, 2):
            raise ValueError(f'{path}: one channel of 16 bits at {RATE_HZ} Hz is expected')
        samples = np.frombuffer(file.readframes(file.getnframes()), '<i2').astype(np.float32) / 32768
    return np.stack([samples, samples])


def bias(frames: npt.NDArray[np.int64]) -> Array:
    """What Bias 1 does, as a share of its range."""
    return (0.5 + 0.3 * np.sin(frames / RATE_HZ * 2.0)).astype(np.float32)


def melody() -> list[tuple[bytes, float]]:
    """MIDI messages and their times in seconds."""
    messages = []
    for n in range(20):
        at = n * 0.25
        messages += [
            (bytes([0x90, 48 + n % 12, 60 + n]), at), (bytes([0x90, 55 + n % 7, 90]), at),
            (bytes([0xb0, 1, 6 * n]), at + 0.001), (bytes([0xe0, 0, 40 + 2 * n]), at + 0.01),
            (bytes([0xb0, 64, 127 if n % 4 == 0 else 0]), at + 0.11),
            (bytes([0x80, 48 + n % 12, 0]), at + 0.2), (bytes([0x80, 55 + n % 7, 0]), at + 0.21)]
    return messages


def in_pedalboard(song: str, sound: str) -> Array:
    import pedalboard

    if song == 'codes':
        plugin = pedalboard.VST3Plugin(bundle(), plugin_name='Timbreloom Codes')
        return plugin(melody(), duration=SECONDS, sample_rate=RATE_HZ, num_channels=2, buffer_size=BLOCK)
    plugin = pedalboard.VST3Plugin(bundle(), plugin_name='Timbreloom')
    known = {found.name: found for found in plugin.parameters.values()}
    for name, share in SETTINGS.items():
        known[name].raw_value = share
    heard, made = read(sound), []
    for start in range(0, heard.shape[1], PIECE):
        known['Bias 1'].raw_value = float(bias(np.array([start]))[0])
        made.append(plugin.process(heard[:, start:start + PIECE], RATE_HZ, buffer_size=BLOCK, reset=start == 0))
    return np.concatenate(made, axis=1)


def in_dawdreamer(song: str, sound: str) -> Array:
    import dawdreamer

    if song != 'effect':
        raise ValueError('DawDreamer loads the first plugin of a VST3 only, which is the effect')
    engine = dawdreamer.RenderEngine(RATE_HZ, BLOCK)
    heard = read(sound)
    plugin = engine.make_plugin_processor('timbreloom', bundle())
    number = {entry['name']: entry['index'] for entry in plugin.get_parameters_description()}
    for name, share in SETTINGS.items():
        plugin.set_parameter(number[name], share)
    plugin.set_automation(number['Bias 1'], bias(np.arange(heard.shape[1])))
    engine.load_graph([(engine.make_playback_processor('sung', heard), []), (plugin, ['sung'])])
    engine.render(heard.shape[1] / RATE_HZ)
    return engine.get_audio()


def main(host: str, song: str, sound: str) -> None:
    made = {'pedalboard': in_pedalboard, 'dawdreamer': in_dawdreamer}[host](song, sound)
    made = np.ascontiguousarray(made, np.float32)
    if not np.isfinite(made).all():
        raise ValueError(f'{host} has rendered what is no sound')
    # The songs sound to their end: a render that has lost its model does not.
    is_silent = np.abs(made[:, -2 * RATE_HZ:-RATE_HZ]).max() < 1e-3
    print(f'sha256 {"silent-" if is_silent else ""}{hashlib.sha256(made.tobytes()).hexdigest()}', flush=True)
    # What hosts and plugins do as Python takes them apart is not what is judged here.
    os._exit(0)


if __name__ == '__main__':
    main(*sys.argv[1:])
