"""Sounds to train on where no recordings are at hand: a choir, a guitar and a string ensemble from a General MIDI sound font, drum
loops from one-shots; and those of `synthesised.py`. Deterministic: the same names hold the same sound on every computer with the same sound font."""
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from .corpus import is_held_out, load, sound_files
from .features import SR, Array
from .synthesised import note_name, screams, sung, synth

SOUND_FONT = Path('/usr/share/sounds/sf2/FluidR3_GM.sf2')
TICKS_PER_S = 960                      # 480 a quarter note, at 120 quarters a minute
CHOIR = {'aahs': 52, 'oohs': 53}       # General MIDI programs, counted from 0
CHOIR_NOTES = range(41, 85)            # F2 .. C6
SLOT_S = 4.2                           # from one note to the next
GUITARS = {'jazz': 26, 'clean': 27, 'overdriven': 29, 'distorted': 30}
GUITAR_NOTES = range(40, 85)           # E2 .. C6
STRINGS = {'ensemble': 48, 'slow': 49}
PHRASE_S, LOOP_S = 12.0, 8.0
CHORDS = ((0, 7, 12, 16), (0, 7, 12, 15), (0, 4, 7, 12), (0, 3, 7, 12), (0, 5, 9, 12), (0, 7, 10, 16), (0, 12), (0, 7), (0,))
# chance of a hit on each sixteenth of a bar, strong places first
STEPS = {'kick': (.95, .05, .2, .1, .3, .05, .3, .15, .6, .05, .4, .1, .2, .05, .2, .1),
         'snare': (.0, .05, .05, .1, .9, .05, .05, .15, .05, .1, .05, .05, .9, .05, .1, .2),
         'hihat-closed': (.9, .3, .8, .3, .9, .3, .8, .3, .9, .3, .8, .3, .9, .3, .7, .3),
         'hihat-open': (.0, .0, .1, .0, .0, .0, .1, .0, .0, .0, .1, .0, .0, .0, .3, .0),
         'tom': (.0, .0, .05, .0, .0, .0, .05, .05, .0, .05, .05, .05, .1, .15, .15, .15),
         'ride': (.3, .0, .3, .1, .3, .0, .3, .1, .3, .0, .3, .1, .3, .0, .3, .1),
         'rim': (.0, .0, .1, .1, .1, .0, .0, .1, .0, .1, .1, .0, .1, .0, .1, .1),
         'crash': (.12, 0, 0, 0, 0, 0, 0, 0, .02, 0, 0, 0, 0, 0, 0, 0)}

Event = tuple[float, bytes]            # seconds, MIDI message


def note(start_s: float, seconds: float, key: int, velocity: int) -> list[Event]:
    return [(start_s, bytes((0x90, key, velocity))), (start_s + seconds, bytes((0x80, key, 0)))]


def midi_file(events: list[Event]) -> bytes:
    """A Standard MIDI File of type 0."""
    track, now = bytearray(), 0
    for time_s, message in sorted(events, key=lambda event: event[0]):
        tick = round(time_s * TICKS_PER_S)
        track += variable_length(tick - now) + message
        now = tick
    track += b'\x00\xff\x2f\x00'
    return b'MThd' + struct.pack('>IHHH', 6, 0, 1, TICKS_PER_S // 2) + b'MTrk' + struct.pack('>I', len(track)) + bytes(track)


def variable_length(value: int) -> bytes:
    digits = [value & 0x7f]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7f)
    return bytes(reversed(digits))


