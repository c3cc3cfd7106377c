"""`docs/listen`: pairs of sounds that an earlier and the present version of a model make of the same input, for its page to play blind.

args.old, args.new: folders of packages; args.sounds: folder of recordings; args.timbreloom: the release program or None;
args.out: the folder to fill: NN-a.mp3, NN-b.mp3 and pairs.js, which says what they are.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import soundfile

from .features import HOP, SR, Array, loudness_of
from .matrix import Player
from .report import DEFAULT_CACHE, DEFAULT_LIMIT
from .report_sounds import Clip, Sounds, into_register
from .session import Session

# which model hears what; 'itself': its own recordings that were held out
PAIRS = (('cello', 'voice'), ('cello', 'flute'), ('cello', 'clarinet'), ('cello', 'horn'), ('cello', 'itself'),
         ('flute', 'voice'), ('flute', 'horn'), ('flute', 'cello'), ('flute', 'itself'),
         ('horn', 'voice'), ('horn', 'flute'), ('horn', 'cello'), ('horn', 'itself'),
         ('voice', 'flute'), ('voice', 'clarinet'), ('voice', 'itself'),
         ('choir', 'cello'), ('choir', 'voice'), ('cello-live', 'voice'), ('cello-live', 'itself'))
CLIP_S, FADE_S = 5.0, 0.02
LEVEL_DB = -20.0           # dB(A), of the sounding hops
MP3_QUALITY = 0.65         # about 130 kbit/s
INPUT_TAKES = 12           # of an input, to choose the stretch from
OCTAVES = {-24: 'two octaves down', -12: 'an octave down', 12: 'an octave up', 24: 'two octaves up'}


def of_length(clip: Clip, turn: int) -> Clip:
    """Recordings of an input that follow one another, about CLIP_S together; turn: which ones."""
    first = turn * 3 % len(clip.takes)
    takes, hops = [], 0
    for take in clip.takes[first:] + clip.takes[:first]:
        if hops < CLIP_S * SR / HOP:
            takes.append(take)
            hops += len(take.f0)
    return Clip(clip.name, clip.pitched, takes)


def levelled(sound: Array, longest_s: float = CLIP_S) -> Array:
    """As loud as all others, so long at most, without clicks at its ends."""
    sound = sound[:int(longest_s * SR)].copy()
    loudness = loudness_of(sound)
    sounding = loudness[loudness > loudness.max() - 30]
    sound *= np.float32(10 ** ((LEVEL_DB - 10 * np.log10(np.mean(10 ** (sounding / 10)))) / 20))
    sound *= np.float32(min(1.0, 0.97 / (np.abs(sound).max() + 1e-9)))
    fade = np.linspace(0, 1, int(FADE_S * SR), dtype=np.float32)
    sound[:len(fade)] *= fade
    sound[-len(fade):] *= fade[::-1]
    return sound


def blind(args: argparse.Namespace) -> None:
    """Make all pairs. Raises ValueError where a package or an input is missing."""
    program = args.timbreloom
    if program and not program.exists():
        raise ValueError(f'{program}: no such program; build it with `cargo build --release`, or leave --timbreloom out')
    sounds = Sounds(args.sounds, DEFAULT_CACHE, DEFAULT_LIMIT)
    args.out.mkdir(parents=True, exist_ok=True)
    pairs, rng = [], np.random.default_rng(20)
    for number, (model, name) in enumerate(PAIRS, 1):
        packages = [args.old / model, args.new / model]
        if gone := [package for package in packages if not (package / 'manifest.json').exists()]:
            raise ValueError(f'{gone[0]}: no package; give the folders of the packages with --old and --new')
        whole = Clip(name, True, sounds.held_out(sounds.domain_of(model), INPUT_TAKES)) if name == 'itself' else sounds.clip(name)
        clip = of_length(whole, number)
        sessions = [Session(package) for package in packages]
        transpose_st = 0 if name == 'itself' or sessions[1].about.get('stage', 'pitched') != 'pitched' \
            else into_register(whole, sessions[1].about['pitch'])
        made = []
        for package, session in zip(packages, sessions):
            player = Player(package, session, program and program.absolute())
            made.append(levelled(player(clip.audio, transpose_st)))
            if player.played_by == 'trainer' and program:
                raise ValueError(f'{package}: {player.why}')
        # chance decides which is which, so that neither a name nor its order tells
        newer = 'ab'[int(rng.integers(2))]
        for letter in 'ab':
            soundfile.write(args.out / f'{number:02}-{letter}.mp3', made[letter == newer], SR, format='MP3', subtype='MPEG_LAYER_III',
                            compression_level=MP3_QUALITY, bitrate_mode='CONSTANT')
        pairs.append({'number': number, 'model': model, 'input': name, 'moved': OCTAVES.get(transpose_st, ''), 'newer': newer})
        print(f'{number} of {len(PAIRS)}: {name} through {model}', flush=True)
    (args.out / 'pairs.js').write_text(f'// Made by `python -m timbreloom_train blind`.\nconst PAIRS = {json.dumps(pairs, indent=1)};\n')
