"""Command line: from a folder of sounds to a package that the plugin plays."""
import argparse
import json
import re
import sys
from collections.abc import Collection
from pathlib import Path


def parser() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """-> the parser, the names of its commands"""
    top = argparse.ArgumentParser(prog='python -m timbreloom_train', description=__doc__)
    commands = top.add_subparsers(dest='command', required=True, metavar='COMMAND')

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    def exclude_option(cli: argparse.ArgumentParser) -> None:
        cli.add_argument('--exclude', type=pattern, default='', metavar='REGEX', help='leave out files whose name matches')

    def sound_options(cli: argparse.ArgumentParser) -> None:
        exclude_option(cli)
        cli.add_argument('--whole', action='store_true', help='recordings are long phrases: use them as they are, without varying them')

    def compute_options(cli: argparse.ArgumentParser) -> None:
        cli.add_argument('--threads', type=positive, default=2, help='processor cores to use (default 2)')
        cli.add_argument('--device', choices=('cpu', 'cuda'), default='cpu', help='cuda: train on an NVIDIA card')
        cli.add_argument('--seed', type=int, default=0)
        cli.add_argument('--learning-rate', type=positive_number, help='default: 0.0015, or 0.0008 with a starting point')
        cli.add_argument('--low-latency', action='store_true', help='a model that answers 16 ms sooner and sounds a little less exact')

    def package_options(cli: argparse.ArgumentParser, needs_name: bool = True) -> None:
        cli.add_argument('--name', required=needs_name, help='shown in the plugin' + ('' if needs_name else " (default: the folder's name)"))
        cli.add_argument('--description', default='')
        cli.add_argument('--licence', default='not stated', help='what others may do with the model')
        cli.add_argument('--provenance', default='not stated', help='where the recordings come from')
        cli.add_argument('--commit', default='', help='version of the training code, for the manifest')

    cli = command('all', 'prepare, train, export and measure in one go; run it again to go on where it stopped. The word "all" '
                  'may be left out')
    cli.add_argument('folder', type=Path, help='your recordings')
    cli.add_argument('--out', type=Path, help='folder of the package (default: models/NAME)')
    cli.add_argument('--minutes', type=positive_number, default=60.0, help='of training (default 60)')
    cli.add_argument('--from', dest='start', default='auto', metavar='START',
                     help='starting point: pitched, general, nothing, a .pt file or a package (default: the one of the stage)')
    cli.add_argument('--stage', choices=('auto', 'pitched', 'general'), default='auto',
                     help='pitched: one note at a time; general: chords, drums, noise (default: by listening)')
    cli.add_argument('--corpus-minutes', type=positive_number, help='of phrases made from the sounds (default: by how much sound there is)')
    cli.add_argument('--work', type=Path, help='folder for the cache and the checkpoint (default: OUT.work)')
    cli.add_argument('--foreign', type=Path, nargs='*', default=[], help='folders of other sounds to try it on')
    sound_options(cli)
    cli.add_argument('--notes', action='store_true', help='recordings are single notes, however long they are')
    compute_options(cli)
    package_options(cli, needs_name=False)

    cli = command('codes', 'the same for a discrete model: a folder of sounds with pitch -> a codebook to be played by descriptors')
    cli.add_argument('folder', type=Path, help='your recordings')
    cli.add_argument('--out', type=Path, help='folder of the package (default: models/NAME)')
    cli.add_argument('--minutes', type=positive_number, default=7.0, help='of training (default 7)')
    cli.add_argument('--codes', type=codebook_size, default=512, help='size of the codebook, 16 to 4096 (default 512)')
    cli.add_argument('--corpus-minutes', type=positive_number, default=45.0, help='of phrases made from the sounds (default 45)')
    cli.add_argument('--cache', type=Path, help='a cache of phrases that prepare made, to use instead')
    cli.add_argument('--work', type=Path, help='folder for the cache and the checkpoint (default: OUT.work)')
    cli.add_argument('--limit', type=positive, default=30, help='recordings to measure on (default 30)')
    cli.add_argument('--threads', type=positive, default=1, help='processor cores to use (default 1)')
    cli.add_argument('--seed', type=int, default=0)
    sound_options(cli)
    package_options(cli)

    cli = command('grains', 'a drum machine of your own: a folder with a folder of hits for each class -> a model for Timbreloom Drums; '
                  'or of notes')
    cli.add_argument('folder', type=Path, help='your hits, as in kick/one.wav, snare/two.wav')
    cli.add_argument('--pitched', action='store_true', help='they are notes of one pitch each, as in cello/one.wav, flute/two.wav')
    exclude_option(cli)
    cli.add_argument('--out', type=Path, help='folder of the package (default: models/NAME)')
    cli.add_argument('--minutes', type=positive_number, default=45.0, help='of training (default 45)')
    cli.add_argument('--work', type=Path, help='folder for the cache and the checkpoint (default: OUT.work)')
    cli.add_argument('--threads', type=positive, default=2, help='processor cores to use (default 2)')
    cli.add_argument('--seed', type=int, default=0)
    package_options(cli)

    cli = command('codes-report', 'measure all discrete packages with the program timbreloom and write the report')
    cli.add_argument('models', type=Path, help='folder of packages')
    cli.add_argument('--timbreloom', type=Path, required=True, help='the program timbreloom')
    cli.add_argument('--out', type=Path, default=Path('models/REPORT-codes.md'), help='file to write (default models/REPORT-codes.md)')

    cli = command('prepare', 'a folder of sounds -> a cache of phrases')
    cli.add_argument('folder', type=Path)
    cli.add_argument('cache', type=Path, help='file to write (.npz); beside it a report (.json) with the held-out names')
    cli.add_argument('--minutes', type=positive_number, default=45.0)
    cli.add_argument('--seed', type=int, default=0)
    sound_options(cli)

    cli = command('train', 'a cache -> a checkpoint; goes on with an existing one')
    cli.add_argument('cache', type=Path)
    cli.add_argument('checkpoint', type=Path)
    cli.add_argument('--minutes', type=positive_number, default=60.0)
    cli.add_argument('--init', '--from', dest='start', default='nothing', metavar='START',
                     help='pitched, general, a .pt file or a package to take the first weights from')
    cli.add_argument('--keep-encoder', action='store_true',
                     help='only the decoder learns: latents, and what a project holds of them, stay what they are (needs --from)')
    cli.add_argument('--stage', choices=('pitched', 'general'), default='pitched')
    cli.add_argument('--foreign', type=Path, nargs='*', default=[], metavar='CACHE',
                     help='caches of other domains, whose sounds the encoder learns to place among its own')
    compute_options(cli)

    cli = command('slim', 'a checkpoint -> a starting point: the networks alone, in half precision')
    cli.add_argument('checkpoint', type=Path)
    cli.add_argument('out', type=Path)

    cli = command('export', 'a checkpoint and its cache -> a package')
    cli.add_argument('checkpoint', type=Path)
    cli.add_argument('cache', type=Path)
    cli.add_argument('out', type=Path)
    cli.add_argument('--emphasis', type=positive_number, default=1.0,
                     help='how much farther from the middle of its space the decoder plays than it was trained to (default 1)')
    cli.add_argument('--decoder-bits', type=int, choices=(32, 8), default=32,
                     help='8: the decoder\'s matrices in eight bits, for less work per hop and a smaller package (default 32)')
    package_options(cli)

    cli = command('macros', 'find what a package can be turned in, as bright or breath, and write it into its manifest')
    cli.add_argument('package', type=Path)
    cli.add_argument('folder', type=Path, help='recordings of its domain')
    cli.add_argument('--only', type=Path, help='the report of prepare (.json) or a list of file names that the training did not see, to measure on')
    exclude_option(cli)

    cli = command('macros-report', 'the same for all packages of the report, with a page of figures')
    cli.add_argument('models', type=Path, help='folder of packages')
    cli.add_argument('--sounds', type=Path, required=True, help='folder with one folder of recordings per domain')
    cli.add_argument('--cache', type=Path, required=True, help='folder to keep rendered sounds in')
    cli.add_argument('--out', type=Path, default=Path('models/REPORT-macros.md'), help='file to write (default models/REPORT-macros.md)')
    cli.add_argument('--only', nargs='+', default=[], metavar='NAME', help='find these again, and keep the others')

    cli = command('evaluate', 'measure a package on recordings')
    cli.add_argument('package', type=Path)
    cli.add_argument('folder', type=Path)
    cli.add_argument('--only', type=Path, help='the report of prepare (.json) or a list of file names')
    cli.add_argument('--foreign', type=Path, nargs='*', default=[])
    cli.add_argument('--limit', type=positive, default=60, help='files at most (default 60)')
    cli.add_argument('--foreign-limit', type=positive, default=20)
    cli.add_argument('--json', type=Path, help='write the figures here')
    cli.add_argument('--figure', type=Path, help='write a picture of spectrograms here (.png)')
    cli.add_argument('--card', action='store_true', help='write card.md into the package')
    cli.add_argument('--notes', type=Path, help='Markdown to put at the end of the card')

    cli = command('card', 'write card.md from a package and the figures of evaluate')
    cli.add_argument('package', type=Path)
    cli.add_argument('figures', type=Path)
    cli.add_argument('--notes', type=Path, help='Markdown to put at the end of the card')

    cli = command('check-tracker', 'the pitch tracker against note names (instrument_As3_...), or causal against whole search')
    cli.add_argument('folder', type=Path)
    cli.add_argument('--limit', type=positive, default=60)
    cli.add_argument('--pattern', type=pattern, default='', help='regex on the file name')

    cli = command('render', 'make a folder of sounds where there are no recordings (needs fluidsynth and its sound font)')
    cli.add_argument('domain', choices=('choir', 'choir-unseen', 'drums', 'guitar', 'scream', 'strings', 'sung', 'synth'))
    cli.add_argument('out', type=Path, help='folder to write the sounds to')
    cli.add_argument('--minutes', type=positive_number, default=20.0, help='of sound (default 20)')
    cli.add_argument('--source', type=Path, help='for drums: a folder of single hits; for scream and sung: one of spoken sentences')

    cli = command('blind', 'make the pairs of sounds of docs/listen: an earlier version of the models against the present one')
    cli.add_argument('old', type=Path, help='folder of the earlier packages')
    cli.add_argument('new', type=Path, help='folder of the present packages')
    cli.add_argument('--sounds', type=Path, required=True, help='folder with one folder of recordings per domain')
    cli.add_argument('--timbreloom', type=Path, help='the release program, to play them in the engine of the plugin')
    cli.add_argument('--out', type=Path, default=Path('docs/listen'), help='folder to fill (default docs/listen)')

    cli = command('listen', 'make the sounds of docs/listen/README.md: eight inputs before and after')
    cli.add_argument('models', type=Path, help='folder of packages')
    cli.add_argument('--timbreloom', type=Path, required=True, help='the release program')
    cli.add_argument('--fixtures', type=Path, default=Path('tests/fixtures'), help='folder of sung.wav and spoken.wav (default tests/fixtures)')
    cli.add_argument('--out', type=Path, default=Path('docs/listen'), help='folder to fill (default docs/listen)')

    cli = command('report', 'measure all packages against each other and write the report')
    cli.add_argument('models', type=Path, help='folder of packages')
    cli.add_argument('--sounds', type=Path, required=True, help='folder with one folder of recordings per domain')
    cli.add_argument('--out', type=Path, default=Path('models/REPORT.md'), help='file to write (default models/REPORT.md)')
    cli.add_argument('--timbreloom', type=Path, help='the program timbreloom, to measure with')
    cli.add_argument('--limit', type=positive, help='recordings per domain')
    cli.add_argument('--cache', type=Path, help='folder to keep rendered sounds in')
    cli.add_argument('--only', nargs='+', default=[], metavar='NAME', help='measure these again, and keep the others')
    cli.add_argument('--referees', action='store_true', help='let CREPE and an embedding judge, too (see install.py --referees)')
    return top, commands.choices


