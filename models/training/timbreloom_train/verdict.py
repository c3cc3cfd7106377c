"""What is asked of every model, line by line, against the figures of one package. Pure; no files, no sound."""
from dataclasses import dataclass
from typing import Any

DISTANCE_DB = 2.4
TUNED_PERCENT = 98.0
LOUDNESS_R2, LOG_F0_R2 = 0.1, 0.2
GAIN_PERCENT = 2.0
ALIVE = 10
REFEREE_PERCENT, REFEREE_SPEECH_PERCENT = 97.0, 95.0
REFEREE_MOVED, REFEREE_SPEECH_MOVED = 0.75, 0.5    # where one of both is a voice, the second
UNDER_DB, MOVEMENT_OFF, ATTACK_DB = 3.0, 0.2, 2.0
FOREIGN_CENTS, FOREIGN_PERCENT, FOREIGN_R, FOREIGN_MOVED = 15.0, 90.0, 0.95, 0.5
# what a probe must survive
PROBE_CENTS, PROBE_PERCENT = 15.0, 90.0
DEPTH_RATIO = (0.8, 1.25)
RATE_OFF_HZ = 0.2


@dataclass(frozen=True)
class Verdict:
    """One line: passed is None where the line does not apply or was not measured; text says what was found."""
    line: str
    passed: bool | None
    text: str


Candidate = tuple[str, float | None]


def worst(line: str, found: list[Candidate], limit: float, at_most: bool, unit: str = '') -> Verdict:
    """The candidate (where, value) that is furthest on the wrong side decides; a None value is a miss."""
    if not found:
        return Verdict(line, None, 'not measured')
    lost = [where for where, value in found if value is None]
    if lost:
        return Verdict(line, False, f'nothing heard: {", ".join(lost)}')
    known = [(where, value) for where, value in found if value is not None]
    where, value = (max if at_most else min)(known, key=lambda pair: pair[1])
    missed = sum((value > limit) if at_most else (value < limit) for _, value in known)
    share = f'; {len(known) - missed} of {len(known)} pass' if len(known) > 1 and missed else ''
    return Verdict(line, missed == 0, f'{value:g}{unit}{f" ({where}{share})" if where else ""}')


def verdicts(figures: dict[str, Any]) -> list[Verdict]:
    """figures: one package's entry of REPORT.json."""
    own, pitched = figures.get('own') or {}, figures['stage'] == 'pitched'

    def one(value: float | None) -> list[Candidate]:
        return [] if value is None else [('', value)]
    limit_db = figures.get('limit_db')
    distance = one(own['distance_db']['plugin']) if own and limit_db else []
    rows = [worst('2: distance on held-out sound', distance, limit_db or DISTANCE_DB, True, ' dB')]
    rows.append(worst('2: 98 % of voiced hops within 50 cents',
                      one(own.get('offline', {}).get('pitch_within_50_cents_percent') if pitched else None),
                      TUNED_PERCENT, False, ' %'))
    rows.append(worst('3: loudness from the latent, R2 at most 0.1',
                      [(kind, own[key]) for kind in ('linear', 'quadratic')
                       if own.get(key := f'loudness_r2_{kind}') is not None], LOUDNESS_R2, True))
    rows.append(worst('3: log f0 from the latent, R2 at most 0.2',
                      [(kind, own[key]) for kind in ('linear', 'quadratic') if pitched
                       and own.get(key := f'log_f0_r2_{kind}') is not None], LOG_F0_R2, True))
    rows.append(worst('3: -12 dB moves no latent by over 2 %', one(own.get('gain_moves_percent')), GAIN_PERCENT, True, ' %'))
    rows.append(worst('3: at least 10 latents alive', one(figures.get('alive')), ALIVE, False))
    foreign = figures.get('foreign') or {}
    for line, key, limit, at_most, unit in (
            ('4: foreign pitch, median at most 15 cents', 'pitch_median_cents', FOREIGN_CENTS, True, ' cents'),
            ('4: foreign pitch, 90 % within 50 cents', 'pitch_within_50_cents_percent', FOREIGN_PERCENT, False, ' %'),
            ('4: foreign loudness, r at least 0.95', 'loudness_r', FOREIGN_R, False, ''),
            ('4: spectrum moved half of the way', 'moved', FOREIGN_MOVED, False, '')):
        found = [(name, row[key]) for name, row in foreign.items()
                 if key in row and not (key == 'moved' and (row[key] is None or row['own']))]
        # only of pitched models: a general one follows its input's own pitch
        rows.append(worst(line, found if pitched else [], limit, at_most, unit))
    # the input keeps its notes, and notes that the domain never plays have spectra of their own
    found = [(name, row['matched']['moved']) for name, row in foreign.items()
             if row.get('matched') and row['matched']['moved'] is not None and not row['own']]
    rows.append(worst('4: the same, at the notes that both have', found if pitched else [], FOREIGN_MOVED, False))
    return [*rows, *detail_verdicts(own.get('detail') or {}), *referee_verdicts(figures['folder'], foreign if pitched else {}),
            *probe_verdicts(figures.get('probes') or {})]


