"""Reading sound files as they come: cut, damaged, joined, with headers that lie.

libsndfile believes headers and stops at the first fault. What the program `timbreloom` does (docs/files.md) is done here as far
as libsndfile allows: the data is believed, a gap is silence of the same length, and every loss is told.
"""
import io
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

BLOCK = 1024                     # frames read at once, and stepped over at a time where they cannot be read
MOST_STEPS = 500                 # over one gap: 11 s
MOST_BYTES_LOOKED_AT = 1 << 30   # larger files are taken as their headers describe them
UNKNOWN_BYTES = 0x7ffff000       # a WAV header with this length and more knows none


@dataclass
class Found:
    """A file's sound, and what there is to say of it."""
    audio: npt.NDArray[np.float32]    # [frames, channels]
    rate: int
    remarks: list[str] = field(default_factory=list)


def read(path: Path) -> Found:
    """Raises RuntimeError, with the file's name, for what is no sound at all."""
    try:
        return of_file(path)
    except RuntimeError as error:
        reason = re.sub(r'<_io.BytesIO object at \w+>', 'it', str(error)).rstrip('. :')
        raise RuntimeError(f'{path}: cannot be read as sound ({reason})') from error


def of_file(path: Path) -> Found:
    """All recordings of one file."""
    if path.stat().st_size > MOST_BYTES_LOOKED_AT:
        return of_one(lambda: soundfile.SoundFile(path))
    data = path.read_bytes()
    remarks = cut_short(data)
    data, more = mended_wav(data)
    remarks += more
    found = [of_one(lambda piece=piece: soundfile.SoundFile(io.BytesIO(piece))) for piece in parts(data)]
    first = found[0]
    alike = [f for f in found if (f.rate, f.audio.shape[1]) == (first.rate, first.audio.shape[1])]
    if len(alike) < len(found):
        remarks.append('another recording in it has another rate or number of channels and was left out')
    elif len(found) > 1:
        remarks.append(f'it holds {len(found)} recordings, one behind the other: all of them were read')
    remarks += [remark for f in alike for remark in f.remarks]
    return Found(np.concatenate([f.audio for f in alike]), first.rate, remarks)


def of_one(opened: Callable[[], soundfile.SoundFile]) -> Found:
    """Block by block, over what cannot be read."""
    file = opened()
    blocks, lost, position, promised = [], 0, 0, file.frames
    while position < promised:
        try:
            block = file.read(BLOCK, dtype='float32', always_2d=True)
        except RuntimeError:
            block = np.zeros((0, file.channels), np.float32)
        if not len(block):
            # what follows may be whole; the silence before it keeps it in its place
            for skip in range(BLOCK, min(promised - position, MOST_STEPS * BLOCK), BLOCK):
                file = opened()    # a decoder that has failed stays where it is
                if can_seek(file, position + skip):
                    break
            else:
                break
            lost, block = lost + skip, np.zeros((skip, file.channels), np.float32)
        blocks.append(block)
        position += len(block)
    remarks = []
    if lost:
        remarks.append(f'it is damaged: silence of the same length, {lost / file.samplerate:.3f} s in all, was put there')
    if position < promised:
        remarks.append(f'it is cut short: {(promised - position) / file.samplerate:.3f} s of what its header promises are missing')
    audio = np.concatenate(blocks) if blocks else np.zeros((0, file.channels), np.float32)
    return Found(audio, file.samplerate, remarks)


def can_seek(file: soundfile.SoundFile, frame: int) -> bool:
    try:
        file.seek(frame)
        whole = len(file.read(64, dtype='float32')) > 0
        file.seek(frame)
    except RuntimeError:
        return False
    return whole


def cut_short(data: bytes) -> list[str]:
    """What libsndfile passes over without a word: the end of an AIFF, RF64 or Wave64."""
    promised = 0
    if data[:4] == b'FORM' and len(data) >= 12:
        promised = 8 + struct.unpack_from('>I', data, 4)[0]
    elif data[:4] in (b'RF64', b'BW64') and data[12:16] == b'ds64' and len(data) >= 28:
        promised = 8 + struct.unpack_from('<Q', data, 20)[0]
    elif data[:4] == b'riff' and len(data) >= 24:
        promised = struct.unpack_from('<Q', data, 16)[0]
    return [f'it is cut short: {len(data)} of the {promised} bytes that its header promises are there'] if promised > len(data) else []


