"""The one-shot command: a folder of sounds in, a measured package out. Every step is kept in a work folder, so that a
stopped run goes on where it was."""
import argparse
import contextlib
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from . import split
from .corpus import prepare, sound_files
from .features import DELAY, HOP, SR
from .progress import Progress, TrainingState, duration, read_losses

CHECKPOINTS = Path(__file__).resolve().parents[1] / 'checkpoints'
LOW_LATENCY_DELAY = 320        # samples, of the pitched stage
SEEN_LIMIT = 10                # recordings to measure on when the folder is too small to hold any out
EXAMINED_LIMIT = 40
PHRASES_PER_SOUND = 4          # minutes of phrases made of a minute of sound, within the two limits below
PHRASE_MINUTES = (8.0, 45.0)
FINE_TUNING_RATE = 8e-4        # of a model that starts from another; the default of `Settings` is for one that does not
LITTLE_SOUND_SECONDS = 120.0
MOST_REMARKS = 8               # about recordings left out, that are printed


def check_cache(cache: Path, hops: int) -> None:
    """Raise ValueError for a cache that training cannot draw a crop of `hops` hops from."""
    if not cache.exists():
        raise ValueError(f'{cache}: no such cache; make it first with the command prepare')
    with np.load(cache) as columns:
        lengths, loudness = columns['hops'], columns['loudness']
    if lengths.max() < hops + 8:
        raise ValueError(f'{cache}: its longest phrase is {lengths.max() * HOP / SR:.2f} s, training needs '
                         f'{(hops + 8) * HOP / SR:.2f} s; leave out --whole, or give longer recordings')
    if (loudness > -50).mean() < 0.02:
        raise ValueError(f'{cache}: nearly all of it is silence; give louder recordings, or leave out --whole')


def claim_folders(out: Path, work: Path) -> None:
    """Make both folders, or say why they cannot be used."""
    if out.is_dir() and any(out.iterdir()) and not (out / 'manifest.json').exists():
        raise ValueError(f'{out}: this folder holds other things; give a new folder for the package')
    for folder in (out.parent, work):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            trial = folder / '.timbreloom-trial'
            trial.touch()
            trial.unlink()
        except OSError as error:
            raise ValueError(f'{folder}: cannot be written to ({error.strerror}); give another --out') from error
    if out.exists() and not out.is_dir():
        raise ValueError(f'{out}: this is a file; give a folder for the package')


def starting_point(wanted: str, stage: str) -> tuple[Path | None, str]:
    """-> (checkpoint to start from, a sentence about it). wanted: auto, nothing, the name of a shipped one, or a file."""
    if wanted == 'nothing':
        return None, 'from nothing, as asked for'
    name = stage if wanted == 'auto' else wanted
    shipped = CHECKPOINTS / f'{name}.pt'
    if shipped.exists():
        return shipped, f'from the model {name!r}, which knows instruments already'
    if wanted == 'auto':
        return None, f'from nothing: there is no starting point {shipped}; this takes an hour rather than ten minutes'
    if Path(wanted).is_file() or (Path(wanted) / 'manifest.json').is_file():
        return Path(wanted), f'from {wanted}'
    known = ', '.join(sorted(p.stem for p in CHECKPOINTS.glob('*.pt')))
    raise ValueError(f'--from {wanted}: no such starting point; known are nothing{", " + known if known else ""}, '
                     'or give a .pt file or a package')


def sizes_of(init: Path | None) -> dict[str, int]:
    """The sizes of the networks in a checkpoint, for the settings of the model that starts from it."""
    if init is None:
        return {}
    from .train import saved_of
    try:
        saved = saved_of(init)['settings']
    except ValueError as error:
        raise ValueError(f'--from {init}: cannot be started from; give a .pt file that train or slim wrote, or a package '
                         f'({error})') from error
    return {key: saved[key] for key in ('encoder_channels', 'encoder_blocks', 'decoder_channels', 'decoder_blocks')}


def fingerprint(recordings: list[split.Recording]) -> list[int]:
    """Number of files and of bytes: enough to see that recordings came or went."""
    return [len(recordings), sum(r.path.stat().st_size for r in recordings)]


