"""Which recordings are trained on, and which are set aside to examine the model with.

Folders of many short files go to `corpus.prepare` as they are: it sets one file in twenty aside, by name. Of fewer
files one in ten is set aside. Long recordings are cut at their quietest places into phrases first; of a handful of
them the last tenth of each is set aside, so that nothing the model is examined on was heard in training.
"""
import itertools
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from . import corpus
from .features import HOP, LEVEL_GATE_DB, SR, Array, loudness_of
from .pitch import track
from .recordings import read

LONG_SECONDS = 8.0             # files longer than this on average are performances, not single notes
PIECE_SECONDS = (3.0, 9.0)     # a performance is cut somewhere between these
FEWEST_FILES = 10              # long recordings: of fewer, the end of each is held out in place of whole files
HELD_OUT_SHARE = 0.1
LEAST_SECONDS = 10.0           # of recordings: less is refused
MOST_MINUTES = 60.0            # of long recordings: more is not read
PITCHED_SHARE = 0.6            # of the sounding hops with a clear pitch: from here on the pitched stage
CLEAR_VOICING = 0.5
STEADY_VOICING, STEADY_SHARE = 0.9, 0.65   # of the pitched hops: single notes 0.93 and more, speech 0.76, chords 0.52
SAMPLED_FILES, SAMPLED_SECONDS = 24, 10.0
SOUNDING_BELOW_PEAK_DB = 20.0   # speech: quieter hops are mostly breath and consonants


told: set[tuple[Path, str]] = set()    # what is wrong with a file is said once, however often it is read


@dataclass
class Recording:
    path: Path
    seconds: float


@dataclass
class Plan:
    """What `corpus.prepare` reads, and what the model is examined on."""
    folder: Path              # to train on
    exclude: str              # regex of file names left out of it
    examined: Path            # folder of the recordings set aside
    held_out: list[str]       # their names; empty where `corpus.prepare` decides
    long: bool
    whole: bool
    why: str
    seconds: float            # of all recordings


def survey(folder: Path, exclude: str = '') -> list[Recording]:
    """All recordings of a folder with their lengths. Raises ValueError, in words for a beginner, for a folder that
    cannot be trained on."""
    if not folder.exists():
        raise ValueError(f'{folder}: no such folder; give the folder that holds your recordings')
    if not folder.is_dir():
        raise ValueError(f'{folder}: this is a file; give the folder that it lies in')
    files = corpus.sound_files(folder, exclude)
    if not files:
        raise ValueError(f'{folder}: no sound files found; give a folder of recordings (wav, flac, mp3, ogg, aiff)')
    found = []
    for path in files:
        try:
            audio, rate, remarks = read(path)
        except RuntimeError as error:
            raise ValueError(f'{path}: cannot be read as sound; take it out of the folder, or convert it to wav') from error
        found.append(Recording(path, len(audio) / rate))
        for remark in remarks:
            if (path, remark) not in told:
                told.add((path, remark))
                print(f'{path}: {remark}', flush=True)
    seconds = sum(recording.seconds for recording in found)
    if seconds < LEAST_SECONDS:
        raise ValueError(f'{folder}: only {seconds:.1f} seconds of sound; at least {LEAST_SECONDS:.0f} seconds are needed, '
                         'and five minutes for a good model')
    return found


def are_long(recordings: list[Recording]) -> tuple[bool, str]:
    """-> (performances rather than single notes, a sentence that says why)"""
    average = sum(r.seconds for r in recordings) / len(recordings)
    if average > LONG_SECONDS:
        return True, f'the files are {average:.0f} seconds long on average: taken as performances, cut at their pauses'
    return False, f'the files are {average:.1f} seconds long on average: taken as single notes'


