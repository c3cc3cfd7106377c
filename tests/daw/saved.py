"""What an Ardour session has saved of the plugin."""
import base64
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

PLUGIN = 'Timbreloom'


def component_state(chunk: bytes) -> dict[str, Any]:
    """The JSON in a VST3 preset: header, the component's state behind its length in 8 bytes, list of chunks."""
    at = chunk.find(b'{')
    if at < 0:
        raise ValueError('the saved plugin has no JSON in its state')
    return json.JSONDecoder().raw_decode(chunk[at:].decode('utf-8', errors='replace'))[0]


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
    def read(session: Path) -> 'State':
        return State.of(ElementTree.parse(session).getroot())

    @staticmethod
    def of(session: ElementTree.Element) -> 'State':
        found = [processor for processor in session.iter('Processor')
                 if processor.get('type') == 'vst3' and processor.get('name') == PLUGIN]
        if len(found) != 1:
            raise ValueError(f'the session has {len(found)} plugins named {PLUGIN}, not 1')
        processor = found[0]
        parameters = {control.get('name', ''): control.get('value', '') for control in processor.iter('Controllable')}
        automation = {curve.get('automation-id', ''): (curve.get('state', ''), ' '.join(events.text.split()))
                      for curve in processor.iter('AutomationList')
                      for events in curve.iter('events') if events.text}
        chunk = processor.find('.//chunk')
        if chunk is None or not chunk.text:
            raise ValueError('the session holds no state of the plugin')
        return State(parameters, automation, component_state(base64.b64decode(chunk.text)))

    @property
    def model(self) -> str:
        """The name of the model that the project asks for."""
        return json.loads(self.inside['fields']['model'])['name']

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
                                            ('saved', self.inside['fields'], other.inside['fields']))
                 for key in sorted(mine.keys() | theirs.keys())]
        return [f'{name}: {mine} became {theirs}' for name, mine, theirs in pairs if not is_same(mine, theirs)]