def detail_verdicts(found: dict[str, float | None]) -> list[Verdict]:
    """What `detail` found on the model's own sound; without a measure (None) the line does not apply."""
    def far(key: str, right: float = 0.0) -> list[Candidate]:
        value = found.get(key)
        return [] if value is None else [('', round(abs(value - right), 2))]
    return [worst('noise below the note within 3 dB of the recordings', far('under_db'), UNDER_DB, True, ' dB'),
            worst('movement within 20 % of the recordings', far('movement', 1.0), MOVEMENT_OFF, True),
            worst('attacks within 2 dB', far('attack_db'), ATTACK_DB, True, ' dB')]


def referee_verdicts(folder: str, foreign: dict[str, Any]) -> list[Verdict]:
    """The worst cell decides. How much is in tune counts in every register, how much of the way is gone in the model's own. The numbers
    are how far each is from what is asked of it."""
    heard = [(name, row) for name, rows in foreign.items() for row in (rows.get('referees'), rows.get('in_register')) if row]
    tuned = [(place(name, row), round(row['in_tune_percent'] - (REFEREE_SPEECH_PERCENT if name == 'voice' else REFEREE_PERCENT), 1))
             for name, row in heard if 'in_tune_percent' in row]
    best = {name: row for name, row in heard if not foreign[name]['own']}
    moved = [(place(name, row), round(row['moved'] - (REFEREE_SPEECH_MOVED if 'voice' in (name, folder) else REFEREE_MOVED), 2))
             for name, row in best.items() if row.get('moved') is not None and 'in_tune_percent' in row]
    return [worst('CREPE hears 97 % in tune (of speech 95), lost pitch counted', tuned, 0.0, False, ' points'),
            worst('the embedding hears three quarters of the way gone (with a voice half)', moved, 0.0, False)]


def place(name: str, row: dict[str, Any]) -> str:
    return f'{name} {row["transpose_st"]:+d} st' if 'transpose_st' in row else name


def probe_verdicts(probes: dict[str, Any]) -> list[Verdict]:
    rows = []
    for line, kind in (('5: glissando survives', 'glissando'), ('5: 6 Hz vibrato survives', 'vibrato')):
        mine = {name: row for name, row in probes.items() if name.startswith(kind)}
        if not mine:
            rows.append(Verdict(line, None, 'not measured'))
            continue
        faults = [f'{name}: {fault}' for name, row in mine.items() for fault in faults_of(row)]
        best = ', '.join(f'{row["median_cents"]:g} cents' for row in mine.values() if row['median_cents'] is not None)
        rows.append(Verdict(line, not faults, '; '.join(faults) or best))
    return rows


def faults_of(row: dict[str, Any]) -> list[str]:
    """Why a probe did not survive; [] when it did."""
    if row['median_cents'] is None:
        return ['no pitch']
    faults = []
    if row['median_cents'] > PROBE_CENTS:
        faults.append(f'median {row["median_cents"]:g} cents')
    if row['within_50_percent'] < PROBE_PERCENT:
        faults.append(f'{row["within_50_percent"]:g} % within 50 cents')
    if 'depth_ratio' in row:
        if row['depth_ratio'] is None:
            return [*faults, 'no vibrato']
        if not DEPTH_RATIO[0] <= row['depth_ratio'] <= DEPTH_RATIO[1]:
            faults.append(f'depth {row["depth_ratio"]:g} of the true one')
        if abs(row['rate_hz'] - 6.0) > RATE_OFF_HZ:
            faults.append(f'rate {row["rate_hz"]:g} Hz')
    return faults
