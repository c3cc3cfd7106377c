"""Macros: directions through a latent space, each of which moves one thing that people ask for by ear and leaves the rest.

They are found, not drawn: how the decoder's sound answers to offsets of the latent is measured in eight descriptors. For each macro a
linear programme takes the strongest way within the model's range that moves the others little; it is corrected by what really
sounds, and judged on recordings that it was not made from. What fails is left out. The same measurement names the dimensions.
"""
import itertools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.stats import spearmanr

from .detail import WIDE, wide_power
from .evaluate import SHORTEST_HOPS, prepare
from .features import HOP, SR, Array
from .manifest import MOST_EARLIER, write_manifest
from .session import Session

# In the order of the plugin's parameters `macro_1` ...; `src/controls/macros.rs` has the same words.
WORDS = ('bright', 'breath', 'body', 'hollow', 'nasal', 'warm', 'boom', 'air')
AGAINST = ('dark', 'clean', 'thin', 'full', 'open', 'cold', 'lean', 'dull')    # of a dimension that goes the other way
BANDS_HZ = {'nasal': (600.0, 2000.0), 'warm': (150.0, 600.0), 'boom': (20.0, 150.0)}
AIR_HZ, UNDER_AIR_HZ = (7000.0, 16_000.0), (2000.0, 7000.0)
OCTAVE_DB = 12.0            # an octave of the spectrum's centre counts as much as so many dB
FIT_TAKES, CHECK_TAKES = 20, 14
FILES = 150                 # of a domain that these are looked for in
TAKE_S = 1.2
UNHEARD = 1e-6              # of a hop's power: what lies below does not count
LOUD_DB = -45.0             # dB(A), of a hop that counts
LEAST_HOPS = 12             # of them, in a recording that counts
FARTHEST_SD = 2.0           # of one dimension
LONGEST_SD = 5.0            # of all together
ALIVE = 0.003               # share of the variance from which a dimension is worth moving
MOST = 6
LEAK_MADE, LEAK_ALLOWED = 0.15, 1 / 3       # of the others against its own: aimed at, and still fine
LEAST_DB = 2.5              # that a macro moves its own on each side
LEAST_RANK = 0.9
MOST_AGAINST = 0.1          # share of unseen recordings in which a macro may go the other way
NAMED_DB = 1.0              # that a standard deviation moves what it is named after
REGISTERS = 10
SHARES = (0.5, 0.25, 0.1, 0.0)     # of the mean move that every register has to make: the first that leaves enough
PLACES, FEW_PLACES = np.linspace(-1, 1, 9), np.linspace(-1, 1, 5)
TRIES = 3                   # offsets for each dimension, to draw the line through
ROUNDS = 4
Doubles = npt.NDArray[np.float64]


@dataclass
class Sung:
    """One recording as the model hears it; per hop but for the audio."""
    audio: Array
    f0: Array
    voicing: Array
    latent: Array
    loudness: Array
    counts: npt.NDArray[np.bool_]


@dataclass
class Judged:
    """How a macro does on one set of recordings, from full left to full right."""
    moved_db: Doubles       # of each descriptor
    rank: float             # correlation of its place and its descriptor, mean over recordings
    against: float          # share of recordings in which it goes the other way
    leak: float             # the largest of the other macros' descriptors against its own