def parse(arguments: list[str]) -> argparse.Namespace:
    """Without a command it is `all`: `FOLDER --name ...`."""
    top, commands = parser()
    first = arguments[0] if arguments else '--help'
    if first in ('-h', '--help') or first in commands:
        return top.parse_args(arguments or ['--help'])
    return top.parse_args(['all', *arguments])


def pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f'{text!r} is not a regular expression: {error}') from error
    return text


def codebook_size(text: str) -> int:
    value = int(text)
    if not 16 <= value <= 4096:
        raise argparse.ArgumentTypeError(f'{text} is not 16 to 4096')
    return value


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is not above 0')
    return value


def positive_number(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f'{text} is not above 0')
    return value


def run(args: argparse.Namespace) -> None:
    """One command. The imports wait until here: most commands do not need PyTorch, and it loads slowly."""
    if args.command == 'all':
        from .pipeline import make_package
        make_package(args)
    elif args.command == 'codes':
        from .codes import make_codes
        make_codes(args)
    elif args.command == 'grains':
        from .grains import make_grains
        make_grains(args)
    elif args.command == 'codes-report':
        from .codes_report import codes_report
        codes_report(args.models, args.timbreloom, args.out)
    elif args.command == 'prepare':
        from .corpus import prepare
        report = prepare(args.folder, args.cache, args.minutes, args.exclude, args.whole, args.seed)
        args.cache.with_suffix('.json').write_text(json.dumps(report, indent=1) + '\n')
        print(f"{args.cache}: {report['files']} files, {report['minutes_of_phrases']} minutes of phrases")
    elif args.command == 'train':
        from .pipeline import check_cache, check_device, settings_for, starting_point
        from .train import train
        check_device(args.device)
        init, _ = starting_point(args.start, args.stage)
        settings = settings_for(args, args.stage, init)
        check_cache(args.cache, settings.hops)
        train(args.cache, args.checkpoint, settings, init, args.foreign)
    elif args.command == 'slim':
        from .train import slim
        slim(args.checkpoint, args.out)
    elif args.command == 'export':
        from .export import export
        export(args.checkpoint, args.cache, args.out, args.name, args.description, args.licence, args.provenance, args.commit,
               args.emphasis, args.decoder_bits)
    elif args.command == 'macros':
        from .corpus import sound_files
        from .evaluate import held_out_names
        from .macros import find
        find(args.package, sound_files(args.folder, args.exclude), held_out_names(args.only) if args.only else [])
    elif args.command == 'macros-report':
        from .macros import report as macros_report
        macros_report(args.models, args.sounds, args.cache, args.out, args.only)
    elif args.command == 'evaluate':
        from .card import write_card
        from .evaluate import evaluate, held_out_names
        only = held_out_names(args.only) if args.only else None
        figures = evaluate(args.package, args.folder, only, args.foreign, args.limit, args.foreign_limit, args.figure)
        text = json.dumps(figures, indent=1)
        print(text)
        if args.json:
            args.json.write_text(text + '\n')
        if args.card:
            print(write_card(args.package, figures, args.notes), file=sys.stderr)
    elif args.command == 'card':
        from .card import write_card
        print(write_card(args.package, json.loads(args.figures.read_text()), args.notes))
    elif args.command == 'check-tracker':
        from .tracker import check
        print(json.dumps(check(args.folder, args.limit, args.pattern), indent=1))
    elif args.command == 'render':
        from .domains import render
        render(args.domain, args.out, args.minutes, args.source)
    elif args.command == 'report':
        from .report import report
        report(args)
    elif args.command == 'listen':
        from .listen import listen
        listen(args.models, args.timbreloom.absolute(), args.fixtures, args.out)
    elif args.command == 'blind':
        from .blind import blind
        blind(args)


def main() -> int:
    """-> exit status: 0, or 2 with one line that says what to do."""
    args = parse(sys.argv[1:])
    try:
        run(args)
    except ImportError as error:
        message = f'{error}. Install the libraries first: python3 models/training/install.py'
    except OSError as error:
        message = f'{error.filename}: {error.strerror}' if error.filename else str(error)
    except (ValueError, RuntimeError) as error:
        # RuntimeError: unreadable sounds (soundfile), refused exports; all tell what happened in their first line
        message = str(error).strip().split('\n')[0]
    except KeyboardInterrupt:
        message = 'stopped; the last checkpoint is at most two minutes old, run the same command again to go on'
    else:
        return 0
    print(f'timbreloom_train: {message}', file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main())
