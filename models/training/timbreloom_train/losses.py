"""What training asks for: the sound's spectrum, and a latent that knows neither loudness nor pitch."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .features import DELAY, HANN, HOP, N_FFT, POWER_FLOOR, POWER_SCALE, SR, a_weighting, band_interpolation
from .nets import LATENT


class SpectralLoss(nn.Module):
    """Multi-resolution STFT distance (Yamamoto et al., ICASSP 2020): mean |log magnitude difference| plus relative
    magnitude error, over five window sizes. The second counts half: of two noises the softer one is nearer to any third."""

    SIZES = (2048, 1024, 512, 256, 128)
    FLOOR = 1e-4
    LINEAR_WEIGHT = 0.5

    LONGEST = 8192         # for sounds with low notes at once, whose partials shorter windows do not part

    def __init__(self, has_longest: bool = False) -> None:
        super().__init__()
        self.sizes = (self.LONGEST,) * has_longest + self.SIZES
        for size in self.sizes:
            self.register_buffer(f'window{size}', torch.hann_window(size) * 4 / size)

    def magnitude(self, audio: Tensor, size: int) -> Tensor:
        spectrum = torch.stft(audio, size, size // 2, window=getattr(self, f'window{size}'), center=False,
                              return_complex=True)
        return torch.sqrt(spectrum.real ** 2 + spectrum.imag ** 2 + 1e-12)

    def forward(self, made: Tensor, wanted: Tensor) -> Tensor:
        total = made.new_zeros(())
        for size in self.sizes:
            a, b = self.magnitude(made, size), self.magnitude(wanted, size)
            total = total + (torch.log(a + self.FLOOR) - torch.log(b + self.FLOOR)).abs().mean() \
                + self.LINEAR_WEIGHT * (a - b).abs().sum() / (b.sum() + 1e-3)
        return total / len(self.sizes)


class BandPower(nn.Module):
    """How far mean powers over time lie apart, nepers: of fine bins over a whole crop, so that what lies between the partials of a
    steady note counts as much as they do, and of coarse bins over a tenth of a second. Means of noise hardly depend on chance, so
    that noise is as loud as it should be (`SpectralLoss` alone left it 3 to 7 dB too soft between partials)."""

    FINE, COARSE, COARSE_FRAMES = 4096, 1024, 16
    FLOOR = 1e-9

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer('fine', torch.blackman_window(self.FINE) * 2 / (0.42 * self.FINE))
        self.register_buffer('coarse', torch.hann_window(self.COARSE) * 4 / self.COARSE * 0.58)

    def nepers(self, audio: Tensor, window: Tensor, frames: int | None) -> Tensor:
        spectrum = torch.stft(audio, len(window), len(window) // 4, window=window, center=False, return_complex=True)
        power = spectrum.real ** 2 + spectrum.imag ** 2
        frames = min(frames or power.shape[-1], power.shape[-1])
        return 0.5 * torch.log(F.avg_pool1d(power, frames, frames) + self.FLOOR)

    def forward(self, made: Tensor, wanted: Tensor) -> Tensor:
        apart = [(self.nepers(made, *how) - self.nepers(wanted, *how)).abs().mean()
                 for how in ((self.fine, None), (self.coarse, self.COARSE_FRAMES))]
        return torch.stack(apart).mean()


class GapPower(nn.Module):
    """How far the power between the partials of voiced sound lies apart, and below the lowest, nepers, in bands over a whole crop. Where a
    pitch moves, as in speech, `BandPower` sees only smeared partials; here each window looks into the gaps of its own pitch."""

    SIZE, BANDS = 2048, 32
    MIDDLE = 0.15          # of a gap that counts, to either side of its middle
    LEAST_HZ = 140.0       # below it windows cannot tell partials apart
    FEWEST = 20.0          # bins in all windows that a band needs
    FLOOR = 1e-11

    def __init__(self, delay: int = DELAY) -> None:
        """delay: of the model, samples: by how much later than its pitch training holds a sound."""
        super().__init__()
        # hop t's pitch was heard DELAY before its end; the middle of window n is n hops and half a window after the crop's start
        self.first = max(0, round((self.SIZE // 2 + DELAY - delay) / HOP) - 1)
        self.register_buffer('window', torch.blackman_window(self.SIZE) * 2 / (0.42 * self.SIZE))
        self.register_buffer('bands', torch.from_numpy(band_interpolation(self.BANDS, self.SIZE // 2 + 1)))
        self.register_buffer('hz', torch.arange(self.SIZE // 2 + 1) * SR / self.SIZE)

    def forward(self, made: Tensor, wanted: Tensor, f0: Tensor, voicing: Tensor) -> Tensor:
        """Sounds [B, samples] as training holds them, late by the model's delay; f0 and voicing [B, hops] of the same crop."""
        power = []
        for sound in (made, wanted):
            spectrum = torch.stft(sound, self.SIZE, HOP, window=self.window, center=False, return_complex=True)
            power.append(spectrum.real ** 2 + spectrum.imag ** 2)
        hops = slice(self.first, self.first + min(power[0].shape[-1], f0.shape[1] - self.first))
        power = [part[..., :hops.stop - hops.start] for part in power]
        pitch, steady = f0[:, None, hops], voicing[:, None, hops] > 0.8
        place = self.hz[:, None] / pitch % 1
        gap = (((place - 0.5).abs() < self.MIDDLE) & steady & (pitch > self.LEAST_HZ)).float()
        weight = torch.einsum('bft,kf->bk', gap, self.bands)
        levels = [0.5 * torch.log(torch.einsum('bft,kf->bk', part * gap, self.bands) / (weight + 1e-3) + self.FLOOR) for part in power]
        counts = weight > self.FEWEST
        return ((levels[0] - levels[1]).abs() * counts).sum() / (counts.sum() + 1)


