"""`docs/listen/README.md`: what goes in and what comes out, eight times, to be heard in a minute.

No recording is among the inputs: a line that is sung and a sentence that is spoken by formulas and by espeak-ng (`tests/fixtures`), and six
sounds that are made here. All go through the release program, with Octave at Fit.
"""
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from . import probes
from .blind import levelled
from .features import SR, Array
from .picture import TOP_HZ, spectrogram_db

FIXTURES = ('sung', 'spoken')
OGG_QUALITY = 0.6           # of soundfile's compression level, 0 best to 1 smallest
BEAT_S = 0.6                # 100 to the minute
Doubles = probes.Doubles

# input, what it is, model, what to listen for
PAIRS = (
    ('sung', 'a sung line', 'cello', 'the phrasing stays the singer\'s, the tone is a bow\'s'),
    ('spoken', 'a spoken sentence', 'horn', 'the melody of speech, blown'),
    ('whistle', 'a whistled tune', 'clarinet', 'an octave lower, where a clarinet is at home'),
    ('hum', 'a low hum with glides', 'trombone', 'the glides are the slide\'s'),
    ('lead', 'a synthesiser\'s lead', 'voice', 'quick notes, sung'),
    ('pluck', 'plucked notes', 'flute', 'each pluck is a short breath'),
    ('chord', 'two chords', 'strings', 'more than one note at a time: the general stage'),
    ('beat', 'a beat of noise and sine', 'drums-live', 'the same rhythm on a kit'),
)


def melody(notes: tuple[float, ...], note_s: float, glide_s: float) -> Doubles:
    """Pitch per sample, Hz, of notes in semitones above A3, one gliding to the next."""
    steps = np.repeat(np.array(notes, float), int(note_s * SR))
    width = max(1, int(glide_s * SR))
    smooth = np.convolve(np.pad(steps, (width, width), mode='edge'), np.ones(width) / width, mode='same')[width:-width]
    return 220.0 * 2 ** (smooth / 12)


def swing(f0: Doubles, cents: float, rate_hz: float = 5.5) -> Doubles:
    return f0 * 2 ** (cents / 1200 * np.sin(2 * np.pi * rate_hz * np.arange(len(f0)) / SR))


def pulses(count: int, length: int, attack_s: float, fall_s: float) -> Doubles:
    """The level of `count` notes of `length` samples, each with an attack and an exponential fall."""
    at = np.arange(length) / SR
    return np.tile(np.minimum(at / attack_s, 1.0) * np.exp(-at / fall_s), count)


