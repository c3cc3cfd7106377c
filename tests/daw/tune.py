"""Puts a tune on every MIDI track of an Ardour session that has none yet, and settings into the instrument's state.

    python tune.py SESSION.ardour

Ardour's Lua makes no region of MIDI and sets no state but parameters, so this writes into the session what an import
and the instrument's window would have: a file of MIDI among the session's own, its source and regions, and in the saved
plugin a drawn curve and the other side of A/B.
"""
import sys
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import saved
from place import BEHIND_SECONDS, Placing, superclocks

FILE = 'tune.mid'
BEATS = 16
SECONDS_PER_BEAT = 0.5       # a new session of Ardour's has 120 beats a minute
TICKS_PER_BEAT = 1920        # Ardour's own, so that no time is rounded

PEDAL, WHEEL = 64, 1
NOTE_ON, NOTE_OFF, CONTROLLER = 0x90, 0x80, 0xB0
OFF_VELOCITY = 64

# Beat, length in beats, key, velocity: two that overlap; three under the pedal, one of them struck again; two long
# ones, in which the automation's steps lie; and from FRESH on, where none of these sounds on, a chord under the wheel.
NOTES = (
    (1.0, 1.5, 48, 64), (2.0, 1.5, 55, 100),
    (3.0, 0.5, 60, 40), (3.5, 0.5, 64, 80), (4.0, 0.5, 60, 112),
    (5.5, 3.5, 43, 90), (5.5, 3.5, 50, 70),
    (11.0, 2.0, 52, 96), (11.5, 2.5, 59, 60), (12.0, 1.0, 67, 30), (14.0, 1.0, 48, 127),
)
FRESH = 11.0

# Beat, number, value.
CONTROLLERS = (
    (2.75, PEDAL, 127), (5.0, PEDAL, 0),
    (11.0, WHEEL, 0), (11.5, WHEEL, 32), (12.0, WHEEL, 80), (12.5, WHEEL, 127), (13.5, WHEEL, 40), (14.5, WHEEL, 0),
)

# What the instrument's state holds beside the parameters.
FIELDS = {
    'curve': [[0.0, 0.0], [0.25, 1.0], [0.5, 0.25], [1.0, 0.75]],
    'compare': {'side': 'B', 'other': {
        'timbreloom_preset': 1, 'plugin': 'codes', 'name': 'A', 'comment': '',
        'model': {'name': 'flute-codes', 'hash': ''}, 'parameters': {'from_curve_1': 50.0},
        'extras': {'curve': [[0.0, 1.0], [1.0, 0.0]]}}},
}

# As Ardour writes a file of MIDI that it has imported, and a region of one: both in beats.
SOURCE = {'type': 'midi', 'flags': 'Writable,CanRename', 'natural-position': 'b0'}
MIDI = {'type': 'midi', 'start': 'b0', 'sync-position': 'b0', 'ancestral-start': 'b0'}


def ticks(beats: float) -> int:
    count = beats * TICKS_PER_BEAT
    if count != int(count):
        raise ValueError(f'beat {beats} lies between two ticks')
    return int(count)


def frame(beats: float, rate_hz: int) -> int:
    return round(beats * SECONDS_PER_BEAT * rate_hz)


def messages() -> list[tuple[int, bytes]]:
    """The tune's MIDI and its ticks. At one tick keys go up before controllers move, and down after."""
    ends = [(ticks(beat + length), bytes([NOTE_OFF, key, OFF_VELOCITY])) for beat, length, key, _ in NOTES]
    moves = [(ticks(beat), bytes([CONTROLLER, number, value])) for beat, number, value in CONTROLLERS]
    begins = [(ticks(beat), bytes([NOTE_ON, key, velocity])) for beat, _, key, velocity in NOTES]
    return sorted(ends + moves + begins, key=lambda message: message[0])


def quantity(value: int) -> bytes:
    """As files of MIDI count: seven bits a byte, all but the last one marked."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))


def midi_file() -> bytes:
    """The tune in one track, as long as the region."""
    track, now = b'', 0
    for at, message in [*messages(), (ticks(BEATS), b'\xff\x2f\x00')]:
        track += quantity(at - now) + message
        now = at
    header = b''.join(number.to_bytes(2, 'big') for number in (0, 1, TICKS_PER_BEAT))
    return b'MThd' + len(header).to_bytes(4, 'big') + header + b'MTrk' + len(track).to_bytes(4, 'big') + track


def place(session: Element) -> list[str]:
    """Puts the tune, a file among the session's own, at the start of every empty MIDI track. -> the tracks' names."""
    rate_hz = int(session.get('sample-rate', '0'))
    placing = Placing(session)
    source = placing.source(FILE, **SOURCE)
    placed = placing.regions(FILE.removesuffix('.mid'), source, f'b{ticks(BEATS)}@b0', MIDI)
    placing.export_range(superclocks(frame(BEATS, rate_hz) + int(BEHIND_SECONDS * rate_hz), rate_hz))
    return placed


def main(file: Path) -> None:
    folders = [folder for folder in (file.parent / 'interchange').glob('*') if folder.is_dir()]
    if len(folders) != 1:
        sys.exit(f'error: {file.parent}: has no folder interchange/NAME; is this a session of Ardour?')
    tree = ElementTree.parse(file)
    try:
        placed = place(tree.getroot())
        saved.settle(tree.getroot(), saved.INSTRUMENT, FIELDS)
    except ValueError as error:
        sys.exit(f'error: {error}')
    if not placed:
        sys.exit(f'error: {file.name}: has no empty MIDI track to put the tune on')
    folder = folders[0] / 'midifiles'
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_bytes(midi_file())
    tree.write(file, encoding='UTF-8', xml_declaration=True)


if __name__ == '__main__':
    main(Path(sys.argv[1]))