def attack_distance(made: Tensor, wanted: Tensor) -> Tensor:
    """How far levels lie apart where a note has just begun, nepers: blocks of 12 ms, every 3 ms, that are louder than the softest of
    the last 40 ms by 10 dB and more, and near the loudest of the crop. 0 without any."""
    made, wanted = (0.5 * torch.log(F.avg_pool1d(sound[:, None] ** 2, 512, 128)[:, 0] + 1e-8) for sound in (made, wanted))
    softest = -F.max_pool1d(-F.pad(wanted[:, None], (16, 0), mode='replicate'), 13, 1)[:, 0, :wanted.shape[1]]
    weight = ((wanted - softest - 1.2) / 1.2).clamp(0, 1) * (wanted > wanted.amax(1, keepdim=True) - 3.5)
    return ((made - wanted).abs() * weight).sum() / (weight.sum() + 1)


class Adversary(nn.Module):
    """Tries to read a hop's level, its level below the loudest hop nearby, and its log pitch out of its latent; the
    encoder is trained to make it fail (Ganin et al., JMLR 2016, with alternating steps in place of the reversed
    gradient). The second one is what is left of a note's swell once the notes have been set to random levels."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(LATENT, 96), nn.GELU(), nn.Linear(96, 96), nn.GELU(), nn.Linear(96, 3))

    def forward(self, latent: Tensor, level: Tensor, swell: Tensor, octave: Tensor, sounding: Tensor,
                pitched: Tensor) -> Tensor:
        """level, swell and octave [B, T], of about unit spread; sounding and pitched [B, T]: how much a hop's level and
        pitch count (were silence to count, telling it from sound would be all that is unlearned).
        -> squared errors of level, swell and octave relative to their spreads [3] (1 = knows nothing)"""
        guess = self.net(latent)
        return torch.stack([relative_error(guess[..., i], wanted, weight) for i, (wanted, weight)
                            in enumerate(((level, sounding), (swell, sounding), (octave, pitched)))])


class Reader(nn.Module):
    """What a quadratic regression on the latent can read, as `Adversary` says it; solved from what the last batches held
    and not learned: the adversary above falls behind an encoder that moves. (Drum loops whose level it could not read at
    all, 1.01, gave it to a quadratic regression with an R2 of .37.)"""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.triu_indices(LATENT, LATENT)
        width = 1 + LATENT + len(self.first)
        for name, shape in (('gram', (3, width, width)), ('cross', (3, width)), ('weights', (3, width))):
            self.register_buffer(name, torch.zeros(shape))

    def columns(self, latent: Tensor) -> Tensor:
        """[N, LATENT] -> ones, latent, products [N, 1 + LATENT + LATENT * (LATENT + 1) / 2]"""
        return torch.cat([torch.ones_like(latent[:, :1]), latent, latent[:, self.first] * latent[:, self.second]], 1)

    @torch.no_grad()
    def learn(self, latent: Tensor, wanted: Tensor, weight: Tensor) -> None:
        """latent [N, LATENT]; wanted and weight [3, N]."""
        columns = self.columns(latent)
        weighted = columns * weight[..., None] / (weight.sum(1)[:, None, None] + 1e-3)
        self.gram = READER_MEMORY * self.gram + (1 - READER_MEMORY) * weighted.mT @ columns
        self.cross = READER_MEMORY * self.cross + (1 - READER_MEMORY) * (weighted.mT @ wanted[..., None])[..., 0]
        scale = torch.diagonal(self.gram, dim1=1, dim2=2).mean(1)
        ridge = (READER_RIDGE * scale + 1e-9)[:, None, None] * torch.eye(self.gram.shape[1], device=latent.device)
        # By Cholesky: `torch.linalg.solve` of several matrices on two threads ends in an error of MKL's SLASWP (PyTorch 2.15).
        self.weights = torch.cholesky_solve(self.cross[..., None], torch.linalg.cholesky(self.gram + ridge))[..., 0]

    def forward(self, latent: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
        """As `learn`. -> squared errors relative to the spreads [3] (1 = knows nothing)"""
        guess = self.weights @ self.columns(latent).mT
        return torch.stack([relative_error(*row) for row in zip(guess, wanted, weight)])


def relative_error(guess: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    total = weight.sum() + 1e-3
    middle = (wanted * weight).sum() / total
    return ((guess - wanted) ** 2 * weight).sum() / (((wanted - middle) ** 2 * weight).sum() + 1e-3 * total)


FREE_NATS = 0.1
READER_MEMORY, READER_RIDGE = 0.97, 1e-3   # share of the past in what it solves; of the columns' mean square


def divergence(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL divergence of the posterior from the standard normal prior, nats per dimension and hop (Kingma and Welling,
    ICLR 2014, appendix B). A dimension's first FREE_NATS cost nothing (free bits: Kingma et al., NIPS 2016), so that
    none is pressed into silence."""
    nats = 0.5 * (mean ** 2 + log_var.exp() - log_var - 1)
    return nats.mean((0, 1)).clamp(min=FREE_NATS).mean()


