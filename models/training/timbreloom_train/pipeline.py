"""The one-shot command: a folder of sounds in, a measured package out. Every step is kept in a work folder, so that a
stopped run goes on where it was."""
import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

SEEN_LIMIT = 10     # recordings to measure on when the folder is too small to hold any out


def check_cache(cache: Path, hops: int) -> None:
    """Raise ValueError for a cache that training cannot draw a crop of `hops` hops from."""
    from .features import HOP, SR
    if not cache.exists():
        raise ValueError(f'{cache}: no such cache; make it first with the command prepare')
    with np.load(cache) as columns:
        lengths, loudness = columns['hops'], columns['loudness']
    if lengths.max() < hops + 6:
        raise ValueError(f'{cache}: its longest phrase is {lengths.max() * HOP / SR:.2f} s, training needs '
                         f'{(hops + 6) * HOP / SR:.2f} s; leave out --whole, or give longer recordings')
    if (loudness > -50).mean() < 0.02:
        raise ValueError(f'{cache}: nearly all of it is silence; give louder recordings, or leave out --whole')


def prepared(args: argparse.Namespace, work: Path) -> dict[str, Any]:
    """The report of the cache in the work folder, which is made if it is not there."""
    from .corpus import prepare
    cache, report_path = work / 'corpus.npz', work / 'corpus.json'
    request = {'folder': str(args.folder.resolve()), 'minutes': args.corpus_minutes, 'exclude': args.exclude,
               'whole': args.whole, 'seed': args.seed}
    if cache.exists() and report_path.exists():
        report = json.loads(report_path.read_text())
        if report['request'] != request:
            raise ValueError(f'{work}: holds the cache of another request; give another --work, or delete that folder')
        return report
    print(f'reading {args.folder} ...', flush=True)
    report = prepare(args.folder, cache, args.corpus_minutes, args.exclude, args.whole, args.seed) | {'request': request}
    report_path.write_text(json.dumps(report, indent=1) + '\n')
    return report


def make_package(args: argparse.Namespace) -> None:
    """Prepare, train, export, evaluate, card."""
    if not args.folder.is_dir():
        raise ValueError(f'{args.folder}: no such folder; give a folder of recordings')
    if args.device == 'cuda':
        import torch
        if not torch.cuda.is_available():
            raise ValueError('--device cuda: PyTorch finds no usable GPU here; leave the option out to train on the processor')
    from .card import write_card
    from .corpus import sound_files
    from .export import export
    from .train import Settings, train
    from .evaluate import evaluate
    if not sound_files(args.folder, args.exclude):
        raise ValueError(f'{args.folder}: no sound files found; give a folder of recordings (wav, flac, mp3, ogg, aiff)')
    work = args.work or args.out.with_name(args.out.name + '.work')
    work.mkdir(parents=True, exist_ok=True)
    report = prepared(args, work)
    print(f"{report['files']} files, {report['minutes_of_sound']} minutes of sound -> {report['minutes_of_phrases']} minutes "
          f"of phrases; {len(report['held_out'])} files held out", flush=True)

    cache, checkpoint = work / 'corpus.npz', work / 'model.pt'
    settings = Settings(minutes=args.minutes, threads=args.threads, device=args.device, seed=args.seed)
    check_cache(cache, settings.hops)
    train(cache, checkpoint, settings)
    description = args.description or f"A model of {report['minutes_of_sound']} minutes of recordings."
    export(checkpoint, cache, args.out, args.name, description, args.licence, args.provenance, args.commit)

    print('measuring ...', flush=True)
    held_out = report['held_out']
    only = held_out or [p.name for p in sound_files(args.folder, args.exclude)]
    figures = evaluate(args.out, args.folder, only, args.foreign, 60 if held_out else SEEN_LIMIT,
                       figure=work / 'spectrograms.png')
    figures['seen_in_training'] = not held_out
    (work / 'evaluation.json').write_text(json.dumps(figures, indent=1) + '\n')
    card = write_card(args.out, figures)
    own = figures['held_out']
    print(f"{args.out}: distance {own['msmel_db']['offline']} dB (a sawtooth {own['msmel_db']['sawtooth']}), "
          f"{own['plugin']['pitch_within_50_cents_percent']} % of the pitched hops within 50 cents; see {card}")
    print(f'install it: copy {args.out} to ~/.local/share/timbreloom/models/')