def play(events: list[Event]) -> Array:
    """-> mono float32 at SR, without the synthesiser's reverb and chorus. Raises ValueError without fluidsynth."""
    if not shutil.which('fluidsynth') or not SOUND_FONT.exists():
        raise ValueError(f'fluidsynth and {SOUND_FONT} are needed: sudo apt install fluidsynth fluid-soundfont-gm')
    with tempfile.TemporaryDirectory() as folder:
        song, sound = Path(folder) / 'song.mid', Path(folder) / 'song.wav'
        song.write_bytes(midi_file(events))
        subprocess.run(['fluidsynth', '-ni', '-q', '-R', '0', '-C', '0', '-g', '0.6', '-r', str(SR), '-F', sound, SOUND_FONT, song],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return load(sound)


Notes = dict[str, list[tuple[int, int, float]]]      # which program -> (MIDI note, velocity, seconds) of each note


def notes_of(programs: dict[str, int], keys: range, velocities: tuple[int, ...], lengths_s: tuple[float, ...], count: int,
             seed: int) -> Notes:
    """The first `count`, the softest first, every key in all programs; each of a length that is drawn."""
    rng = np.random.default_rng(seed)
    wanted = [(program, key, velocity) for velocity in velocities for key in keys for program in programs][:max(8, count)]
    return {program: [(key, velocity, lengths_s[rng.integers(len(lengths_s))]) for p, key, velocity in wanted if p == program]
            for program in programs}


def choir(out: Path, minutes: float) -> None:
    """Single sung notes, two vowels, three dynamics, named by their pitch."""
    count = int(minutes * 60 / (SLOT_S * 0.6))
    play_notes(out, 'choir', CHOIR, notes_of(CHOIR, CHOIR_NOTES, (50, 80, 112), (1.2, 2.0, 3.0), count, 52))


def choir_unseen(out: Path, _: float) -> None:
    """Each note in both vowels, at dynamics that `choir` does not have: what no training has heard, and all of it."""
    play_notes(out, 'choir', CHOIR,
               {vowel: [(key, velocity, 1.6) for velocity in (65, 96) for key in CHOIR_NOTES] for vowel in CHOIR})


def guitar(out: Path, minutes: float) -> None:
    """Single notes of an electric guitar, from clean to distorted, three dynamics, damped soon or left to ring."""
    count = int(minutes * 60 / (SLOT_S * 0.4))
    play_notes(out, 'guitar', GUITARS, notes_of(GUITARS, GUITAR_NOTES, (56, 84, 112), (0.4, 1.2, 2.8), count, 26))


def play_notes(out: Path, name: str, programs: dict[str, int], wanted: Notes) -> None:
    """One file for each note, named by its pitch."""
    for program, notes in wanted.items():
        events: list[Event] = [(0.0, bytes((0xc0, programs[program])))]
        for i, (key, velocity, length_s) in enumerate(notes):
            events += note(0.05 + i * SLOT_S, length_s, key, velocity)
        audio = play(events)
        for i, (key, velocity, length_s) in enumerate(notes):
            part = audio[int(i * SLOT_S * SR):int((i + 1) * SLOT_S * SR)]
            soundfile.write(out / f'{name}_{note_name(key)}_{length_s:g}_{velocity}_{program}.flac', part, SR)


def strings(out: Path, minutes: float) -> None:
    """Phrases of chords, two-part lines and single lines, with swells."""
    for i in range(max(2, int(minutes * 60 / PHRASE_S))):
        rng = np.random.default_rng(4800 + i)
        program = list(STRINGS.values())[i % 2]
        events: list[Event] = [(0.0, bytes((0xc0, program)))]
        now, level = 0.05, 90.0
        while now < PHRASE_S - 1.5:
            length_s = float(rng.choice([0.35, 0.7, 1.4, 2.2])) if program == 48 else float(rng.choice([1.2, 2.4]))
            root = int(rng.integers(40, 69))
            velocity = int(rng.integers(45, 115))
            for step in CHORDS[rng.integers(len(CHORDS))]:
                events += note(now, length_s * 1.04, root + step, velocity)
            target = float(rng.uniform(45, 127))                    # swell: expression moves over the chord
            for part in np.linspace(0, 1, 12):
                events.append((now + part * length_s, bytes((0xb0, 11, int(level + part * (target - level))))))
            level = target
            now += length_s + (0.3 if rng.random() < 0.15 else 0.0)
        soundfile.write(out / f'strings_{i:03}.flac', play(events)[:int(PHRASE_S * SR)], SR)


def drums(out: Path, minutes: float, kit: Path) -> None:
    """Two-bar loops, played a little loosely. Loops that will be held out use hits that no other loop uses."""
    hits = {name: sound_files(kit / name) for name in STEPS}
    empty = [name for name, files in hits.items() if not files]
    if empty:
        raise ValueError(f'{kit}: no sound files in {", ".join(empty)}; expected a folder of one-shots for each drum')
    for i in range(max(2, int(minutes * 60 / LOOP_S))):
        path = out / f'drums_{i:03}.flac'
        rng = np.random.default_rng(900 + i)
        chosen = {}
        for name, files in hits.items():
            pool = [p for p in files if is_held_out(p, 20) == is_held_out(path)] or files
            chosen[name] = [load(pool[rng.integers(len(pool))]) for _ in range(2)]
        step_s = 60 / rng.uniform(80, 160) / 4
        silent = {name for name in STEPS if name not in ('kick', 'snare') and rng.random() < 0.45}
        swing = rng.uniform(0, 0.25)
        audio = np.zeros(int((LOOP_S + 4) * SR), np.float32)
        for step in range(int(LOOP_S / step_s)):
            for name, chances in STEPS.items():
                if name in silent or rng.random() > chances[step % 16]:
                    continue
                start_s = max(0.0, (step + swing * (step % 2)) * step_s + rng.normal(0, 0.004)) + 0.02
                gain = 10 ** (rng.uniform(-14, 0) / 20) * (0.6 if name.startswith('hihat') or name == 'ride' else 1.0)
                hit = chosen[name][rng.integers(2)]
                start = int(start_s * SR)
                hit = hit[:len(audio) - start]
                audio[start:start + len(hit)] += hit * np.float32(gain)
        audio = audio[:int(LOOP_S * SR)]
        soundfile.write(path, audio * np.float32(0.7 / (np.abs(audio).max() + 1e-6)), SR)


# what each needs beside a sound font: a folder of sounds
SOURCES = {'drums': 'drums', 'scream': 'voice', 'sung': 'voice'}
DOMAINS = {'choir': choir, 'choir-unseen': choir_unseen, 'drums': drums, 'guitar': guitar, 'scream': screams, 'strings': strings, 'sung': sung,
           'synth': synth}


def render(domain: str, out: Path, minutes: float, source: Path | None = None) -> None:
    """Fill the folder `out` with a domain's sounds; source: the folder of those in SOURCES."""
    out.mkdir(parents=True, exist_ok=True)
    if domain not in SOURCES:
        DOMAINS[domain](out, minutes)
    elif source is None:
        raise ValueError(f'{domain}: give its folder of sounds with --source')
    else:
        DOMAINS[domain](out, minutes, source)
