"""Train, export and measure the continuous and discrete models of Timbreloom.

The modules follow the signal: `features` and `pitch` (analysis), `corpus` (sounds to training phrases), `nets`
(encoder, decoder), `losses`, `train`, `stream` (the same networks one hop at a time), `export` (a package),
`evaluate` (what it is worth). `python -m timbreloom_train --help` runs them in that order.
"""
import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """All that is kept for this user, as for the plugin."""
    if sys.platform == 'win32':
        data = Path(os.environ.get('APPDATA') or Path.home() / 'AppData' / 'Roaming')
    elif sys.platform == 'darwin':
        data = Path.home() / 'Library' / 'Application Support'
    else:
        data = Path(os.environ.get('XDG_DATA_HOME') or Path.home() / '.local' / 'share')
    return data / 'timbreloom'


# ONNX Runtime leaves a device's identity in the user's cache and looks up its makers' server as soon as it is imported;
# nothing else stops it (see docs/architecture.md, Privacy).
os.environ['ORT_DISABLE_TELEMETRY'] = '1'
# Matplotlib's list of fonts, and what it asks for them.
os.environ.setdefault('MPLCONFIGDIR', str(data_folder() / 'matplotlib'))
os.environ.setdefault('FONTCONFIG_FILE', str(Path(__file__).with_name('fonts.conf')))
