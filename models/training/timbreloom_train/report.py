"""`models/REPORT.md` by one command: every package on its own sound, on foreign sound and on probes whose truth is known.

args.models: folder of packages; args.sounds: folder of recordings; args.out: the Markdown file (REPORT.json and the folder
`report` with pictures go beside it); args.timbreloom: the release program or None; args.limit: recordings per domain;
args.cache (optional): where rendered domains are kept.
"""
import argparse
import json
import math
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import interpolation, matrix, mel_pictures, own_domain, probes, report_page
from .evaluate import Take
from .features import HOP, SR, Array
from .likeness import Target
from .report_sounds import INPUTS, Clip, Sounds, into_register
from .session import Session
from .verdict import verdicts

if TYPE_CHECKING:    # referees need PyTorch, which the report itself does without
    from .referees import Domain, Referees

DEFAULT_CACHE = Path(__file__).resolve().parents[3] / 'target' / 'report-sounds'
DEFAULT_LIMIT = 20
MEASURES = 3    # counts what figures mean: since 2 a lost pitch is wrong; 3 has details, registers and the ladder
SHOWN_S = 2.5   # of each input, in the picture
REFEREED_FILES = {False: 160, True: 60}    # of a domain's training part, and of what was held out, that the embedding hears


class PackageReport:
    """The figures of one package, part by part; what cannot be measured is named in `missing`."""

    def __init__(self, package: Path, sounds: Sounds, program: Path | None, referees: 'Referees | None') -> None:
        self.package, self.sounds, self.referees = package, sounds, referees
        self.session = Session(package)
        self.player = matrix.Player(package, self.session, program)
        about = self.session.about
        self.reach = about.get('pitch') if about.get('stage', 'pitched') == 'pitched' else None
        self.missing: list[str] = []
        self.domain: list[Take] = []
        self.target: Target | None = None
        self.heard_domain: 'Domain | None' = None
        self.domain_folders: list[str] = []
        share = np.array(about['latent']['variance_share'])
        self.figures: dict[str, Any] = {
            'name': about['name'], 'folder': package.name, 'stage': about.get('stage', 'pitched'),
            'training': about['training'], 'dims': about['latent']['dims'],
            'alive': int((share >= own_domain.ALIVE_SHARE).sum()), 'variance_share': about['latent']['variance_share'],
            **own_domain.static(package, about), **own_domain.parity(package, self.session)}

    def measure(self, pictures: Path) -> dict[str, Any]:
        """-> the package's entry of REPORT.json; pictures go to the folder `pictures`."""
        self.own(pictures)
        self.foreign(pictures)
        self.figures['probes'] = self.probe()
        self.figures |= {'played_by': self.player.played_by, 'played_why': self.player.why, 'missing': self.missing}
        self.figures = without_nan(self.figures)
        self.figures['verdicts'] = [asdict(verdict) for verdict in verdicts(self.figures)]
        return self.figures

    def own(self, pictures: Path) -> None:
        try:
            domain = self.sounds.domain_of(self.package.name)
            self.domain = self.sounds.held_out(domain, self.sounds.limit)
        except (ValueError, ImportError, OSError, RuntimeError) as error:
            self.missing.append(f'own domain and spectrum distances: {error}')
            return
        self.domain_folders, self.figures['limit_db'] = domain['folders'], domain['limit_db']
        try:
            self.target = self.sounds.target(domain, self.figures['stage'] == 'pitched')
        except ValueError as error:
            self.missing.append(f'spectrum distances: {error}')
        if self.referees:
            try:
                self.heard_domain = self.referees.domain(*(self.sounds.loaded(self.sounds.files(domain, limit, held_out=is_apart))
                                                           for is_apart, limit in REFEREED_FILES.items()))
            except ValueError as error:
                self.missing.append(f'the embedding: {error}')
        played = own_domain.play(self.session, self.domain)
        self.figures['own'] = own_domain.own_domain(self.session, played)
        self.figures |= own_domain.cost(self.session, max(self.domain, key=lambda take: len(take.f0)))
        pair = interpolation.choose(played)
        if pair is None:
            self.missing.append('interpolation: fewer than two held-out recordings of a second')
            return
        path = pictures / f'{self.package.name}-interpolation.png'
        interpolation.draw(self.session, *pair, path)
        self.figures['interpolation'] = {'a': pair[0].name, 'b': pair[1].name, 'picture': f'{pictures.name}/{path.name}'}

    def clip(self, name: str) -> Clip | None:
        try:
            return self.sounds.clip(name)
        except (ValueError, ImportError, OSError, RuntimeError) as error:
            self.missing.append(f'input {name}: {error}')
            return None

    def foreign(self, pictures: Path) -> None:
        table: dict[str, Any] = {}
        shown: list[dict[str, Array]] = [{}, {}]            # inputs, what became of them
        for name, (folders, _) in INPUTS.items():
            clip = self.clip(name)
            if clip is None:
                continue
            made = self.player(clip.audio)
            own = set(folders) & {*self.domain_folders, self.package.name} != set()
            # notes that nobody plays have no way to go
            target, domain = (None, None) if name == 'ladder' else (self.target, self.heard_domain)
            table[name] = {**matrix.judge(clip, made, target), 'own': own}
            outputs = clip.split(made)
            title, heard = name, outputs
            if self.referees:
                table[name]['referees'] = self.referees.judge(clip, outputs, domain)
                if not own and (transpose_st := into_register(clip, self.reach)):
                    moved = clip.split(self.player(clip.audio, transpose_st))
                    title, heard = f'{name} {transpose_st:+d} st', moved
                    table[name]['in_register'] = {'transpose_st': transpose_st,
                                                  **self.referees.judge(clip, moved, self.heard_domain, transpose_st)}
            if name == 'chord':
                kept = [probes.partials_kept(take.audio, output) for take, output in zip(clip.takes, outputs)]
                self.figures['chord'] = {'partials_kept_percent': round(float(np.mean(kept)), 1)}
            elif name == 'drums':
                self.figures['drum_loop'] = onsets_of(clip, outputs)
            longest = max(range(len(heard)), key=lambda index: len(heard[index]))
            pair = (clip.audio, made) if name == 'ladder' else (clip.takes[longest].audio, heard[longest])
            for side, key, sound in zip(shown, (name, title), pair):
                side[key] = sound if name == 'ladder' else sound[:int(SHOWN_S * SR)]
        self.figures['foreign'] = table
        if shown[0]:
            path = pictures / f'{self.package.name}-inputs.png'
            mel_pictures.draw(shown, path)
            self.figures['inputs_picture'] = f'{pictures.name}/{path.name}'

    def probe(self) -> dict[str, Any]:
        clip = self.sounds.probe()
        made = clip.split(self.player(clip.audio))
        return {probe.name: probes.pitch_against_truth(probe, sound) for probe, sound in zip(probes.all_probes(), made)}