def sameness(latent: Tensor) -> Tensor:
    """How far the dimensions of latents [hops, LATENT] are copies of one another or still: the covariance and variance
    terms of VICReg (Bardes et al., ICLR 2022). Without it few dimensions carry everything."""
    spread = torch.sqrt(latent.var(0) + 1e-4)
    latent = (latent - latent.mean(0)) / (spread + 0.05)
    found = latent.T @ latent / len(latent)
    copied = (found - torch.diag(found.diagonal())).square().sum() / (LATENT * (LATENT - 1))
    return copied + F.relu(LEAST_SPREAD - spread).mean()


LEAST_SPREAD = 0.6     # standard deviation that each dimension shall have before the rotation


def below_the_loudest(loudness: Tensor, hops: int) -> Tensor:
    """loudness [B, T] dB -> dB below the loudest within `hops` on either side, 0 or less."""
    return loudness - F.max_pool1d(loudness[:, None], 2 * hops + 1, stride=1, padding=hops)[:, 0]


def quieter(log_mel: Tensor, loudness: Tensor, change_db: Tensor) -> Tensor:
    """What `features.analyse` gives for the same sound at another level: log_mel [B, T, N_MEL], loudness [B, T] dB(A),
    change_db [B] -> log_mel. They differ where the sound nears the floor of the analysis."""
    total = 10 ** (loudness[..., None] / 10)
    gain = 10 ** (change_db[:, None, None] / 10)
    ratio = (10 ** (log_mel * 1.5 - 4.5) - 1e-7).clamp(min=0)
    ratio = ratio * total * gain / ((total - POWER_FLOOR).clamp(min=0) * gain + POWER_FLOOR)
    return (10 * torch.log10(ratio + 1e-7) + 45).clamp(max=65) / 15


