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

# The edges of the region stay as they are: a faded frame could not be compared with the file.
REGION = {
    'muted': '0', 'opaque': '1', 'locked': '0', 'video-locked': '0', 'automatic': '0', 'import': '0', 'external': '0',
    'hidden': '0', 'sync-marked': '0', 'left-of-split': '0', 'right-of-split': '0', 'valid-transients': '0',
    'position-locked': '0', 'start': 'a0', 'sync-position': 'a0', 'ancestral-start': 'a0', 'stretch': '1', 'shift': '1',
    'layering-index': '0', 'tags': '', 'contents': '0', 'type': 'audio', 'first-edit': 'nothing',
    'envelope-active': '0', 'default-fade-in': '0', 'default-fade-out': '0', 'fade-in-active': '0',
    'fade-out-active': '0', 'scale-amplitude': '1', 'channels': '1',
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


def place(session: Element, sound: str, frames: int, rate_hz: int) -> list[str]:
    """Puts the sound, a file among the session's own, at the start of every empty track. -> the tracks' names."""
    if int(session.get('sample-rate', '0')) != rate_hz:
        raise ValueError(f'{sound}: has {rate_hz} Hz, the session {session.get("sample-rate")} Hz')
    next_id = int(session.get('id-counter', '0'))

    def new_id() -> str:
        nonlocal next_id
        next_id += 1
        return str(next_id)

    stem = sound.removesuffix('.wav')
    length = f'a{superclocks(frames, rate_hz)}@a0'
    source = new_id()
    SubElement(part(session, 'Sources'), 'Source', {
        'name': sound, 'take-id': '', 'type': 'audio', 'flags': '', 'id': source, 'natural-position': 'a0',
        'channel': '0', 'origin': '', 'gain': '1'})

    def region(parent: Element, name: str, is_whole: bool) -> None:
        SubElement(parent, 'Region', {
            **REGION, 'name': name, 'whole-file': str(int(is_whole)), 'id': new_id(), 'length': length,
            'ancestral-length': length, 'source-0': source, 'master-source-0': source})

    region(part(session, 'Regions'), stem, True)
    placed = []
    for playlist in part(session, 'Playlists').iter('Playlist'):
        if playlist.get('type') == 'audio' and playlist.find('Region') is None:
            region(playlist, f'{stem}.{len(placed) + 1}', False)
            placed.append(playlist.get('name', ''))
    locations = part(session, 'Locations')
    if not any('IsSessionRange' in location.get('flags', '') for location in locations):
        end = superclocks(frames + int(BEHIND_SECONDS * rate_hz), rate_hz)
        SubElement(locations, 'Location', {
            'id': new_id(), 'name': 'session', 'start': 'a0', 'end': f'a{end}', 'flags': 'IsSessionRange',
            'locked': '0', 'timestamp': '0', 'cue': '0'})
    session.set('id-counter', str(next_id + 1))
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