def pitched_shares(recordings: list[Recording]) -> tuple[float, float]:
    """-> (share of the sounding hops that have a clear pitch, share of those with hardly anything beside it), each
    0..1, over a sample of the recordings. Raises ValueError if nothing sounds."""
    chosen = [recordings[i] for i in np.unique(np.linspace(0, len(recordings) - 1, SAMPLED_FILES).astype(int))]
    seconds = max(SAMPLED_SECONDS, SAMPLED_SECONDS * SAMPLED_FILES / 4 / len(chosen))
    found = [np.zeros(0, np.float32)]
    for recording in chosen:
        audio = corpus.load(recording.path)
        start = max(len(audio) // 2 - int(seconds * SR / 2), 0)
        part = audio[start:start + int(seconds * SR)]
        if len(part) < 8 * HOP:
            continue
        loudness = loudness_of(part)
        loud = loudness > max(loudness.max() - SOUNDING_BELOW_PEAK_DB, LEVEL_GATE_DB)
        if loud.any():
            found.append(track(part, loudness)[1][loud])
    voicing = np.concatenate(found)
    if not len(voicing):
        raise ValueError(f'{recordings[0].path.parent}: nothing but silence found (below {LEVEL_GATE_DB:.0f} dB); check that the '
                         'files hold sound, and record louder')
    clear = voicing > CLEAR_VOICING
    return float(clear.mean()), float((voicing[clear] > STEADY_VOICING).mean()) if clear.any() else 0.0


def choose_stage(wanted: str, recordings: list[Recording]) -> tuple[str, str]:
    """-> (stage, a sentence that says why)"""
    share, steady = pitched_shares(recordings)
    if wanted != 'auto':
        return wanted, f'as asked for (a clear pitch in {share:.0%} of the sound)'
    if share < PITCHED_SHARE:
        return 'general', f'a clear pitch in only {share:.0%} of the sound: drums, noise or chords'
    if steady < STEADY_SHARE:
        return 'general', f'a pitch in {share:.0%} of the sound, but mostly with something beside it: chords or several instruments'
    return 'pitched', f'a clear pitch in {share:.0%} of the sound'


def cut(audio: Array) -> list[Array]:
    """Pieces of PIECE_SECONDS, cut where it is quietest, without those that hold next to no sound."""
    loudness = loudness_of(audio)
    smooth = np.convolve(loudness, np.ones(3) / 3, 'same')
    shortest, longest = (int(seconds * SR / HOP) for seconds in PIECE_SECONDS)
    ends, start = [], 0
    while len(loudness) - start > longest:
        start += shortest + int(smooth[start + shortest:start + longest].argmin())
        ends.append(start)
    pieces = []
    gate = max(float(np.percentile(loudness, 99)) - 45, LEVEL_GATE_DB) if len(loudness) else 0.0
    for first, last in itertools.pairwise([0, *ends, len(loudness)]):
        if (loudness[first:last] > gate).sum() >= 16:
            pieces.append(faded(audio[first * HOP:last * HOP]))
    return pieces


def faded(piece: Array, frames: int = 220) -> Array:
    """Five milliseconds in and out, so that a cut through a tone does not click."""
    piece = piece.copy()
    ramp = np.linspace(0, 1, min(frames, len(piece) // 2), dtype=np.float32)
    piece[:len(ramp)] *= ramp
    piece[len(piece) - len(ramp):] *= ramp[::-1]
    return piece


def piece_name(stem: str, index: int) -> str:
    """A name that `corpus.prepare` trains on (it sets files aside by name) and does not take for a single note."""
    names = (f'{stem}_phrase{index:03d}{"x" * extra}.flac' for extra in itertools.count())
    return next(name for name in names if not corpus.is_held_out(Path(name)))


def cut_recordings(recordings: list[Recording], work: Path) -> tuple[Path, Path]:
    """Write the pieces of long recordings below the work folder; -> folders (train, held-out). The held-out end of a
    recording is cut off before anything else is done with it."""
    train, examined = work / 'pieces' / 'train', work / 'pieces' / 'held-out'
    shutil.rmtree(work / 'pieces', ignore_errors=True)
    for folder in (train, examined):
        folder.mkdir(parents=True)
    few = len(recordings) < FEWEST_FILES
    share = min(1.0, MOST_MINUTES * 60 / sum(r.seconds for r in recordings))
    stems = [re.sub(r'[^A-Za-z0-9-]+', '_', recording.path.stem).strip('_') or 'take' for recording in recordings]
    for number, recording in enumerate(recordings):
        audio = corpus.load(recording.path)
        audio = audio[:int(len(audio) * share)]
        audio = audio / max(1.0, float(np.abs(audio).max(initial=0.0)))
        # the same stem may occur in two folders
        stem = stems[number] if stems.count(stems[number]) == 1 else f'{stems[number]}_{number:03d}'
        last = int(len(audio) * (1 - HELD_OUT_SHARE)) if few else (0 if number % FEWEST_FILES == 0 else len(audio))
        for folder, part in ((train, audio[:last]), (examined, audio[last:])):
            for index, piece in enumerate(cut(part) if len(part) >= 16 * HOP else []):
                soundfile.write(folder / piece_name(stem, index), piece, SR, subtype='PCM_24')
    if not corpus.sound_files(train):
        raise ValueError(f'{recordings[0].path.parent}: nothing but silence found; check that the files hold sound')
    return train, examined


def plan(folder: Path, recordings: list[Recording], work: Path, exclude: str, whole: bool, notes: bool) -> Plan:
    """Decide what is trained on, and write pieces where long recordings have to be cut. whole, notes: the user's
    wish, where there is one."""
    long, why = are_long(recordings)
    if whole or notes:
        long, why = False, 'used as they are, as asked for' if whole else 'taken as single notes, as asked for'
    seconds = sum(r.seconds for r in recordings)
    if long:
        train, examined = cut_recordings(recordings, work)
        return Plan(train, '', examined, [p.name for p in corpus.sound_files(examined)], True, False, why, seconds)
    files = [r.path for r in recordings]
    held_out: list[str] = []
    by_name = len(files) >= corpus.FEWEST_TO_HOLD_OUT and any(corpus.is_held_out(p) for p in files)
    if not by_name and len(files) > 2:
        # spread over the names, which often follow the pitch; not the lowest and not the highest
        count = max(1, round(len(files) * HELD_OUT_SHARE))
        held_out = [files[(2 * i + 1) * len(files) // (2 * count)].name for i in range(count)]
        names = '|'.join(re.escape(name) for name in held_out)
        exclude = f'^(?:{names})$|{exclude}' if exclude else f'^(?:{names})$'
    return Plan(folder, exclude, folder, held_out, False, whole, why, seconds)
