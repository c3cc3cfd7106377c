"""Encoder and decoder, both causal.

Shapes: B batch, T hops, C channels; a hop is `features.HOP` samples.
    Encoder: log_mel [B, T, N_MEL] -> latent mean and log-variance, each [B, T, LATENT]
    Decoder: latent [B, T, LATENT], loudness [B, T] dB(A), f0 [B, T] Hz, voicing [B, T] -> audio [B, T * HOP]
The decoder's output for hop t is the input `delay` samples earlier. It has one of two waveform stages:
    pitched: a harmonic comb at f0, and noise: exact pitch, for one voice at a time;
             Each band's level flickers by itself, as `flicker.py` measures it in the recordings;
    general: the input's own sound, spectrally flattened: chords, attacks and glides pass as they are, and only their
             spectrum is replaced. Takes `sound` [B, (T+1) * HOP] too, which starts `delay` samples before hop 0.
`stream.py` holds the same networks one hop at a time; a test keeps the two equal.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .features import HOP, N_MEL, SR, Array, band_interpolation, between_bands
from .flicker import KEPT

LATENT = 16
SYNTH = 1024              # synthesis window, samples (root-Hann in and out, overlap SYNTH - HOP)
BINS = SYNTH // 2 + 1
HARMONIC_BANDS = 128
NOISE_BANDS = 64
SCATTER = 512             # taps of the phase-scattering filter
TOP_HARMONIC_HZ = 18000.0
PITCH_BUMPS = 16
STAGES = ('pitched', 'general')

LOW_PARTIALS = 8          # with phases of their own: the scatter filter leaves them in phase
# Schroeder's phases (IEEE Trans. Inf. Theory 16, 1970): equal partials with the least peaks
LOW_PHASES = tuple(-math.pi * k * (k - 1) / LOW_PARTIALS for k in range(1, LOW_PARTIALS + 1))

FLATTEN_BANDS = 24        # of the general stage: 160 mel apart, wider than the partials of all but the highest notes
FLATTEN_FLOOR = 1e-13     # power per bin added before the logarithm
FILL_DB = -50.0           # comb and noise under the input, relative to its level: fills the bands that it lacks ...
FILL_LEAST = 1e-4         # ... and replaces it when there is none


class NextBlock(nn.Module):
    """ConvNeXt block (Liu et al., CVPR 2022), causal: depthwise convolution over KERNEL hops, then an MLP per hop."""

    KERNEL = 7

    def __init__(self, channels: int, widen: int = 3) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, self.KERNEL, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.up = nn.Linear(channels, channels * widen)
        self.down = nn.Linear(channels * widen, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.3))

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, T] -> [B, C, T]"""
        y = self.depthwise(F.pad(x, (self.KERNEL - 1, 0))).transpose(1, 2)
        y = self.down(F.gelu(self.up(self.norm(y)), approximate='tanh')) * self.scale
        return x + y.transpose(1, 2)