def remembered(path: Path, request: dict[str, Any], work: Path, changed: str) -> dict[str, Any] | None:
    """What an earlier run wrote, if it was asked for the same; None if there was none."""
    if not path.exists():
        return None
    report: dict[str, Any] = json.loads(path.read_text())
    if report['request'] != request:
        raise ValueError(f'{work}: holds a run with {changed}; give another --out or --work, or delete that folder to begin anew')
    return report


def prepared(args: argparse.Namespace, work: Path) -> dict[str, Any]:
    """The report of the cache in the work folder, which is made if it is not there."""
    cache, path = work / 'corpus.npz', work / 'corpus.json'
    recordings = split.survey(args.folder, args.exclude)
    request = {'folder': str(args.folder.resolve()), 'recordings': fingerprint(recordings), 'minutes': args.corpus_minutes,
               'exclude': args.exclude, 'whole': args.whole, 'notes': args.notes, 'stage': args.stage, 'seed': args.seed}
    report = remembered(path, request, work, 'other recordings or options') if cache.exists() else None
    if report:
        return report
    stage, why_stage = split.choose_stage(args.stage, recordings)
    check_low_latency(args.low_latency, stage)
    plan = split.plan(args.folder, recordings, work, args.exclude, args.whole, args.notes)
    least, most = PHRASE_MINUTES
    minutes = args.corpus_minutes or min(max(PHRASES_PER_SOUND * plan.seconds / 60, least), most)
    report = prepare(plan.folder, cache, minutes, plan.exclude, plan.whole, args.seed)
    held_out = plan.held_out or report['held_out']
    examined = [p.name for p in sound_files(plan.examined) if p.name in set(held_out)] or \
               [r.path.name for r in recordings][:SEEN_LIMIT]
    report |= {'request': request, 'stage': stage, 'why_stage': why_stage, 'long': plan.long, 'why_long': plan.why,
               'recordings': len(recordings), 'seconds_of_recordings': round(plan.seconds, 1), 'held_out': held_out,
               'examined_folder': str(plan.examined), 'examined': examined}
    path.write_text(json.dumps(report, indent=1) + '\n')
    return report


def said_of_recordings(report: dict[str, Any]) -> list[str]:
    """Which recordings are left out, a sentence each; of many the first, and how many there are. What is wrong with one
    `split.survey` has said."""
    found = [f'{name}: is left out, it holds too little sound above silence' for name in report.get('left_out', [])]
    more = len(found) - MOST_REMARKS
    return found if more <= 0 else [*found[:MOST_REMARKS], f'and {more} more of the kind; corpus.json in the work folder has them all']


def check_low_latency(wanted: bool, stage: str) -> None:
    if wanted and stage == 'general':
        raise ValueError('--low-latency: only for the pitched stage; leave it out, or give --stage pitched')


def settings_for(args: argparse.Namespace, stage: str, init: Path | None) -> Any:
    """Settings of the training; the imports of PyTorch start here."""
    from .train import Settings
    check_low_latency(args.low_latency, stage)
    rate = args.learning_rate or (FINE_TUNING_RATE if init else Settings.learning_rate)
    keep_encoder = getattr(args, 'keep_encoder', False)
    if keep_encoder and init is None:
        raise ValueError('--keep-encoder: there is none without --from')
    delay = LOW_LATENCY_DELAY if args.low_latency else DELAY
    settings = Settings(minutes=args.minutes, learning_rate=rate, threads=args.threads, device=args.device, seed=args.seed,
                        stage=stage, delay=delay, keep_encoder=keep_encoder, **sizes_of(init))
    settings.check()
    return settings


def check_device(device: str) -> None:
    if device == 'cuda':
        import torch
        if not torch.cuda.is_available():
            raise ValueError('--device cuda: PyTorch finds no usable GPU here; leave the option out to train on the processor')


