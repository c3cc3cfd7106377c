"""What an instance costs in a host: how many times real time a mono track is bounced through the VST3 (pedalboard, JUCE).

    target/venv/bin/python benches/host.py [MODEL ...]

Bundles for release first, unless TIMBRELOOM_BUNDLED names a folder. 48 kHz, Latency at Low, everything else as it comes. Host
and worker wait for each other here, so this is the cost of both. The models take turns, round by round: what disturbs the
computer disturbs all of them.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / 'tests' / 'pedalboard'))
from sound import Array, effect, glide, rms, set_share, with_model  # noqa: E402

RATE_HZ = 48000.0
SECONDS = 20
BLOCKS = (64, 512)


def effects() -> list[str]:
    """The shipped models that the insert is made for."""
    about = {path.parent.name: json.loads(path.read_text()) for path in (REPOSITORY / 'models').glob('*/manifest.json')}
    return sorted(name for name, manifest in about.items() if manifest['kind'] == 'continuous')


def times_real_time(model: str, block: int, sound: Array) -> tuple[float, int]:
    """-> how many times real time, and the latency that the host is told, frames"""
    plugin = effect()
    plugin.raw_state = with_model(plugin.raw_state, model)
    set_share(plugin, 'Latency', 0.0)
    plugin.process(sound[:, :int(RATE_HZ)], RATE_HZ, buffer_size=block)           # loads the model
    began = time.perf_counter()
    made = plugin.process(sound, RATE_HZ, buffer_size=block)
    took_s = time.perf_counter() - began
    if rms(made) < 1e-3:
        raise SystemExit(f'{model}: is silent, so there is nothing to measure; see timbreloom check models/{model}')
    return sound.shape[1] / RATE_HZ / took_s, plugin.reported_latency_samples


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument('models', nargs='*', metavar='MODEL', help='default: every model for the insert')
    cli.add_argument('--rounds', type=int, default=7)
    args = cli.parse_args()
    if not os.environ.get('TIMBRELOOM_BUNDLED'):
        subprocess.run(['cargo', 'xtask', 'bundle', '--release'], cwd=REPOSITORY, check=True)
    models = args.models or effects()
    part = glide(int(2 * RATE_HZ), RATE_HZ)[:1]
    sound = np.concatenate([part] * (SECONDS // 2), axis=1)
    found: dict[tuple[str, int], list[float]] = {}
    latency: dict[tuple[str, int], int] = {}
    for _ in range(args.rounds):
        for model in models:
            for block in BLOCKS:
                speed, latency[model, block] = times_real_time(model, block, sound)
                found.setdefault((model, block), []).append(speed)
    print(f'times real time, median (least, most) of {args.rounds}\n')
    print('| model | ' + ' | '.join(f'latency, ms | blocks of {block}' for block in BLOCKS) + ' |')
    print('|---|' + '---|---|' * len(BLOCKS))
    for model in models:
        cells = []
        for block in BLOCKS:
            speeds = found[model, block]
            cells.append(f'{1000 * latency[model, block] / RATE_HZ:.1f} | {np.median(speeds):.1f} '
                         f'({min(speeds):.1f}, {max(speeds):.1f})')
        print(f'| {model} | ' + ' | '.join(cells) + ' |')


if __name__ == '__main__':
    main()