class Stack(nn.Module):
    """[B, T, c_in] -> [B, T, channels]; sees 2 + 6 * blocks hops of the past."""

    KERNEL = 3

    def __init__(self, c_in: int, channels: int, blocks: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(c_in, channels, self.KERNEL)
        self.blocks = nn.ModuleList([NextBlock(channels) for _ in range(blocks)])
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(F.pad(x.transpose(1, 2), (self.KERNEL - 1, 0)))
        for block in self.blocks:
            x = block(x)
        return self.norm(x.transpose(1, 2))


class Encoder(nn.Module):
    def __init__(self, channels: int = 128, blocks: int = 4) -> None:
        super().__init__()
        self.stack = Stack(N_MEL, channels, blocks)
        self.head = nn.Linear(channels, 2 * LATENT)

    def forward(self, log_mel: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_var = self.head(self.stack(log_mel)).chunk(2, -1)
        return mean, log_var.clamp(-8, 4)


class Decoder(nn.Module):
    """Predicts two magnitude envelopes per hop (bands on a mel axis), one for the source and one for white noise, which
    are shaped with them in the STFT domain and overlap-added (harmonics plus noise, after DDSP: Engel et al., ICLR
    2020; the comb instead of single sinusoids costs the same for every pitch).

    The general stage hears nothing of f0 and voicing but for what stands in for a missing input: a polyphonic sound's
    pitch is a matter of luck."""

    def __init__(self, channels: int = 192, blocks: int = 5, stage: str = 'pitched') -> None:
        super().__init__()
        self.stage = stage
        self.stack = Stack(LATENT + (3 + PITCH_BUMPS if stage == 'pitched' else 1), channels, blocks)
        self.to_harmonic = nn.Linear(channels, HARMONIC_BANDS)
        self.to_noise = nn.Linear(channels, NOISE_BANDS)
        self.register_buffer('harmonic_to_bins', torch.tensor(band_interpolation(HARMONIC_BANDS, BINS)))
        self.register_buffer('noise_to_bins', torch.tensor(band_interpolation(NOISE_BANDS, BINS)))
        self.register_buffer('window', torch.hann_window(SYNTH).sqrt())
        self.register_buffer('pitch_bumps', torch.linspace(math.log2(40.), math.log2(1600.), PITCH_BUMPS))
        self.register_buffer('scatter', torch.tensor(scatter_filter()))
        self.register_buffer('noise_to_harmonic', torch.tensor(between_bands(NOISE_BANDS, HARMONIC_BANDS)), persistent=False)
        # nepers; measured when the model is exported, so that training sees the mean of what may come
        self.register_buffer('flicker', torch.zeros(len(KEPT), NOISE_BANDS), persistent=False)
        with torch.no_grad():
            self.to_harmonic.weight.mul_(0.3)
            self.to_noise.weight.mul_(0.3)

    def inputs(self, latent: Tensor, loudness: Tensor, f0: Tensor, voicing: Tensor) -> Tensor:
        """The stack's input; latent [..., LATENT], the rest [...] -> [..., channels]"""
        level = (loudness.unsqueeze(-1) + 40) / 20
        if self.stage == 'general':
            return torch.cat([latent, level], -1)
        octave = torch.log2(f0.clamp(min=30.)).unsqueeze(-1)
        bumps = torch.exp(-((octave - self.pitch_bumps) / 0.35) ** 2)
        return torch.cat([latent, level, octave - 8, voicing.unsqueeze(-1), bumps], -1)

    def log_bands(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """-> natural log of the source's and the noise's magnitudes per band, relative to the loudness"""
        return (torch.clamp(self.to_harmonic(hidden) - 4., -14, 5), torch.clamp(self.to_noise(hidden) - 5., -14, 5))

    def flickering(self, drawn: Tensor) -> Tensor:
        """drawn [..., len(KEPT), NOISE_BANDS]: noise of unit variance of each speed -> nepers that each band is louder; the mean
        magnitude stays what it is [..., NOISE_BANDS]"""
        return (drawn * self.flicker).sum(-2) - 0.5 * self.flicker.square().sum(0)

    def envelopes(self, latent: Tensor, loudness: Tensor, f0: Tensor, voicing: Tensor,
                  louder: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """louder: what `flickering` gives [B, T, NOISE_BANDS] -> source and noise magnitude per bin, each [B, T, BINS]"""
        harmonic, noise = self.log_bands(self.stack(self.inputs(latent, loudness, f0, voicing)))
        if louder is not None:
            harmonic, noise = harmonic + louder @ self.noise_to_harmonic, noise + louder
        gain = torch.pow(10., loudness / 20).unsqueeze(-1)
        return torch.exp(harmonic @ self.harmonic_to_bins) * gain, torch.exp(noise @ self.noise_to_bins) * gain

    def source(self, comb: Tensor, hiss: Tensor, voicing: Tensor, sound: Tensor | None) -> Tensor:
        """comb [B, (T+1) * HOP], complex noise spectrum [B, T, BINS] -> the spectra to be shaped [B, T, BINS]"""
        hops = voicing.shape[1]
        frames = scattered(comb, self.scatter).unfold(-1, SYNTH, HOP)[:, :hops]
        if self.stage == 'pitched':
            return torch.fft.rfft(frames * self.window)
        heard = sound.unfold(-1, SYNTH, HOP)[:, :hops]
        fill = heard.square().mean(-1, keepdim=True).sqrt() * 10 ** (FILL_DB / 20) + FILL_LEAST
        voiced = voicing.unsqueeze(-1)
        spectrum = torch.fft.rfft((heard + frames * fill * voiced) * self.window) + hiss * (fill * (1 - voiced))
        to_bands = flatten_bands(self.window.device)
        power = spectrum.real ** 2 + spectrum.imag ** 2
        level = torch.log(power @ (to_bands / to_bands.sum(1, keepdim=True)).T + FLATTEN_FLOOR)
        return spectrum * torch.exp(-0.5 * level @ to_bands)

    def synthesise(self, harmonic: Tensor, noise: Tensor, source: Tensor, hiss: Tensor) -> Tensor:
        """Magnitudes [B, T, BINS], complex spectra of `source` and noise [B, T, BINS] -> [B, T * HOP]"""
        frames = torch.fft.irfft(source * harmonic + hiss * noise, n=SYNTH) * self.window
        return overlap_add(frames, harmonic.shape[1] * HOP)

    def forward(self, latent: Tensor, loudness: Tensor, f0: Tensor, voicing: Tensor, sound: Tensor | None = None,
                louder: Tensor | None = None) -> Tensor:
        """As in training: random start phase, random noise."""
        with torch.no_grad():
            comb = harmonic_comb(f0, torch.rand(len(f0), 1, dtype=torch.double, device=f0.device))
            hiss = torch.fft.rfft(torch.randn(*f0.shape, SYNTH, device=f0.device))
            source = self.source(comb, hiss, voicing, sound)
        return self.synthesise(*self.envelopes(latent, loudness, f0, voicing, louder), source, hiss)


def scattered(comb: Tensor, taps: Tensor) -> Tensor:
    """[B, samples] convolved with the time-reversed taps, causal, by FFT: a fifth of the time of conv1d on a CPU."""
    size = comb.shape[1] + len(taps)
    size += -size % 1024
    return torch.fft.irfft(torch.fft.rfft(comb, size) * torch.fft.rfft(taps.flip(0), size), size)[:, :comb.shape[1]]


def flatten_bands(device: torch.device | None = None) -> Tensor:
    """The general stage's bands [FLATTEN_BANDS, BINS]; each bin's weights add up to 1."""
    return torch.tensor(band_interpolation(FLATTEN_BANDS, BINS), device=device)


def scatter_filter(seed: int = 3, spacing_hz: float = 150.0) -> Array:
    """All-pass-like taps [SCATTER] (time-reversed, ready for conv1d): a random but smooth group delay, 8 .. 80 % of
    the length, a new value every `spacing_hz`, growing in from 300 Hz to 1 kHz (6 % below: the fundamental must not
    lag, glides would smear). Without it all harmonics peak together, which sounds buzzy (measured: crest factor
    3-9 kHz of low notes 15 dB without, 11 dB with it, 10.8 dB in recordings)."""
    size = 16 * SCATTER
    freq = np.arange(size // 2 + 1) * SR / size
    points = np.arange(0, SR / 2 + 2 * spacing_hz, spacing_hz)
    delay = np.interp(freq, points, np.random.default_rng(seed).uniform(0.08, 0.8, len(points))) * SCATTER
    amount = np.clip(np.log2(np.maximum(freq, 1) / 300) / np.log2(1000 / 300), 0, 1)
    delay = 0.06 * SCATTER + amount * (delay - 0.06 * SCATTER)
    phase = np.exp(-1j * np.cumsum(delay) * 2 * np.pi / size)
    edge = np.minimum(1, np.minimum(np.arange(SCATTER), np.arange(SCATTER)[::-1]) / 8)
    taps = np.zeros(SCATTER)
    for _ in range(60):                                  # project in turn: magnitude 1, length SCATTER
        taps = np.fft.irfft(phase)[:SCATTER] * edge
        phase = np.fft.rfft(taps, size)
        phase /= np.abs(phase) + 1e-9
    return taps[::-1].astype(np.float32).copy()


def harmonic_comb(f0: Tensor, start: Tensor) -> Tensor:
    """Sum of all harmonics below TOP_HARMONIC_HZ, equal amplitudes, power 1, the lowest with LOW_PHASES: f0 [B, T],
    start phase [B, 1] in cycles -> [B, (T+1) * HOP].

    f0 is held for one hop; hop t+1 of the result runs at f0[t] (hop 0 at f0[0]), so that frame t, which covers
    hops t and t+1 of the comb, ends with its own f0.
    """
    held = torch.cat([f0[:, :1], f0], 1)
    advance = held.double() * (HOP / SR)
    begin = torch.cumsum(advance, 1) - advance + start
    ramp = torch.arange(1, HOP + 1, device=f0.device) / SR
    phase = ((begin % 1.0).float().unsqueeze(-1) + held.unsqueeze(-1) * ramp) % 1.0
    count = torch.floor(TOP_HARMONIC_HZ / held).clamp(min=1).unsqueeze(-1)
    return (dirichlet(phase, count) + low_partials(phase, count)).reshape(len(f0), -1)


# sin(pi * phase) stays above 1e-4: nearer to the peak the closed form loses its digits (0.1 % off for 360 harmonics)
NEAREST_PHASE = 1e-4 / math.pi


def dirichlet(phase: Tensor, count: Tensor) -> Tensor:
    """sum_{k=1..count} cos(2 pi k phase) * sqrt(2/count), phase in cycles: the closed form of the Dirichlet kernel."""
    phase = phase.clamp(NEAREST_PHASE, 1 - NEAREST_PHASE)
    closed = 0.5 * torch.sin((2 * count + 1) * math.pi * phase) / torch.sin(math.pi * phase) - 0.5
    return closed * torch.sqrt(2 / count)


def low_partials(phase: Tensor, count: Tensor) -> Tensor:
    """What turns the lowest partials of `dirichlet` to LOW_PHASES: cos(a + p) - cos(a) = -2 sin(p/2) sin(a + p/2)."""
    total = torch.zeros_like(phase)
    for k, angle in enumerate(LOW_PHASES, 1):
        turn = -2 * math.sin(angle / 2)
        if abs(turn) > 1e-9:
            total += turn * (count >= k) * torch.sin(2 * math.pi * k * phase + angle / 2)
    return total * torch.sqrt(2 / count)


def overlap_add(frames: Tensor, length: int) -> Tensor:
    """[B, T, SYNTH] -> [B, length], hop HOP"""
    _, hops, size = frames.shape
    whole = F.fold(frames.transpose(1, 2), (1, (hops - 1) * HOP + size), (1, size), stride=(1, HOP))
    return whole.reshape(len(frames), -1)[:, :length]
