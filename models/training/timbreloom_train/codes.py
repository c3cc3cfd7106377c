"""The command `codes`: a folder of sounds in, a measured discrete package out. Every step is kept in a work folder, so that
a stopped run goes on where it was."""
import argparse
import json
from pathlib import Path

from .codes_card import write_codes_card
from .codes_export import export_codes
from .codes_measure import evaluate_codes
from .codes_train import CodeSettings, load_codes, train_codes
from .corpus import prepare
from .evaluate import held_out_names
from .pipeline import claim_folders, said_of_recordings


def make_codes(args: argparse.Namespace) -> None:
    out = args.out or Path('models') / args.name
    work = args.work or out.with_name(out.name + '.work')
    claim_folders(out, work)
    cache, checkpoint = args.cache or work / 'corpus.npz', work / 'model.pt'
    report = cache.with_suffix('.json')
    if not cache.exists():
        made = prepare(args.folder, cache, args.corpus_minutes, args.exclude, args.whole, args.seed)
        report.write_text(json.dumps(made, indent=1) + '\n')
        for sentence in [*made['remarks'], *said_of_recordings(made)]:
            print(sentence)
    settings = CodeSettings(codes=args.codes, minutes=args.minutes, threads=args.threads, seed=args.seed)
    train_codes(cache, checkpoint, settings)
    export_codes(checkpoint, cache, out, args.name, args.description, args.licence, args.provenance, args.commit)
    held_out = held_out_names(report) if report.exists() else []
    figures = evaluate_codes(load_codes(checkpoint), [args.folder], held_out or None, args.limit)
    (work / 'evaluation.json').write_text(json.dumps(figures, indent=1) + '\n')
    write_codes_card(out, figures)
    print(json.dumps(figures))
    print(f'{out}: done; look at it with timbreloom check, codebook and target')
