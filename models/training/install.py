"""Make a Python environment that can train: `python3 install.py [FOLDER]` (default: target/train-venv in the repository).

PyTorch comes from its index of CPU builds if that can be reached. Otherwise the ordinary build is taken, whose CUDA
libraries (several GB) are left out and replaced by empty stand-ins (see stub_cuda.py). Give --cuda on a computer with
an NVIDIA card to get the ordinary build whole. Run it again at any time: what is there is kept.
"""
import argparse
import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
CPU_INDEX = 'https://download.pytorch.org/whl/cpu'
TORCH_NEEDS = ('filelock', 'typing-extensions', 'sympy', 'networkx', 'jinja2', 'fsspec')
CHECK = 'import torch, onnx, onnxruntime, soundfile, scipy, matplotlib; torch.zeros(2).sum(); print("PyTorch", torch.__version__)'


# for the checks, which import it: see timbreloom_train/__init__.py
os.environ['ORT_DISABLE_TELEMETRY'] = '1'


def run(*command: object, quiet: bool = False) -> bool:
    """True if it succeeded; its output is shown unless quiet."""
    sink = subprocess.DEVNULL if quiet else None
    return subprocess.run([str(part) for part in command], stdout=sink, stderr=sink).returncode == 0


def dependencies() -> list[str]:
    """What pyproject.toml asks for, without PyTorch."""
    project = tomllib.loads((HERE / 'pyproject.toml').read_text())['project']
    return [item for item in project['dependencies'] if not item.startswith('torch')]


def install_torch(python: Path, cuda: bool) -> str:
    """-> what was installed, or '' if nothing could be."""
    pip = (python, '-m', 'pip', 'install', '--disable-pip-version-check')
    if cuda:
        return 'PyTorch with CUDA' if run(*pip, 'torch>=2.2') else ''
    print('Looking for the CPU build of PyTorch ...', flush=True)
    if run(*pip, '--retries', 0, '--timeout', 10, '--index-url', CPU_INDEX, '--no-deps', 'torch>=2.2', quiet=True):
        return 'PyTorch for the processor' if run(*pip, *TORCH_NEEDS) else ''
    print('It cannot be reached; taking the ordinary build without its CUDA libraries. (pip will name them as missing: they are '
          'not needed.)', flush=True)
    if not (run(*pip, '--no-deps', 'torch>=2.2') and run(*pip, *TORCH_NEEDS)):
        return ''
    if run(python, '-c', 'import torch', quiet=True):
        return 'PyTorch'
    return 'PyTorch with stand-ins for CUDA' if run(python, HERE / 'stub_cuda.py') else ''


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    cli.add_argument('folder', nargs='?', type=Path, default=HERE.parents[1] / 'target' / 'train-venv')
    cli.add_argument('--cuda', action='store_true', help='the whole build, for training on an NVIDIA card')
    cli.add_argument('--referees', action='store_true', help="CREPE and aiSFX, too, which judge our models in the report")
    args = cli.parse_args()
    if sys.version_info < (3, 11):
        found = re.match(r'\S+', sys.version)
        print(f'install.py needs Python 3.11 or newer, this is {found[0] if found else sys.version}', file=sys.stderr)
        return 2
    python = args.folder / ('Scripts/python.exe' if sys.platform == 'win32' else 'bin/python')
    if not python.exists():
        try:
            venv.create(args.folder, with_pip=True)
        except (OSError, subprocess.CalledProcessError):
            print(f'{args.folder}: no environment could be made there; on Debian or Ubuntu install python3-venv first',
                  file=sys.stderr)
            return 2
    if not run(python, '-c', CHECK, quiet=True):
        if not run(python, '-m', 'pip', 'install', '--disable-pip-version-check', *dependencies()):
            print('The libraries could not be fetched: is there a network connection?', file=sys.stderr)
            return 2
        if not run(python, '-c', 'import torch', quiet=True) and not install_torch(python, args.cuda):
            print('PyTorch could not be installed; see the messages above', file=sys.stderr)
            return 2
    if args.referees and not run(python, '-m', 'pip', 'install', '--disable-pip-version-check', '--no-deps', '--require-hashes', '-r',
                                 HERE / 'referees.txt'):
        print('The referees could not be fetched; see the messages above', file=sys.stderr)
        return 2
    # the package itself is found through a path file: no copy that could grow old
    places = subprocess.run([python, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], capture_output=True, text=True)
    (Path(places.stdout.strip()) / 'timbreloom_train.pth').write_text(f'{HERE}\n')
    if not run(python, '-c', CHECK + '; import timbreloom_train.train'):
        print('The libraries are there but do not load; see the message above', file=sys.stderr)
        return 2
    print(f'Ready. Train with:\n    {python} -m timbreloom_train FOLDER-OF-RECORDINGS --name my-sound --minutes 10 --out models/my-sound')
    return 0


if __name__ == '__main__':
    sys.exit(main())