def without_nan(value: Any) -> Any:
    """None for what is no number: the correlation of a silent output."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def onsets_of(clip: Clip, outputs: list[np.ndarray]) -> dict[str, Any]:
    rows = [probes.onsets_kept(take.audio, output) for take, output in zip(clip.takes, outputs)]
    offsets = np.array([ms for row in rows for ms in row['offsets_ms']])
    total = sum(row['onsets'] for row in rows)
    return {'onsets': total, 'kept_percent': round(100 * len(offsets) / max(total, 1), 1),
            'median_offset_ms': round(float(np.median(offsets)), 1) if len(offsets) else None,
            'median_off_ms': round(float(np.median(np.abs(offsets))), 1) if len(offsets) else None}


def measured_before(table: Path, again: set[str]) -> dict[str, Any]:
    """The entries of an earlier report, but for those to be measured again. Raises ValueError when there is none."""
    if not table.exists():
        raise ValueError(f'{table}: no earlier report to keep the other packages from; leave --only out')
    found = json.loads(table.read_text())
    if found.get('measures') != MEASURES:
        raise ValueError(f'{table}: was measured otherwise; leave --only out')
    return {entry['folder']: entry for entry in found['models'] if entry['folder'] not in again}


def report(args: argparse.Namespace) -> None:
    """Measure all packages and write the report. Raises ValueError when there is nothing to measure."""
    packages = sorted(path.parent for path in args.models.glob('*/manifest.json')
                      if json.loads(path.read_text()).get('kind') == 'continuous')
    if not packages:
        raise ValueError(f'{args.models}: no package (a folder with manifest.json) in it; give the folder of the packages')
    if unknown := set(args.only) - {package.name for package in packages}:
        raise ValueError(f'--only {" ".join(sorted(unknown))}: no such package in {args.models}; give names of its folders, '
                         'with spaces between them')
    if not args.sounds.is_dir():
        raise ValueError(f'{args.sounds}: no such folder; give the folder of the recordings')
    program = args.timbreloom
    if program and not program.exists():
        raise ValueError(f'{program}: no such program; build it with `cargo build --release`, or leave --timbreloom out')
    if args.out.is_dir():
        raise ValueError(f'{args.out}: is a folder; give the file to write, such as {args.out / "REPORT.md"}')
    pictures = args.out.parent / 'report'
    pictures.mkdir(parents=True, exist_ok=True)
    sounds = Sounds(args.sounds, getattr(args, 'cache', None) or DEFAULT_CACHE, args.limit or DEFAULT_LIMIT)
    referees = None
    if args.referees:
        from .referees import Referees
        referees = Referees()
    kept = measured_before(args.out.with_suffix('.json'), set(args.only)) if args.only else {}
    began, models = time.monotonic(), []
    for package in packages:
        if package.name in kept:
            models.append(kept[package.name])
            continue
        started = time.monotonic()
        models.append(PackageReport(package, sounds, program.absolute() if program else None, referees).measure(pictures))
        print(f'{package.name}: measured in {time.monotonic() - started:.0f} s', flush=True)
    probe = sounds.probe()
    table = {'measures': MEASURES, 'limit': sounds.limit, 'models': models,
             'tracker_on_probes': {made.name: probes.pitch_against_truth(made, take.audio)
                                   for made, take in zip(probes.all_probes(), probe.takes)},
             'inputs': {name: {'files': len(clip.takes), 'seconds': round(sum(len(t.f0) for t in clip.takes) * HOP / SR, 1)}
                        for name, clip in ((name, sounds.clip(name)) for name in INPUTS)}}
    args.out.with_suffix('.json').write_text(json.dumps(table, indent=1, allow_nan=False) + '\n')
    notes = Path(__file__).resolve().parent.parent / 'notes' / 'ablations.md'
    args.out.write_text(report_page.page(table, notes.read_text() if notes.exists() else ''))
    print(f'{args.out}: {len(models)} packages in {time.monotonic() - began:.0f} s')