def mended_wav(data: bytes) -> tuple[bytes, list[str]]:
    """A WAV whose header gives the length of its data wrongly, with the right one."""
    if data[:4] != b'RIFF' or data[8:12] != b'WAVE':
        return data, []
    at = 12
    while at + 8 <= len(data) and data[at:at + 4] != b'data':
        at += 8 + struct.unpack_from('<I', data, at + 4)[0] + data[at + 4] % 2
    if at + 8 > len(data):
        return data, []
    stated, start = struct.unpack_from('<I', data, at + 4)[0], at + 8
    held = len(data) - start
    if stated >= UNKNOWN_BYTES or stated == held:
        return data, []
    if stated < held and is_over(data, start + stated):
        return data, []
    if stated > held:
        remark = f'it is cut short: {held} of the {stated} bytes of sound that its header promises are there'
    elif stated:
        remark = f'its header promises {stated} bytes of sound, but {held} are there: all of it was read'
    else:
        remark = 'it is a recording that was never finished (its header gives no length): all of it was read'
    return data[:4] + struct.pack('<I', len(data) - 8) + data[8:at + 4] + struct.pack('<I', held) + data[start:], [remark]


def is_over(data: bytes, at: int) -> bool:
    """Whether nothing but chunks or padding follows."""
    rest = data[at:]
    if len(rest) < 8 or not any(rest):
        return True
    chunk = re.match(rb'\0?[ -~]{4}(?s:(.{4}))', rest)
    return bool(chunk) and struct.unpack('<I', chunk[1])[0] <= len(rest)


def parts(data: bytes) -> list[bytes]:
    """The recordings that were appended to one another."""
    if data[:4] == b'OggS':
        # pages that begin a stream, where the one before was none
        starts, before = [], False
        for page in re.finditer(rb'OggS\0(?s:(.))', data):
            begins = bool(page[1][0] & 2)
            if begins and not before:
                starts.append(page.start())
            before = begins
    elif data[:4] == b'fLaC':
        starts = [found.start() for found in re.finditer(rb'fLaC[\0\x80]\0\0\x22', data)]
    else:
        return mpeg_parts(data) or [data]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]


def mpeg_header(data: bytes, at: int) -> tuple[int, int, int, int] | None:
    """-> (length in bytes, bytes of side information, rate, channels) of an MP3 frame's header, if one is here."""
    word = struct.unpack_from('>I', data, at)[0] if at + 4 <= len(data) else 0
    version, bits, rate = word >> 19 & 3, word >> 12 & 15, word >> 10 & 3
    if word >> 21 != 0x7ff or word >> 17 & 3 != 1 or version == 1 or bits in (0, 15) or rate == 3:
        return None
    kbits = ((32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320) if version == 3
             else (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160))[bits - 1]
    hz = (44100, 48000, 32000)[rate] // {3: 1, 2: 2, 0: 4}[version]
    channels = 1 if word >> 6 & 3 == 3 else 2
    side = (17, 32)[channels - 1] if version == 3 else (9, 17)[channels - 1]
    return (144 if version == 3 else 72) * kbits * 1000 // hz + (word >> 9 & 1), side, hz, channels


def mpeg_parts(data: bytes) -> list[bytes]:
    """The recordings in an MP3, each with a tag that gives its length: without one libsndfile guesses it."""
    at = 0
    while data[at:at + 3] == b'ID3' and at + 10 <= len(data):
        at += 10 + sum((byte & 127) << shift for byte, shift in zip(data[at + 6:at + 10], (21, 14, 7, 0), strict=True))
    first, found = None, []
    while at + 4 <= len(data):
        header = mpeg_header(data, at)
        is_frame = header is not None and (first is None or header[2:] == first[2:]) and (
            at + header[0] == len(data) or data[at + header[0]:at + header[0] + 3] in (b'TAG', b'ID3')
            or mpeg_header(data, at + header[0]) is not None)
        if not is_frame:
            if first is None and at > 1 << 16:
                return []
            at += 1
            continue
        length, side = header[:2]
        first = first or header
        tag = at + 4 + side
        if data[tag:tag + 4] in (b'Xing', b'Info') or not found:
            found.append([at, data[tag:tag + 4] in (b'Xing', b'Info') or data[at + 36:at + 40] == b'VBRI', 0, at])
        found[-1][2] += 1
        at += length
        found[-1][3] = at
    return [data[start:end] if has_tag else length_tag(data, start, count) + data[start:end]
            for start, has_tag, count, end in found]


def length_tag(data: bytes, at: int, frames: int) -> bytes:
    """A frame of silence that says how many frames follow (Xing's tag), like the one that is here."""
    word = struct.unpack_from('>I', data, at)[0] & ~0xf200 | 0x10000 | 8 << 12
    head = struct.pack('>I', word)
    length, side = mpeg_header(head, 0)[:2]
    return (head + bytes(side) + b'Xing' + struct.pack('>II', 1, frames)).ljust(length, b'\0')