def descriptors(audio: Array, f0: Array, counts: npt.NDArray[np.bool_], is_pitched: bool) -> Doubles:
    """dB [len(WORDS)], means over the hops that count; loudness does not move them. f0 is the pitch at the hop's window."""
    power = wide_power(audio)[counts] + 1e-12
    hz = np.arange(power.shape[1]) * SR / WIDE
    total = power.sum(1)
    amplitude = np.sqrt(power[:, 1:])

    def level(part: Doubles) -> Doubles:
        return 10 * np.log10(part / total + UNHEARD)
    rows = {'bright': OCTAVE_DB * np.log2(amplitude @ hz[1:] / amplitude.sum(1))}

    def band(low: float, high: float) -> Doubles:
        return level(power[:, (hz >= low) & (hz < high)].sum(1))
    rows |= {word: band(*edges) for word, edges in BANDS_HZ.items()} | {'air': band(*AIR_HZ) - band(*UNDER_AIR_HZ)}
    if is_pitched:
        partial = hz / f0[counts][:, None]
        number = np.round(partial)
        near = np.abs(partial - number) < 0.25
        between = (np.abs(partial % 1.0 - 0.5) < 0.15) & (partial > 1) & (hz > 300) & (hz < 12_000)

        def of(*numbers: int) -> Doubles:
            return np.asarray((power * (near & np.isin(number, numbers))).sum(1))
        rows['breath'] = level((power * between).sum(1))
        rows['body'] = level(of(1))
        del rows['boom']    # below most notes: noise
        rows['hollow'] = 10 * np.log10((of(3, 5, 7) + UNHEARD * total) / (of(2, 4, 6) + UNHEARD * total))
    # what a model of this stage has no descriptor for, never moves
    return np.array([rows[word].mean() if word in rows else 0.0 for word in WORDS])


