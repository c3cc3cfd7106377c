"""What an Ardour session has saved of the plugin.

    python saved.py SESSION.ardour PLUGIN       prints the plugin's own state: JSON
"""
import base64
import json
import math
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

EFFECT, INSTRUMENT, DRUMS = 'Timbreloom', 'Timbreloom Codes', 'Timbreloom Drums'

# Of a VST3 preset: `VST3`, version, class, where its list begins. Of an entry of that list: name, place, length.
HEADER, ENTRY = struct.Struct('<4si32sq'), struct.Struct('<4sqq')
COMPONENT = b'Comp'


def component_state(chunk: bytes) -> dict[str, Any]:
    """The JSON in a VST3 preset: header, the component's state, list of chunks."""
    at = chunk.find(b'{')
    if at < 0:
        raise ValueError('the saved plugin has no JSON in its state')
    return json.JSONDecoder().raw_decode(chunk[at:].decode('utf-8', errors='replace'))[0]


def with_fields(preset: bytes, fields: dict[str, Any]) -> bytes:
    """The same VST3 preset with other settings beside the parameters."""
    magic, version, kind, place = HEADER.unpack_from(preset)
    if magic != b'VST3' or preset[place:place + 4] != b'List':
        raise ValueError('the saved plugin is no VST3 preset')
    count, = struct.unpack_from('<i', preset, place + 4)
    body, entries = b'', b''
    for n in range(count):
        name, at, length = ENTRY.unpack_from(preset, place + 8 + n * ENTRY.size)
        part = preset[at:at + length]
        if name == COMPONENT:
            state = json.loads(part)
            state['fields'] |= {key: json.dumps(value, separators=(',', ':')) for key, value in fields.items()}
            part = json.dumps(state, separators=(',', ':')).encode()
        entries += ENTRY.pack(name, HEADER.size + len(body), len(part))
        body += part
    header = HEADER.pack(magic, version, kind, HEADER.size + len(body))
    return header + body + b'List' + struct.pack('<i', count) + entries


def processor(session: ElementTree.Element, plugin: str) -> ElementTree.Element:
    """The one plugin of this name."""
    found = [one for one in session.iter('Processor') if one.get('type') == 'vst3' and one.get('name') == plugin]
    if len(found) != 1:
        raise ValueError(f'the session has {len(found)} plugins named {plugin}, not 1')
    return found[0]


def chunk_of(plugin: ElementTree.Element) -> ElementTree.Element:
    """Where a plugin's own state lies, in Base64."""
    chunk = plugin.find('.//chunk')
    if chunk is None or not chunk.text:
        raise ValueError('the session holds no state of the plugin')
    return chunk


def settle(session: ElementTree.Element, plugin: str, fields: dict[str, Any]) -> None:
    """Writes settings beside the parameters into a saved plugin."""
    chunk = chunk_of(processor(session, plugin))
    chunk.text = base64.b64encode(with_fields(base64.b64decode(chunk.text or ''), fields)).decode()


def is_same(mine: Any, theirs: Any) -> bool:
    """Equal; numbers to seven digits, for Ardour keeps a parameter once more as a share of its range in 32 bits."""
    numbers = [number(one) for one in (mine, theirs)]
    if None in numbers:
        return mine == theirs
    return math.isclose(*numbers, rel_tol=1e-6, abs_tol=1e-6)


def number(value: Any) -> float | None:
    """Of a parameter as Ardour writes it, `"800"`, or as the plugin does, `{"f32": 800.0}`."""
    inside = value.get('f32') if isinstance(value, dict) else value
    try:
        return float(inside)
    except (TypeError, ValueError):
        return None


@dataclass
class State:
    """Everything that is to be the same after loading and saving."""
    parameters: dict[str, str]
    automation: dict[str, tuple[str, str]]
    inside: dict[str, Any]

    @staticmethod
    def read(session: Path, plugin: str = EFFECT) -> 'State':
        return State.of(ElementTree.parse(session).getroot(), plugin)

    @staticmethod
    def of(session: ElementTree.Element, plugin: str = EFFECT) -> 'State':
        found = processor(session, plugin)
        parameters = {control.get('name', ''): control.get('value', '') for control in found.iter('Controllable')}
        automation = {curve.get('automation-id', ''): (curve.get('state', ''), ' '.join(events.text.split()))
                      for curve in found.iter('AutomationList')
                      for events in curve.iter('events') if events.text}
        return State(parameters, automation, component_state(base64.b64decode(chunk_of(found).text or '')))

    @property
    def fields(self) -> dict[str, Any]:
        """The settings beside the parameters; each is a text of JSON of its own."""
        return {key: json.loads(text) for key, text in self.inside['fields'].items()}

    @property
    def model(self) -> str:
        """The name of the model that the project asks for."""
        return self.fields['model']['name']

    @property
    def points(self) -> int:
        """Of the automation, over all parameters."""
        return sum(len(events.split()) // 2 for _, events in self.automation.values())

    def differences(self, other: 'State') -> list[str]:
        """What is not the same, in words."""
        pairs = [(f'{part} {key}', mine.get(key), theirs.get(key))
                 for part, mine, theirs in (('parameter', self.parameters, other.parameters),
                                            ('automation', self.automation, other.automation),
                                            ('saved', self.inside['params'], other.inside['params']),
                                            ('saved', self.fields, other.fields))
                 for key in sorted(mine.keys() | theirs.keys())]
        return [f'{name}: {mine} became {theirs}' for name, mine, theirs in pairs if not is_same(mine, theirs)]


if __name__ == '__main__':
    json.dump(State.read(Path(sys.argv[1]), sys.argv[2]).inside, sys.stdout)
