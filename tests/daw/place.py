"""Puts a sound on every track of an Ardour session that has none yet.

    python place.py SESSION.ardour SOUND.wav        the sound has one channel and the session's rate

Ardour's Lua can import a sound only through the window, so this writes into the session what an import would have:
the file among the session's own, the source, a region on each track, and the range that an export takes.
"""
import shutil
import sys
import wave
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

SUPERCLOCKS_PER_SECOND = 282_240_000
BEHIND_SECONDS = 0.5         # of the export's range behind the sound: what the plugin lets ring

# Of a region of sound or of MIDI.
REGION = {
    'muted': '0', 'opaque': '1', 'locked': '0', 'video-locked': '0', 'automatic': '0', 'import': '0', 'external': '0',
    'hidden': '0', 'sync-marked': '0', 'left-of-split': '0', 'right-of-split': '0', 'valid-transients': '0',
    'position-locked': '0', 'stretch': '1', 'shift': '1', 'layering-index': '0', 'tags': '', 'contents': '0',
    'first-edit': 'nothing',
}

# The edges of the region stay as they are: a faded frame could not be compared with the file.
SOUND = {
    'type': 'audio', 'start': 'a0', 'sync-position': 'a0', 'ancestral-start': 'a0', 'envelope-active': '0',
    'default-fade-in': '0', 'default-fade-out': '0', 'fade-in-active': '0', 'fade-out-active': '0',
    'scale-amplitude': '1', 'channels': '1',
}


def superclocks(seconds_times_rate: int, rate_hz: int) -> int:
    """A count of frames in Ardour's own unit of time, which divides by every usual rate."""
    clocks, rest = divmod(seconds_times_rate * SUPERCLOCKS_PER_SECOND, rate_hz)
    if rest:
        raise ValueError(f'{rate_hz} Hz: Ardour cannot count frames of this rate')
    return clocks


def part(session: Element, name: str) -> Element:
    """A direct child that every session of Ardour has."""
    found = session.find(name)
    if found is None:
        raise ValueError(f'the session has no <{name}>: this is no session of Ardour 7 or 8')
    return found


class Placing:
    """Adds to a session, each part with a number of its own."""

    def __init__(self, session: Element) -> None:
        self.session = session
        self.last_id = int(session.get('id-counter', '0'))

    def new_id(self) -> str:
        self.last_id += 1
        self.session.set('id-counter', str(self.last_id + 1))
        return str(self.last_id)

    def source(self, name: str, **more: str) -> str:
        """A file among the session's own. -> its number."""
        number = self.new_id()
        SubElement(part(self.session, 'Sources'), 'Source',
                   {'name': name, 'take-id': '', 'id': number, 'channel': '0', 'origin': '', **more})
        return number

    def regions(self, name: str, source: str, length: str, kind: dict[str, str]) -> list[str]:
        """The whole of a source at the start of every empty track of its kind. -> the tracks' names."""
        def region(parent: Element, name: str, is_whole: bool) -> None:
            SubElement(parent, 'Region', {
                **REGION, **kind, 'name': name, 'whole-file': str(int(is_whole)), 'id': self.new_id(),
                'length': length, 'ancestral-length': length, 'source-0': source, 'master-source-0': source})

        region(part(self.session, 'Regions'), name, True)
        placed = []
        for playlist in part(self.session, 'Playlists').iter('Playlist'):
            if playlist.get('type') == kind['type'] and playlist.find('Region') is None:
                region(playlist, f'{name}.{len(placed) + 1}', False)
                placed.append(playlist.get('name', ''))
        return placed

    def export_range(self, end_clocks: int) -> None:
        """What an export takes, where the session does not say it yet."""
        locations = part(self.session, 'Locations')
        if not any('IsSessionRange' in location.get('flags', '') for location in locations):
            SubElement(locations, 'Location', {
                'id': self.new_id(), 'name': 'session', 'start': 'a0', 'end': f'a{end_clocks}',
                'flags': 'IsSessionRange', 'locked': '0', 'timestamp': '0', 'cue': '0'})


def place(session: Element, sound: str, frames: int, rate_hz: int) -> list[str]:
    """Puts the sound, a file among the session's own, at the start of every empty track. -> the tracks' names."""
    if int(session.get('sample-rate', '0')) != rate_hz:
        raise ValueError(f'{sound}: has {rate_hz} Hz, the session {session.get("sample-rate")} Hz')
    placing = Placing(session)
    source = placing.source(sound, type='audio', flags='', gain='1', **{'natural-position': 'a0'})
    length = f'a{superclocks(frames, rate_hz)}@a0'
    placed = placing.regions(sound.removesuffix('.wav'), source, length, SOUND)
    placing.export_range(superclocks(frames + int(BEHIND_SECONDS * rate_hz), rate_hz))
    return placed


def main(file: Path, sound: Path) -> None:
    with wave.open(str(sound)) as reader:
        channels, frames, rate_hz = reader.getnchannels(), reader.getnframes(), reader.getframerate()
    if channels != 1:
        sys.exit(f'error: {sound.name}: has {channels} channels; the tracks take one')
    folders = list((file.parent / 'interchange').glob('*/audiofiles'))
    if len(folders) != 1:
        sys.exit(f'error: {file.parent}: has no folder interchange/NAME/audiofiles; is this a session of Ardour?')
    tree = ElementTree.parse(file)
    try:
        placed = place(tree.getroot(), sound.name, frames, rate_hz)
    except ValueError as error:
        sys.exit(f'error: {error}')
    if not placed:
        sys.exit(f'error: {file.name}: has no empty track to put {sound.name} on')
    shutil.copyfile(sound, folders[0] / sound.name)
    tree.write(file, encoding='UTF-8', xml_declaration=True)


if __name__ == '__main__':
    main(Path(sys.argv[1]), Path(sys.argv[2]))
