"""Stand-ins for the CUDA libraries that PyTorch's ordinary Linux build links to, for training on the processor.

Run with the Python that has this PyTorch: it reads which CUDA symbols the libraries want, compiles shared libraries
that hold them (each returns error 100, "no device"), and adds a path file that loads these before PyTorch looks for the
real ones. Needs gcc, nm and readelf (Debian: build-essential).
"""
import importlib.util
import re
import shutil
import subprocess
import sys
import sysconfig
from collections import defaultdict
from pathlib import Path

CUDA_LIBRARY = re.compile(r'lib(cu|nv|nccl)')
CUDA_SYMBOL = re.compile(r'(cu[a-zA-Z]|nv|nccl|__cuda)')
NO_DEVICE = 100


def output(*command: object) -> str:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True).stdout


def wanted(libraries: list[Path]) -> tuple[dict[str, dict[str, set[str]]], set[str]]:
    """-> for each missing library its versions and their symbols, and the CUDA symbols without a version."""
    present = {library.name for library in libraries}
    missing: set[str] = set()
    versioned: dict[str, set[str]] = defaultdict(set)
    loose: set[str] = set()
    defined: set[str] = set()
    owner: dict[str, str] = {}
    for library in libraries:
        needed = re.findall(r'NEEDED.*\[(.*?)\]', output('readelf', '-dW', library))
        missing |= {name for name in needed if name not in present and CUDA_LIBRARY.match(name)}
        for line in output('nm', '-D', library).splitlines():
            fields = line.split()
            if len(fields) >= 2 and fields[-2] == 'U':
                symbol, _, version = fields[-1].partition('@')
                if version:
                    versioned[version.lstrip('@')].add(symbol)
                else:
                    loose.add(symbol)
            elif len(fields) >= 3:
                defined.add(fields[-1].split('@')[0])
        current = ''
        for line in output('readelf', '-VW', library).splitlines():
            if match := re.search(r'File: (\S+)', line):
                current = match[1]
            if (match := re.search(r'Name: (\S+)\s+Flags', line)) and CUDA_LIBRARY.match(current):
                owner[match[1]] = current
    table: dict[str, dict[str, set[str]]] = {name: {} for name in sorted(missing)}
    for version, name in owner.items():
        if name in table:
            table[name][version] = versioned[version]
    return table, {symbol for symbol in loose - defined if CUDA_SYMBOL.match(symbol)}


def compile_stub(folder: Path, name: str, versions: dict[str, set[str]], loose: set[str]) -> None:
    symbols = loose.union(*versions.values())
    source, script = folder / f'{name}.c', folder / f'{name}.map'
    source.write_text(''.join(f'int {symbol}(void) {{ return {NO_DEVICE}; }}\n' for symbol in sorted(symbols)))
    command = ['gcc', '-w', '-fno-builtin', '-shared', '-fPIC', '-o', folder / name, source, f'-Wl,-soname,{name}']
    if versions:
        script.write_text(''.join(f'{version} {{ global: {" ".join(f"{s};" for s in sorted(held))} }};\n'
                                  for version, held in versions.items()))
        command.append(f'-Wl,--version-script={script}')
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f'gcc cannot make {name}: {done.stderr.strip()[:300]}')
    source.unlink()
    script.unlink(missing_ok=True)


def main() -> int:
    absent = [tool for tool in ('gcc', 'nm', 'readelf') if not shutil.which(tool)]
    spec = importlib.util.find_spec('torch')
    if absent or spec is None or not spec.origin:
        print(f'{", ".join(absent)} missing: install build-essential first' if absent else 'PyTorch is not installed here',
              file=sys.stderr)
        return 2
    site = Path(sysconfig.get_path('purelib'))
    folder = site / 'timbreloom_cuda_stubs'
    folder.mkdir(exist_ok=True)
    table, loose = wanted([p for p in (Path(spec.origin).parent / 'lib').iterdir() if '.so' in p.name])
    if not table:
        print('this PyTorch needs no CUDA libraries')
        return 0
    for name, versions in table.items():
        compile_stub(folder, name, versions, set())
    names = list(table)
    if loose:
        names.append('libtimbreloom_loose.so')
        compile_stub(folder, names[-1], {}, loose)
    # a library that is already loaded under its soname is not looked for again; RTLD_GLOBAL shows the loose symbols
    (site / 'timbreloom_cuda_stubs.py').write_text(
        '"""Loads the stand-ins for CUDA; made by stub_cuda.py."""\nimport ctypes\nfrom pathlib import Path\n\n'
        f'for name in {names!r}:\n    ctypes.CDLL(str(Path(__file__).parent / "timbreloom_cuda_stubs" / name), ctypes.RTLD_GLOBAL)\n')
    (site / 'timbreloom_cuda_stubs.pth').write_text('import timbreloom_cuda_stubs\n')
    print(f'{len(names)} stand-ins in {folder}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