class Bench:
    """A package, and recordings to play through it with an offset of the latent."""

    def __init__(self, session: Session, files: list[Path], most: int) -> None:
        self.session, self.about = session, session.about
        self.is_pitched = self.about.get('stage', 'pitched') == 'pitched'
        self.late = self.about['delay_frames']
        self.deviation = np.array(self.about['latent']['std'])
        self.sung: list[Sung] = []
        for i in np.unique(np.linspace(0, len(files) - 1, min(2 * most, len(files))).astype(int)):
            if len(self.sung) < most and (heard := self.heard(files[i])) is not None:
                self.sung.append(heard)

    def heard(self, path: Path) -> Sung | None:
        """None where too little of it sounds, or has a pitch that the model needs."""
        prepared = prepare(path, TAKE_S)
        if prepared is None or len(prepared[1]) < SHORTEST_HOPS:
            return None
        audio, f0, voicing, level = prepared
        counts = level > LOUD_DB
        if self.is_pitched:
            counts &= voicing > 0.5
        counts[-(self.late // HOP + 1):] = False
        self.session.reset()
        latent, loudness = self.session.encode(audio)
        return Sung(audio, f0, voicing, latent, loudness, counts) if counts.sum() >= LEAST_HOPS else None

    def answer(self, offset: Doubles) -> Doubles:
        """offset [dims], standard deviations -> descriptors of what sounds, dB [recording, len(WORDS)]"""
        rows = []
        for sung in self.sung:
            self.session.reset()
            latent = (sung.latent + offset * self.deviation).astype(np.float32)
            noise = self.session.noise(len(latent))
            made = self.session.decode(latent, sung.loudness, sung.f0, sung.voicing, noise, sung.audio)
            made = np.concatenate([made[self.late:], np.zeros(self.late, np.float32)])
            rows.append(descriptors(made, sung.f0, sung.counts, self.is_pitched))
        return np.array(rows)

    def slope(self, offset: Doubles) -> Doubles:
        """Half of what lies between the offset and its opposite, dB [recording, len(WORDS)]"""
        return (self.answer(offset) - self.answer(-offset)) / 2

    def registers(self) -> list[npt.NDArray[np.int64]]:
        """The recordings in REGISTERS parts, from low notes to high ones."""
        middles = [float(np.median(sung.f0[sung.counts])) for sung in self.sung]
        return [part for part in np.array_split(np.argsort(middles), REGISTERS) if len(part)]

    def judge(self, direction: Doubles, word: int, others: list[int], places: Doubles = PLACES) -> Judged:
        rows = np.array([self.answer(place * direction) for place in places])
        moved = (rows[-1] - rows[0]).mean(0)
        own = rows[:, :, word]
        # what does not move at all has no rank
        rank = float(np.mean([spearmanr(places, column)[0] if np.ptp(column) > 0 else 0.0 for column in own.T]))
        leak = max((abs(moved[o]) for o in others), default=0.0) / max(moved[word], 1e-6)
        return Judged(moved, rank, float((own[-1] < own[0]).mean()), float(leak))


@dataclass
class Slopes:
    """How a model's sound answers, on average over its range."""
    dims: npt.NDArray[np.int64]     # those alive
    by_dim: Doubles                 # dB per standard deviation [len(WORDS), len(dims)]
    by_register: list[Doubles]      # the same of each
    reach: Doubles                  # how far each may be moved, standard deviations [len(dims)]


def slopes(bench: Bench) -> Slopes:
    """A line through answers to offsets all over the range: larger steps than a derivative's, since macros are turned far."""
    latent = bench.about['latent']
    dims = np.where(np.array(latent['variance_share']) >= ALIVE)[0]
    reach = np.minimum(0.9 * np.minimum(-np.array(latent['p01']), np.array(latent['p99']))[dims], FARTHEST_SD)
    rng = np.random.default_rng(0)
    tried = rng.uniform(-1, 1, (TRIES * len(dims), len(dims))) * reach
    tried *= np.minimum(1.0, LONGEST_SD / np.abs(tried).sum(1, keepdims=True))
    answers = np.array([bench.slope(spread_out(row, dims, latent['dims'])) for row in tried])
    lines = np.linalg.lstsq(tried, answers.reshape(len(tried), -1), rcond=None)[0].reshape(len(dims), *answers.shape[1:])
    return Slopes(dims, lines.mean(1).T, [lines[:, part].mean(1).T for part in bench.registers()], reach)


def spread_out(values: Doubles, dims: npt.NDArray[np.int64], count: int) -> Doubles:
    """Of the dimensions alive -> of all."""
    row = np.zeros(count)
    row[dims] = values
    return row


def strongest(s: Slopes, word: int, others: list[int], shift: Doubles) -> Doubles:
    """The offset that moves `word` most, as evenly in all registers as leaves enough of it."""
    for share in SHARES:
        values = strongest_with(s, word, others, shift, share)
        if s.by_dim[word] @ values >= 2 * LEAST_DB:
            break
    return values


def strongest_with(s: Slopes, word: int, others: list[int], shift: Doubles, share: float) -> Doubles:
    """The offset that moves `word` most, within reach, while each of the others moves at most LEAK_MADE of it, and each register at least
    `share`. shift: by how much what really sounds differs from the line, dB [len(WORDS)]"""
    own, count = s.by_dim[word], len(s.dims)
    rows, limits = [], []
    for other in others:
        for sign in (1, -1):
            rows.append(sign * s.by_dim[other] - LEAK_MADE * own)
            limits.append(LEAK_MADE * shift[word] - sign * shift[other])
    for register in s.by_register:
        rows.append(share * own - register[word])
        limits.append(0.0)
    # each offset as the difference of two that are not negative: their sum is its length
    halves = np.array([np.concatenate([row, -row]) for row in rows] + [np.ones(2 * count)])
    solved = linprog(np.concatenate([-own, own]), A_ub=halves, b_ub=[*limits, LONGEST_SD], bounds=[(0, r) for r in [*s.reach, *s.reach]])
    return np.asarray(solved.x[:count] - solved.x[count:]) if solved.status == 0 else np.zeros(count)


def promising(s: Slopes) -> list[int]:
    """The set of words that the line promises to move apart: the most of them, then the strongest."""
    none = np.zeros(len(WORDS))
    best: tuple[tuple[int, float], list[int]] = ((0, 0.0), [])
    able = [w for w in range(len(WORDS)) if np.abs(s.by_dim[w]) @ s.reach > LEAST_DB]
    for count in range(1, MOST + 1):
        for chosen in itertools.combinations(able, count):
            moves = [float(s.by_dim[w] @ strongest(s, w, [o for o in chosen if o != w], none)) for w in chosen]
            score = (sum(m >= 1.2 * LEAST_DB for m in moves), sum(min(m, 4 * LEAST_DB) for m in moves))
            if min(moves) >= LEAST_DB and score > best[0]:
                best = (score, list(chosen))
    return best[1]


def made(bench: Bench, s: Slopes, word: int, others: list[int]) -> Doubles:
    """The direction [dims] of one macro, corrected by what sounds."""
    count = bench.about['latent']['dims']
    shift = np.zeros(len(WORDS))
    best, least = np.zeros(count), np.inf
    for _ in range(ROUNDS):
        values = strongest(s, word, others, shift)
        offset = spread_out(values, s.dims, count)
        sounds = bench.slope(offset).mean(0)
        leak = max((abs(sounds[o]) for o in others), default=0.0) / max(sounds[word], 1e-6)
        if sounds[word] >= LEAST_DB and leak < least:
            best, least = offset, leak
        if leak <= 1.1 * LEAK_MADE or not offset.any():
            break
        shift = 0.5 * (shift + sounds - s.by_dim @ values)
    return best


def shortfalls(fit: Bench, check: Bench, s: Slopes, chosen: list[int]) -> dict[int, float]:
    """How far each of these macros is from holding beside the others, on recordings that it was not made from."""
    short = {}
    for word in chosen:
        others = [other for other in chosen if other != word]
        short[word] = shortfall(check.judge(made(fit, s, word, others), word, others, FEW_PLACES), word)
    return short


def found(fit: Bench, check: Bench, s: Slopes) -> list[int]:
    """The words whose macros hold together on recordings that they were not made from."""
    chosen = promising(s)
    # the worst goes, which gives the others more room, until all hold
    while chosen:
        short = shortfalls(fit, check, s, chosen)
        worst = max(chosen, key=lambda word: short[word])
        if short[worst] <= 0:
            break
        chosen.remove(worst)
    # what the line did not promise may hold all the same beside them
    for word in range(len(WORDS)):
        if word not in chosen and len(chosen) < MOST and max(shortfalls(fit, check, s, [*chosen, word]).values()) <= 0:
            chosen.append(word)
    return chosen


def shortfall(judged: Judged, word: int) -> float:
    """0: it holds."""
    return max(judged.leak - LEAK_ALLOWED, 0.0) + max(LEAST_RANK - judged.rank, 0.0) + max(1 - judged.moved_db[word] / LEAST_DB / 2, 0.0)


def names(s: Slopes, count: int) -> list[str]:
    """What each dimension moves most, as a word; '' where it moves nothing much."""
    words = [''] * count
    for column, dim in enumerate(s.dims):
        moves = s.by_dim[:, column]
        most = int(np.abs(moves).argmax())
        if abs(moves[most]) >= NAMED_DB:
            words[dim] = WORDS[most] if moves[most] > 0 else AGAINST[most]
    return words


def measure(folder: Path, trained: list[Path], held_out: list[Path]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """-> what the manifest shall say, and the figures of each macro on the recordings held out (without any, on some that it was chosen
    by). Raises ValueError when too few recordings sound."""
    session = Session(folder)
    fit, check = Bench(session, trained[::2], FIT_TAKES), Bench(session, trained[1::2] or trained, CHECK_TAKES)
    judge = Bench(session, held_out, CHECK_TAKES) if held_out else check
    if min(len(fit.sung), len(check.sung), len(judge.sung)) < 1:
        raise ValueError(f'{folder}: too little of the recordings sounds, or has a pitch, to find macros by')
    s = slopes(fit)
    words = sorted(found(fit, check, s))
    fit.sung += check.sung
    macros = {word: made(fit, s, word, [o for o in words if o != word]) for word in words}
    # what goes the other way where nobody looked before is no macro after all
    macros = {word: np.round(direction, 3) for word, direction in macros.items()
              if direction.any() and judge.judge(direction, word, [], FEW_PLACES).against <= MOST_AGAINST}
    said = {'macros': [{'name': WORDS[word], 'direction': direction.tolist()} for word, direction in macros.items()],
            'dimension_names': names(s, session.about['latent']['dims'])}
    rows = []
    for word, direction in macros.items():
        others = [other for other in macros if other != word]
        judged = judge.judge(direction, word, others)
        rows.append({'name': WORDS[word], 'moved_db': round(float(judged.moved_db[word]), 1), 'rank': round(judged.rank, 3),
                     'against': round(judged.against, 2), 'leak': round(judged.leak, 2),
                     'others_db': {WORDS[other]: round(float(judged.moved_db[other]), 1) for other in others}})
    return said, rows


def put(folder: Path, said: dict[str, Any]) -> None:
    """Writes into the manifest what was found. The package is another one by its hash then, with the same latents: it says so."""
    path = folder / 'manifest.json'
    before = path.read_bytes()
    about = json.loads(before)
    earlier = about['training'].get('latents_of', [])
    about['training']['latents_of'] = [*earlier, hashlib.sha256(before).hexdigest()][-MOST_EARLIER:]
    places = list(about)
    cloud = places.index('reference_cloud')
    about |= said
    order = [*(key for key in places[:cloud] if key not in said), *said, *(key for key in places[cloud:] if key not in said)]
    write_manifest(folder, {key: about[key] for key in order})


def find(folder: Path, files: list[Path], held_out: list[str]) -> list[dict[str, Any]]:
    """Finds a package's macros in recordings and writes them into its manifest; -> the figures of each, which it also prints."""
    names_held = set(held_out)
    trained, unseen = [p for p in files if p.name not in names_held], [p for p in files if p.name in names_held]
    said, rows = measure(folder, trained or unseen, unseen)
    put(folder, said)
    for row in rows:
        print(f"{row['name']}: moves {row['moved_db']} dB from left to right, the others at most {100 * row['leak']:.0f} % of that")
    return rows


def page(models: dict[str, list[dict[str, Any]]]) -> str:
    """The report, in Markdown; of each model what `measure` gave."""
    lines = [
        '# Macros', '',
        'What each macro moves, from full left to full right, on recordings that it was not made from (at most '
        f'{CHECK_TAKES} of each domain, {TAKE_S:g} s of each), played through the package hop by hop. *Rank* is the correlation of place '
        'and descriptor, mean over the recordings; *against* is the share of recordings in which it goes the other way. *Others* is the '
        'largest move of the model\'s other macros against its own, with that macro; above a third it is in bold. An octave of Bright '
        f'counts as {OCTAVE_DB:g} dB. What is measured stands in `docs/manual.md`, how in `models/training/timbreloom_train/macros.py`.', '',
        '| model | macro | moved, dB | rank | against | others |', '|---|---|---|---|---|---|']
    for model, rows in models.items():
        for row in rows:
            most = max(row['others_db'], key=lambda other: abs(row['others_db'][other]), default='')
            others = f"{100 * row['leak']:.0f} %, {most}" if most else 'none'
            others = f'**{others}**' if row['leak'] > LEAK_ALLOWED else others
            lines.append(f"| {model} | {row['name']} | {row['moved_db']} | {row['rank']:.2f} | {100 * row['against']:.0f} % | {others} |")
    return '\n'.join(lines) + '\n'


def report(models: Path, sounds: Path, cache: Path, out: Path, only: list[str]) -> None:
    """Finds the macros of all packages of the report's domains, writes them into the manifests, and the page."""
    from .report_sounds import Sounds
    reader = Sounds(sounds, cache, CHECK_TAKES)
    figures = out.with_suffix('.json')
    rows: dict[str, list[dict[str, Any]]] = json.loads(figures.read_text()) if only and figures.exists() else {}
    for folder in sorted(path.parent for path in models.glob('*/manifest.json')):
        kind = json.loads((folder / 'manifest.json').read_text()).get('kind')
        if kind != 'continuous' or (only and folder.name not in only):
            continue
        domain = reader.domain_of(folder.name)
        said, rows[folder.name] = measure(folder, reader.files(domain, FILES, held_out=False), reader.files(domain, FILES))
        put(folder, said)
        print(f"{folder.name}: {', '.join(row['name'] for row in rows[folder.name])}", flush=True)
    rows = dict(sorted(rows.items()))
    figures.write_text(json.dumps(rows, indent=1) + '\n')
    out.write_text(page(rows))
