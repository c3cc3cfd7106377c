"""The command `grains`: a folder of hits or notes, in a folder for each class, in; a measured grain model out. Every step is kept in a work
folder, so that a stopped run goes on where it was."""
import argparse
import json
from pathlib import Path

import torch

from .grains_card import write_grains_card
from .grains_corpus import Corpus, has_pitch, prepare_hits, read_hit
from .grains_export import export_grains
from .grains_measure import Player, Recording, judged, rebuilt
from .grains_picture import draw_hits
from .grains_train import GrainSettings, load_grains, train_grains
from .grains_tune import tune_checkpoint
from .pipeline import claim_folders

MOST_NAMED = 8   # files left out that are named
DRAWS = 100    # of each class, that are judged
TUNED = 0.4    # share of the training's time in which whole hits are listened to


def listed(names: list[str]) -> str:
    return ', '.join(names[:MOST_NAMED]) + (f' and {len(names) - MOST_NAMED} more' if len(names) > MOST_NAMED else '')


def said_of_hits(report: dict) -> list[str]:
    """What a user should know of the folder, in sentences."""
    sounds = 'notes' if 'unpitched' in report else 'hits'
    said = [f'{sum(report["classes"].values())} {sounds} of {len(report["classes"])} classes: '
            + ', '.join(f'{count} {name}' for name, count in report['classes'].items()) + '.']
    if report['held_out']:
        said.append(f'{report["held_out"]} of them are set aside to measure with.')
    if report['twins']:
        said.append(f'{len(report["twins"])} are the same strokes as some of those, and are left out, or the model would know these by heart.')
    if report.get('unpitched'):
        said.append('Without a pitch that they keep, and left out: ' + listed(report['unpitched']) + '.')
    if report.get('misnamed'):
        said.append('Of another pitch than their name says, and left out: ' + listed(report['misnamed']) + '.')
    if report['silent']:
        said.append('Silent, and left out: ' + ', '.join(report['silent']) + '.')
    said += [f'{name} has only {count} {sounds}: draws of it will be much alike.' for name, count in report['classes'].items() if count < 12]
    return said


def make_grains(args: argparse.Namespace) -> None:
    out = args.out or Path('models') / args.name
    work = args.work or out.with_name(out.name + '.work')
    claim_folders(out, work)
    torch.set_num_threads(args.threads)
    cache, rough, checkpoint, figures = work / 'corpus.npz', work / 'rough.pt', work / 'model.pt', work / 'evaluation.json'
    if not cache.exists():
        prepare_hits(args.folder, cache, args.threads, args.seed, args.pitched, args.exclude)
    if has_pitch(cache) != args.pitched:
        raise ValueError(f"{cache}: was made {'without' if args.pitched else 'with'} --pitched; give another --work, or delete {work}")
    report = json.loads(cache.with_suffix('.json').read_text())
    if report.get('exclude', '') != args.exclude:
        raise ValueError(f'{cache}: was made with another --exclude; give another --work, or delete {work}')
    for sentence in said_of_hits(report):
        print(sentence, flush=True)
    settings = GrainSettings(minutes=args.minutes * (1 - TUNED), threads=args.threads, seed=args.seed)
    train_grains(cache, rough, settings)
    tune_checkpoint(rough, checkpoint, cache, args.folder, args.minutes * TUNED, args.seed)
    manifest = export_grains(checkpoint, cache, out, args.name, args.description, args.licence, args.provenance, args.commit)
    corpus, (model, _) = Corpus.load(cache), load_grains(checkpoint)
    hits = [Recording(read_hit(args.folder / corpus.names[row]).astype(float), int(corpus.kind[row]), bool(corpus.is_held_out[row]),
                      float(corpus.f0_hz[row])) for row in range(len(corpus.kind)) if corpus.speed[row] == 100]
    player = Player(model)
    table = {'rebuilt': rebuilt(player, corpus.classes, hits),
             'drawn': judged(player, corpus.classes, hits, manifest['length_s'], DRAWS, args.seed)
             if len(corpus.classes) > 1 or args.pitched else {}}
    figures.write_text(json.dumps(table, indent=1) + '\n')
    write_grains_card(out, table)
    draw_hits(player, corpus.classes, hits, manifest['length_s'], args.seed, work / 'hits.png')
    print(f'{out}: done; look at it with timbreloom check, and play it with timbreloom drum')
