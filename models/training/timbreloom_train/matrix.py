"""Foreign sounds through a package: is pitch kept, is loudness kept, and does the spectrum move to the package's domain?

Input and output are judged alike by the look-back tracker, on the same hops: the output is aligned with the input first.
"""
import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from .evaluate import follow, following, plugin_pitch
from .features import HOP, SR, Array
from .likeness import Target, frechet, pitch_rows, share_moved, spectra
from .report_sounds import Clip
from .session import Session


def decode(session: Session, latent: Array, loudness: Array, f0: Array, voicing: Array, sound: Array) -> Array:
    """As Session.decode, with the noise of seed 0. sound [hops * HOP]: what the encoder heard."""
    return session.decode(latent, loudness, f0, voicing, session.noise(len(latent)), sound)


class Player:
    """What a musician hears: the package in the plugin's own engine, or, without the program, in the trainer."""

    def __init__(self, package: Path, session: Session, program: Path | None) -> None:
        self.package, self.session, self.program = package, session, program
        self.played_by = 'plugin engine' if program else 'trainer'
        self.why = '' if program else 'no program given'

    def __call__(self, audio: Array, transpose_st: int = 0) -> Array:
        """audio [hops * HOP] -> as many samples, aligned with it."""
        if self.program:
            try:
                return self.engine(audio, transpose_st)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                told = (getattr(error, 'stderr', None) or b'').decode(errors='replace').strip().split('\n')[-1]
                self.program, self.played_by = None, 'trainer'
                # the message may name a path of this computer, which does not belong into a report
                self.why = told.replace(str(self.package), self.package.name)[:120].strip() or str(type(error).__name__)
                print(f'{self.package.name}: the program failed ({self.why}); played by the trainer', flush=True)
        return self.trainer(audio, transpose_st)

    def engine(self, audio: Array, transpose_st: int) -> Array:
        assert self.program is not None
        environment = dict(os.environ)
        beside = self.program.resolve().parent.parent / 'onnxruntime' / 'libonnxruntime.so'
        if 'TIMBRELOOM_ORT' not in environment and beside.exists():
            environment['TIMBRELOOM_ORT'] = str(beside)
        with tempfile.TemporaryDirectory() as folder:
            given, made = Path(folder) / 'in.wav', Path(folder) / 'out.wav'
            soundfile.write(given, audio, SR, subtype='FLOAT')
            subprocess.run([self.program, 'transfer', '--model', self.package, '--output', made, '--format', 'f32',
                            f'--transpose={transpose_st}', given], check=True, capture_output=True, env=environment, timeout=600)
            sound, rate = soundfile.read(made, dtype='float32', always_2d=True)
        if rate != SR or len(sound) != len(audio):
            raise RuntimeError(f'{self.program.name} transfer: gave {len(sound)} samples at {rate} Hz for {len(audio)} at '
                               f'{SR} Hz; build the program of this checkout')
        return np.ascontiguousarray(sound[:, 0])

    def trainer(self, audio: Array, transpose_st: int) -> Array:
        session, delay = self.session, self.session.about['delay_frames']
        late = np.pad(audio, (0, -(-delay // HOP) * HOP))
        session.reset()
        latent, loudness = session.encode(late)
        session.reset()
        f0, voicing = plugin_pitch(late, loudness, delay)
        made = decode(session, latent, loudness, f0 * np.float32(2 ** (transpose_st / 12)), voicing, late)
        return made[delay:delay + len(audio)]


def judge(clip: Clip, made: Array, target: Target | None) -> dict[str, Any]:
    """made: the output for clip.audio, aligned with it. target: the package's own domain (None: no distances)."""
    outputs = clip.split(made)
    takes = [replace(take, scores={'out': follow(take, output, 0)}) for take, output in zip(clip.takes, outputs)]
    scores = following(takes, 'out')
    row: dict[str, Any] = {'loudness_r': scores['loudness_r'], 'loudness_error_db': scores['loudness_error_db']}
    if clip.pitched:
        row |= {key: scores[key] for key in ('pitch_median_cents', 'pitch_within_50_cents_percent',
                                             'pitch_within_50_cents_octave_ignored_percent', 'voiced_again_percent')}
    if target:
        # the hops that sound in the INPUT, so that tails of the output do not count
        before, after = (np.concatenate([spectra(sound, take.loudness) for take, sound in zip(clip.takes, sounds)])
                         for sounds in ([take.audio for take in clip.takes], outputs))
        row |= way(before, after, target.trained.rows, target.floor_db)
        if clip.pitched:
            f0 = np.concatenate([pitch_rows(take) for take in clip.takes])
            if matched := target.at_pitches(f0):
                row['matched'] = way(before[matched.hops], after[matched.hops], matched.rows, matched.floor_db)
                row['domain_at_these_pitches_db'] = round(frechet(matched.rows, target.trained.rows), 1)
    return row


def way(before: Array, after: Array, target: Array, floor_db: float) -> dict[str, float | None]:
    """Distances of input and output to the target, and the share of the way that lies between."""
    d_in, d_out = frechet(before, target), frechet(after, target)
    moved = share_moved(d_in, d_out, floor_db)
    return {'d_in_db': round(d_in, 1), 'd_out_db': round(d_out, 1), 'floor_db': round(floor_db, 1),
            'moved': None if moved is None else round(moved, 2)}