def moved(latent: Tensor, other: Tensor) -> Tensor:
    """Mean square distance of two views of the same hops [hops, LATENT], in standard deviations of each principal axis,
    the dead ones too: they are stretched to unit variance when the model is exported."""
    values, axes = torch.linalg.eigh(torch.cov(latent.detach().T))
    scale = (values.clamp(min=0) + 1e-4 * values.sum() / LATENT).rsqrt()
    return ((latent - other) @ axes * scale).square().mean()


class LoudnessLoss(nn.Module):
    """How far the loudness of two sounds lies apart, in bels (A-weighted, IEC 61672-1, on the analysis window)."""

    QUIET_DB = -50.0

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer('window', torch.from_numpy(HANN * np.float32(POWER_SCALE ** 0.5)))
        self.register_buffer('weighting', torch.from_numpy(a_weighting()))

    def bels(self, audio: Tensor) -> Tensor:
        spectrum = torch.stft(audio, N_FFT, HOP, window=self.window, center=False, return_complex=True)
        power = spectrum.real ** 2 + spectrum.imag ** 2
        return torch.log10(torch.einsum('bft,f->bt', power, self.weighting) + POWER_FLOOR)

    def forward(self, made: Tensor, wanted: Tensor) -> Tensor:
        wanted = self.bels(wanted)
        heard = (wanted > self.QUIET_DB / 10).float()
        return ((self.bels(made) - wanted).abs() * heard).sum() / (heard.sum() + 1e-3)


class Statistics(nn.Module):
    """Running mean and covariance of latents. momentum: the most that what was seen before counts, 0 to 1."""

    def __init__(self, momentum: float) -> None:
        super().__init__()
        self.momentum, self.seen = momentum, 0
        self.register_buffer('mean', torch.zeros(LATENT))
        self.register_buffer('covariance', torch.eye(LATENT))

    def with_batch(self, latent: Tensor) -> tuple[Tensor, Tensor, float]:
        """latent [hops, LATENT] -> mean and covariance with the batch in them, and the batch's share."""
        share = max(1 - self.momentum, 1 / (self.seen + 1))
        mean = self.mean.lerp(latent.mean(0), share)
        apart = latent - mean
        return mean, self.covariance.lerp(apart.T @ apart / len(latent), share), share

    @torch.no_grad()
    def learn(self, latent: Tensor) -> None:
        mean, covariance, _ = self.with_batch(latent)
        self.mean.copy_(mean)
        self.covariance.copy_(covariance)
        self.seen += 1


class Alignment(nn.Module):
    """Brings foreign sounds into the domain's latent space: their latents shall have the mean and the covariance of the
    domain's own (correlation alignment, Sun and Saenko, ECCV Workshops 2016, after whitening by the domain). Without it
    a horn is a row of dark cellos: the encoder hands its colour on."""

    RIDGE = 0.02         # of the mean variance, so that dead dimensions are not blown up

    def __init__(self, domains: int) -> None:
        """domains: how many foreign ones there are."""
        super().__init__()
        self.own = Statistics(0.98)
        # A batch alone has too few hops to tell a covariance: it counts as a part of what was seen of its domain.
        self.foreign = nn.ModuleList(Statistics(0.9) for _ in range(domains))

    def learn(self, latent: Tensor) -> None:
        """latent [hops, LATENT] of the domain."""
        self.own.learn(latent)

    def forward(self, latent: Tensor, domain: int) -> Tensor:
        """latent [hops, LATENT] of a foreign domain -> distance of its statistics; 0: the domain's own. The gradient is
        that of the running statistics by the whole of them, though only the batch carries it."""
        mean, covariance, share = self.foreign[domain].with_batch(latent)
        self.foreign[domain].learn(latent.detach())
        ridge = self.RIDGE * self.own.covariance.trace() / LATENT
        values, axes = torch.linalg.eigh(self.own.covariance)
        whiten = axes * (values + ridge).rsqrt()
        off = (mean - self.own.mean) @ whiten
        excess = whiten.T @ covariance @ whiten - torch.diag(values / (values + ridge))
        apart = off.square().mean() + excess.square().sum() / LATENT
        return apart.detach() + (apart - apart.detach()) / share
