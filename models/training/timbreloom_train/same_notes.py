"""Foreign sounds, played through the model, shall have the domain's own spectra: on average, and as varied, at each note.

The alignment brings their latents to where the domain's are, as a whole; which of them go with which notes it leaves open,
and a cello played as a flute kept 14 dB (root of the summed squares over 40 bands) from the flute's mean at its notes.
"""
import numpy as np
import torch
from torch import Tensor, nn

from .corpus import Phrases
from .features import HANN, HOP, N_FFT, N_MEL, POWER_FLOOR, POWER_SCALE, a_weighting, mel_matrix

LOWEST_HZ, NOTES = 40.0, 72            # six octaves of semitones
NEARBY = 1.5                           # semitones
FEWEST_HOPS = 150                      # of the domain, for a note to count
VOICED, SOUNDING_DB = 0.5, -45.0
LAG_HOPS = 2                           # a window that ends with a hop of the output is centred on the pitch of two hops ago
MEMORY = 0.9                          # share of the past in what is known of a foreign domain
SPREAD = 0.5                           # weight of the variances beside the means


class SameNotes(nn.Module):
    """Knows the mean and the variance of the domain's log-mel spectra at each note; follows how far each foreign domain's
    lie from them. What it gives has the gradient of the squared distance of the long-run means: judged on one batch alone,
    sounds would lose their variety, since that brings a batch's mean nearer."""

    def __init__(self, phrases: Phrases, foreign: int) -> None:
        """foreign: how many domains."""
        super().__init__()
        column = phrases.column
        use = (column['voicing'] > VOICED) & (column['loudness'] > SOUNDING_DB)
        rows, note = column['log_mel'][use].astype(np.float32), 12 * np.log2(column['f0'][use] / LOWEST_HZ)
        mean, variance, known = (np.zeros((NOTES, N_MEL), np.float32), np.ones((NOTES, N_MEL), np.float32),
                                 np.zeros(NOTES, bool))
        for n in range(NOTES):
            near = rows[np.abs(note - n) < NEARBY]
            if len(near) >= FEWEST_HOPS:
                mean[n], variance[n], known[n] = near.mean(0), near.var(0), True
        for name, value in (('mean', mean), ('variance', variance), ('known', known), ('mel', mel_matrix()),
                            ('weighting', a_weighting()), ('window', HANN * np.float32(POWER_SCALE ** 0.5))):
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(value)))
        self.register_buffer('off', torch.zeros(foreign, 2, N_MEL))

    def log_mel(self, audio: Tensor) -> Tensor:
        """As features.analyse, of the windows that lie within the sound: [B, samples] -> [B, windows, N_MEL]"""
        spectrum = torch.stft(audio, N_FFT, HOP, window=self.window, center=False, return_complex=True)
        power = (spectrum.real ** 2 + spectrum.imag ** 2).transpose(1, 2)
        ratio = power @ self.mel.T / ((power @ self.weighting)[..., None] + POWER_FLOOR)
        return (10 * torch.log10(ratio + 1e-7) + 45).clamp(-25, 65) / 15

    def forward(self, made: Tensor, f0: Tensor, voicing: Tensor, loudness: Tensor, domain: int) -> Tensor | None:
        """made [B, T * HOP] of foreign sound with f0, voicing, loudness [B, T]; domain: which one.
        -> distance; None when too little of it has a note that the domain has."""
        rows = self.log_mel(made)
        first = N_FFT // HOP - 1 - LAG_HOPS
        at = slice(first, first + rows.shape[1])
        note = (12 * torch.log2(f0[:, at] / LOWEST_HZ)).round().long().clamp(0, NOTES - 1)
        use = self.known[note] & (voicing[:, at] > VOICED) & (loudness[:, at] > SOUNDING_DB)
        if use.sum() < 24:
            return None
        rows, note = rows[use], note[use]
        away = rows - self.mean[note]
        now = torch.stack([away.mean(0), (away.square() - self.variance[note]).mean(0)])
        self.off[domain] = MEMORY * self.off[domain] + (1 - MEMORY) * now.detach()
        pull = self.off[domain]
        return (pull[0].clamp(-1, 1) * now[0]).mean() + SPREAD * (pull[1].clamp(-1, 1) * now[1]).mean()
