"""Puts patterns and a kit into the drum machine of an Ardour session, and gives the session an end.

    python beat.py SESSION.ardour BEAT=TEMPO,BEAT=TEMPO,...        the tempi, beats a minute from beats on

Ardour's Lua sets no state but parameters, so this writes into the saved plugin what its window would have. No notes lie
on the track: the song's position is all that the patterns need.
"""
import math
import sys
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import saved
from place import Placing, superclocks

BEATS = 16
STEPS_PER_BEAT = 4
SWING = 0.625                # as the settings of the session have it
SLACK_FRAMES = 1e-3          # so little behind a frame a moment still falls on it

# A kick on every beat to the left; to the right a hat on every second step, late by the swing, and in each bar a step of
# three hits.
PATTERN = [{'steps': '9...9...9...9...'}, {'steps': '.5.5.5.5.5.5.5..'},
           {'steps': '........7.......', 'details': {'9': {'ratchet': 3}}}]
LEFT, RIGHT = (0,), (1, 2)

# What the drum machine's state holds beside the parameters.
FIELDS = {'patterns': {'1': PATTERN}, 'kit': [[0.5, -1.0], [], [1.25]]}

Tempi = list[tuple[float, float]]


def tempi_of(text: str) -> Tempi:
    """As the command line has them."""
    pairs = (pair.split('=') for pair in text.split(','))
    return [(float(beat), float(tempo)) for beat, tempo in pairs]


def place_of(beats: float, tempi: Tempi, rate_hz: int) -> float:
    """Where a moment of the song lies, frames."""
    ends = [beat for beat, _ in tempi[1:]] + [math.inf]
    seconds = sum((min(beats, end) - begin) * 60 / tempo for (begin, tempo), end in zip(tempi, ends) if begin < beats)
    return seconds * rate_hz


def frame(beats: float, tempi: Tempi, rate_hz: int) -> int:
    """The first frame that does not lie before a moment."""
    return math.ceil(place_of(beats, tempi, rate_hz) - SLACK_FRAMES)


def swung(step: int) -> float:
    """Where a step begins, beats: pairs of steps are divided by the swing."""
    return (step // 2 * 2 + (2 * SWING if step % 2 else 0)) / STEPS_PER_BEAT


def strikes(lines: tuple[int, ...], tempi: Tempi, rate_hz: int) -> list[int]:
    """The frames on which lines of the pattern strike, in order."""
    frames = []
    for line in (PATTERN[number] for number in lines):
        steps, details = line['steps'], line.get('details', {})
        for step in range(BEATS * STEPS_PER_BEAT):
            number = step % len(steps)
            if steps[number] == '.':
                continue
            hits, begin = details.get(str(number + 1), {}).get('ratchet', 1), swung(step)
            length = swung(step + 1) - begin
            frames += [frame(begin + length * hit / hits, tempi, rate_hz) for hit in range(hits)]
    return sorted(frames)


def end(session: Element, tempi: Tempi) -> None:
    """The export goes to the end of the last bar."""
    rate_hz = int(session.get('sample-rate', '0'))
    Placing(session).export_range(superclocks(frame(BEATS, tempi, rate_hz), rate_hz))


def main(file: Path, tempi: str) -> None:
    tree = ElementTree.parse(file)
    try:
        end(tree.getroot(), tempi_of(tempi))
        saved.settle(tree.getroot(), saved.DRUMS, FIELDS)
    except ValueError as error:
        sys.exit(f'error: {error}')
    tree.write(file, encoding='UTF-8', xml_declaration=True)


if __name__ == '__main__':
    main(Path(sys.argv[1]), sys.argv[2])
