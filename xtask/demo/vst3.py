"""Plays a sound through the bundled VST3 in pedalboard (JUCE), as a bounce.

    python vst3.py BUNDLE IN.wav OUT.wav BLOCK      prints {"latency_frames": ..., "seconds": ...}

pedalboard takes the reported latency off: the output lies on the input.
"""
import json
import sys
import time

import numpy as np
import pedalboard
import soundfile


def main(bundle: str, source: str, made: str, block: str) -> None:
    sound, rate_hz = soundfile.read(source, dtype='float32', always_2d=True)
    stereo = np.repeat(sound.T[:1], 2, axis=0)
    plugin = pedalboard.VST3Plugin(bundle, plugin_name='Timbreloom')
    began = time.perf_counter()
    output = plugin.process(stereo, rate_hz, buffer_size=int(block))
    seconds = time.perf_counter() - began
    soundfile.write(made, output.T, rate_hz, subtype='FLOAT')
    print(json.dumps({'latency_frames': plugin.reported_latency_samples, 'seconds': seconds}))


if __name__ == '__main__':
    main(*sys.argv[1:])
