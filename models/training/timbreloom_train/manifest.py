"""A package's manifest as a file, for people to read: `docs/package.md` says what is in it."""
import json
from pathlib import Path
from typing import Any

MOST_EARLIER = 64      # versions of a package that the plugin reads


def compact_json(value: Any, depth: int = 0) -> str:
    """JSON with a key per line, and a list of numbers on one line."""
    inner, outer = ' ' * (depth + 1), ' ' * depth
    if isinstance(value, dict) and value:
        rows = [f'{inner}{json.dumps(key)}: {compact_json(item, depth + 1)}' for key, item in value.items()]
        return '{\n' + ',\n'.join(rows) + f'\n{outer}}}'
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return '[\n' + ',\n'.join(inner + compact_json(item, depth + 1) for item in value) + f'\n{outer}]'
    return json.dumps(value, allow_nan=False)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / 'manifest.json').write_text(compact_json(manifest) + '\n')
