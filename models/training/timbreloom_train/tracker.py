"""Is the pitch tracker right? Against the note names in file names, and the causal half against the whole search."""
import re
from pathlib import Path
from typing import Any

import numpy as np

from .corpus import load, sound_files
from .features import HOP, LEVEL_GATE_DB, loudness_of
from .pitch import cents, track

NOTE = re.compile(r'_([A-G])(s?)(\d)_')
SEMITONE = {'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}
BELOW_PEAK_DB = 30.0


def note_hz(name: str) -> float | None:
    """'cello_As3_15_forte_arco-normal.mp3' -> 233.08 (equal temperament, A4 = 440 Hz); None without a note name."""
    match = NOTE.search(name)
    if not match:
        return None
    semitone = SEMITONE[match[1]] + bool(match[2])
    return 440.0 * 2 ** ((semitone + 12 * (int(match[3]) + 1) - 69) / 12)


def check(folder: Path, limit: int, pattern: str) -> dict[str, Any]:
    """Percentages over the sounding hops (within 30 dB of the file's peak), for the whole search (`viterbi`) and the
    causal half. Agreement: voiced hops of the search on which the causal half is voiced too and within 50 cents."""
    files = [p for p in sound_files(folder) if re.search(pattern, p.name)]
    if not files:
        raise ValueError(f'{folder}: no sound files found' + (f' whose names match {pattern!r}' if pattern else ''))
    named = [p for p in files if note_hz(p.name)]
    files = named or files
    files = [files[i] for i in np.unique(np.linspace(0, len(files) - 1, min(limit, len(files))).astype(int))]
    count = {way: np.zeros(5) for way in ('viterbi', 'causal')}
    agreement = np.zeros(5)
    for path in files:
        audio = load(path)
        if len(audio) < 8 * HOP:
            continue
        loudness = loudness_of(audio)
        sounding = loudness > max(loudness.max() - BELOW_PEAK_DB, LEVEL_GATE_DB)
        tracks = {'viterbi': track(audio, loudness), 'causal': track(audio, loudness, causal=True)}
        middle = np.median(tracks['viterbi'][0][sounding])                # some names are an octave wrong
        want = note_hz(path.name) or middle
        for way, (f0, voicing) in tracks.items():
            used = sounding & (voicing > 0)
            error = np.abs(cents(f0[used], want))
            far = error[error > 50] / 1200
            count[way] += [sounding.sum(), used.sum(), (error < 50).sum(), (np.abs(far - np.round(far)) < 0.06).sum(),
                           (np.abs(cents(f0[used], middle)) < 50).sum()]
        (f0, voicing), (causal_f0, causal_voicing) = tracks['viterbi'], tracks['causal']
        voiced, causal_voiced = sounding & (voicing > 0), sounding & (causal_voicing > 0)
        both = voiced & causal_voiced
        error = np.abs(cents(causal_f0[both], f0[both]))
        agreement += [voiced.sum(), both.sum(), (error < 50).sum(), (causal_voiced & ~voiced).sum(), sounding.sum()]
    table: dict[str, Any] = {'files': len(files), 'hops': int(agreement[4])}
    for way, (hops, used, near, octave, own) in count.items():
        table[way] = {'voiced_percent': percent(used, hops)}
        if named:
            table[way] |= {'within_50_cents_of_name_percent': percent(near, used), 'octave_off_percent': percent(octave, used),
                           'within_50_cents_of_own_median_percent': percent(own, used)}
    voiced, both, near, extra, hops = agreement
    table['causal_against_viterbi'] = {'voiced_too_percent': percent(both, voiced), 'within_50_cents_percent': percent(near, both),
                                       'voiced_by_causal_alone_percent': percent(extra, hops)}
    return table


def percent(part: float, whole: float) -> float:
    return round(100 * float(part) / max(float(whole), 1.0), 2)