def whistle() -> Array:
    f0 = swing(melody((24, 26, 28, 31, 28, 26, 24, 19), 0.6, 0.08), 18)
    breath = np.random.default_rng(1).standard_normal(len(f0)) * 0.004
    level = np.tile(np.sin(np.pi * np.linspace(0, 1, len(f0) // 8)) ** 0.5, 8)
    return probes.at_level(((0.3 * np.sin(2 * np.pi * np.cumsum(f0) / SR) + breath) * level).astype(np.float32))


def hum() -> Array:
    f0 = swing(melody((-12, -9, -7, -12, -14, -12), 0.85, 0.3), 10)
    return probes.vowel(f0, np.tile(np.sin(np.pi * np.linspace(0, 1, len(f0) // 6)) ** 0.6, 6))


def lead() -> Array:
    notes = (0, 7, 10, 12, 10, 7, 5, 3, 0, 3, 5, 7)
    f0 = melody(notes, 0.4, 0.005)
    phase = np.cumsum(f0) / SR
    saw = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 25))
    return probes.at_level((np.asarray(saw) * pulses(len(notes), len(f0) // len(notes), 0.01, 0.5)).astype(np.float32))


def pluck() -> Array:
    notes = (12, 16, 19, 24, 19, 16, 14, 17, 21, 26, 21, 17)
    f0 = melody(notes, 0.4, 0.001)
    phase, each = np.cumsum(f0) / SR, len(f0) // len(notes)
    # higher overtones die sooner
    parts = [np.sin(2 * np.pi * k * phase) / k ** 1.3 * pulses(len(notes), each, 0.002, 0.35 / k) for k in range(1, 12)]
    return probes.at_level(np.asarray(sum(parts), np.float32))


def chord() -> Array:
    return np.concatenate(probes.chords())[:int(6 * SR)]


def beat() -> Array:
    rng, sound = np.random.default_rng(3), np.zeros(int(8 * BEAT_S * SR) + SR)

    def hit(at_beat: float, audio: Doubles) -> None:
        start = int(at_beat * BEAT_S * SR)
        sound[start:start + len(audio)] += audio
    at = np.arange(int(0.3 * SR)) / SR
    kick = np.sin(2 * np.pi * np.cumsum(45 + 110 * np.exp(-at / 0.03)) / SR) * np.exp(-at / 0.12)
    noise = rng.standard_normal(len(at))
    snare = 0.5 * noise * np.exp(-at / 0.07) + 0.4 * np.sin(2 * np.pi * 185 * at) * np.exp(-at / 0.06)
    hat = 0.35 * np.diff(noise, prepend=0.0) * np.exp(-at / 0.025)
    for bar in range(2):
        for beats, audio in (((0, 2.5), kick), ((1, 3), snare), (np.arange(8) / 2, hat)):
            for beat_in_bar in beats:
                hit(4 * bar + float(beat_in_bar), audio)
    return probes.at_level(sound.astype(np.float32))


MADE: dict[str, Callable[[], Array]] = {
    'whistle': whistle, 'hum': hum, 'lead': lead, 'pluck': pluck, 'chord': chord, 'beat': beat}


def through(program: Path, model: Path, audio: Array) -> Array:
    """The program's sound for a model, aligned with the input. Raises ValueError with what the program said."""
    with tempfile.TemporaryDirectory() as name:
        given, out = Path(name) / 'in.wav', Path(name) / 'out.wav'
        soundfile.write(given, audio, SR, subtype='FLOAT')
        done = subprocess.run([program, 'transfer', '--model', model, '--set', 'octave=fit', '--output', out, '--format', 'f32',
                               given], capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f'{program.name}: {done.stderr.strip()}')
        sound, _ = soundfile.read(out, dtype='float32', always_2d=True)
    return np.ascontiguousarray(sound[:, 0])


def draw(pairs: list[tuple[str, str, Array, Array]], path: Path) -> None:
    """Each input beside what became of it, two pairs a row."""
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    from PIL import Image
    figure, axes = plt.subplots(-(-len(pairs) // 2), 4, figsize=(14, 7.5), sharey=True, constrained_layout=True)
    for place, (what, model, before, after) in enumerate(pairs):
        for side, (audio, title) in enumerate(((before, what), (after, f'through {model}'))):
            axis = axes[place // 2, place % 2 * 2 + side]
            axis.imshow(spectrogram_db(audio), origin='lower', aspect='auto', vmin=-85, vmax=-25, cmap='magma',
                        extent=(0, len(audio) / SR, 0, TOP_HZ / 1000))
            axis.set_title(title, fontsize=9)
            axis.tick_params(labelsize=7)
    for row in axes:
        row[0].set_ylabel('kHz', fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel('s', fontsize=8)
    figure.savefig(path, dpi=80)
    plt.close(figure)
    with Image.open(path) as image:
        image.convert('RGB').quantize(64).save(path, optimize=True)


def listen(models: Path, program: Path, fixtures: Path, out: Path) -> None:
    """Fills the folder: NAME-before.ogg, NAME-after.ogg, a picture and the page. Raises ValueError where something is missing."""
    if not program.exists():
        raise ValueError(f'{program}: no such program; build it with `cargo build --release`')
    out.mkdir(parents=True, exist_ok=True)
    lines = ['# Before and after', '',
             'Made by `python -m timbreloom_train listen` with the plugin\'s own engine: nothing is mixed, tuned or chosen from several. The '
             'inputs are no recordings: what is sung, spoken and played here is computed. Octave is at Fit, all else as it comes.',
             '', '| goes in | comes out | listen for |', '|---|---|---|']
    pairs = []
    for name, what, model, about in PAIRS:
        audio = soundfile.read(fixtures / f'{name}.wav', dtype='float32')[0] if name in FIXTURES else MADE[name]()
        made = levelled(through(program, models / model, audio), len(audio) / SR)
        given = levelled(audio, len(audio) / SR)
        for side, sound in (('before', given), ('after', made)):
            soundfile.write(out / f'{name}-{side}.ogg', sound, SR, format='OGG', subtype='VORBIS', compression_level=OGG_QUALITY)
        pairs.append((what, model, given, made))
        lines.append(f'| [{what}]({name}-before.ogg) | [through *{model}*]({name}-after.ogg) | {about} |')
        print(f'{name} through {model}', flush=True)
    draw(pairs, out / 'before-after.png')
    lines += ['', '![Spectrograms of all eight, before and after](before-after.png)', '',
              'Twenty more pairs, the first and the present version of the models, can be judged blind: download this folder and open '
              '`blind.html`.']
    (out / 'README.md').write_text('\n'.join(lines) + '\n')