def train_model(args: argparse.Namespace, work: Path, report: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Train, or go on training, the checkpoint in the work folder; -> what was decided, for the report."""
    from .train import read_checkpoint, train
    checkpoint, cache, path = work / 'model.pt', work / 'corpus.npz', work / 'training.json'
    init, why_init = starting_point(args.start, report['stage'])
    settings = settings_for(args, report['stage'], init)
    request = {'stage': settings.stage, 'delay': settings.delay, 'from': str(init)}
    if checkpoint.exists():
        remembered(path, request, work, 'another stage, delay or starting point')
    path.write_text(json.dumps({'request': request, 'settings': asdict(settings)}, indent=1) + '\n')
    check_cache(cache, settings.hops)
    before = read_checkpoint(checkpoint)['seconds'] / 60 if checkpoint.exists() else 0.0
    if before:
        progress.say(f'going on with the model of an earlier run, trained for {duration(60 * before)} so far')
    else:
        progress.say(f'starting {why_init}')
    title = 'Training' if args.device == 'cpu' else 'Training on the GPU'
    with progress.phase(title, TrainingState(checkpoint.with_name(checkpoint.name + '.log.csv'), args.minutes, before)):
        train(cache, checkpoint, settings, init)
    return {'stage': settings.stage, 'delay_samples': settings.delay, 'from': init.name if init else 'nothing',
            'settings': asdict(settings)}


def make_package(args: argparse.Namespace) -> None:
    """Prepare, train, export, measure, report."""
    args.name = args.name or args.folder.resolve().name
    out = args.out or Path('models') / args.name
    work = args.work or out.with_name(out.name + '.work')
    split.survey(args.folder, args.exclude)
    check_device(args.device)
    init, _ = starting_point(args.start, 'pitched' if args.stage == 'auto' else args.stage)
    claim_folders(out, work)
    sizes_of(init)
    from .card import write_card
    from .evaluate import evaluate
    from .export import export
    from .macros import find
    from .page import write_page

    progress = Progress(5, work / 'log.txt', sys.stdout)
    with progress.phase('Listening to the recordings'):
        report = prepared(args, work)
    progress.say(f"{report['recordings']} files, {duration(report['seconds_of_recordings'])} of sound; {report['why_long']}")
    for sentence in said_of_recordings(report):
        progress.say(sentence)
    progress.say(f"the {report['stage']} stage: {report['why_stage']}")
    progress.say(f"{len(report['held_out'])} recordings or parts set aside to examine the model with" if report['held_out']
                 else 'too few recordings to set any aside: the model is examined on what it was trained on')
    if report['seconds_of_recordings'] < LITTLE_SOUND_SECONDS:
        progress.say('this is little sound: five minutes or more make a better model')

    run = train_model(args, work, report, progress) | {'corpus': report}

    with progress.phase('Writing and checking the package'):
        description = args.description or f"A model of {duration(report['seconds_of_recordings'])} of recordings."
        export(work / 'model.pt', work / 'corpus.npz', out, args.name, description, args.licence, args.provenance, args.commit)

    with progress.phase('Finding what can be turned in it'):
        folder, only = Path(report['examined_folder']), report['examined']
        try:
            find(out, sound_files(folder), report['held_out'])
        except ValueError as error:
            progress.say(f'no macros: {error}')

    with progress.phase('Measuring it on the recordings set aside'):
        figures = evaluate(out, folder, only, args.foreign, EXAMINED_LIMIT)
        figures['seen_in_training'] = not report['held_out']
        losses = read_losses(work / 'model.pt.log.csv')
        judgement, page = write_page(out, folder, only, EXAMINED_LIMIT, figures, losses, run, work / 'report')
        figures['held_out']['msmel_db']['coloured_noise'] = page['baselines_msmel_db']['coloured_noise']
        (work / 'evaluation.json').write_text(json.dumps(figures, indent=1) + '\n')
        write_card(out, figures)
    # beside the package, not in it: a package stays small and is checked file by file
    beside = out.with_name(out.name + '-report.png')
    with contextlib.suppress(OSError):
        shutil.copyfile(work / 'report.png', beside)
    own = figures['held_out']
    print(f"\n{judgement}\n  distance from the recordings {own['msmel_db']['offline']} dB (a sawtooth {own['msmel_db']['sawtooth']})\n"
          f'  report:  {beside}\n  package: {out}\nTo play it, copy the package to where the plugin looks:\n  {install_hint(out)}')


def install_hint(out: Path) -> str:
    """The shell command that installs a package for the plugin on this system."""
    if sys.platform == 'win32':
        return f'xcopy /E /I "{out}" "%APPDATA%\\timbreloom\\models\\{out.name}"'
    place = '~/Library/Application\\ Support/timbreloom/models' if sys.platform == 'darwin' else '~/.local/share/timbreloom/models'
    return f"mkdir -p {place} && cp -r '{out}' {place}/"
