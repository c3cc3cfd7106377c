"""What training asks for: the sound's spectrum, and a latent that does not know the loudness."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .nets import LATENT


class SpectralLoss(nn.Module):
    """Multi-resolution STFT distance (Yamamoto et al., ICASSP 2020): mean |log magnitude difference| plus relative
    magnitude error, over five window sizes."""

    SIZES = (2048, 1024, 512, 256, 128)
    FLOOR = 1e-4

    def __init__(self) -> None:
        super().__init__()
        for size in self.SIZES:
            self.register_buffer(f'window{size}', torch.hann_window(size) * 4 / size)

    def magnitude(self, audio: Tensor, size: int) -> Tensor:
        spectrum = torch.stft(audio, size, size // 4, window=getattr(self, f'window{size}'), center=False,
                              return_complex=True)
        return torch.sqrt(spectrum.real ** 2 + spectrum.imag ** 2 + 1e-12)

    def forward(self, made: Tensor, wanted: Tensor) -> Tensor:
        total = made.new_zeros(())
        for size in self.SIZES:
            a, b = self.magnitude(made, size), self.magnitude(wanted, size)
            total = total + (torch.log(a + self.FLOOR) - torch.log(b + self.FLOOR)).abs().mean() \
                + (a - b).abs().sum() / (b.sum() + 1e-3)
        return total / len(self.SIZES)


class Adversary(nn.Module):
    """Tries to read the loudness of a hop out of its latent; the encoder is trained to make it fail (Ganin et al.,
    JMLR 2016, with alternating steps in place of the reversed gradient)."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(LATENT, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 1))

    def forward(self, latent: Tensor, wanted: Tensor) -> Tensor:
        """wanted [B, T], scaled to about -2.5 .. 2.5 -> squared error relative to its spread (1 = knows nothing)"""
        return F.mse_loss(self.net(latent)[..., 0], wanted) / (wanted.var() + 1e-3)


def divergence(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL divergence of the posterior from the standard normal prior, nats per dimension and hop (Kingma and Welling,
    ICLR 2014, appendix B)."""
    return 0.5 * (mean ** 2 + log_var.exp() - log_var - 1).mean()
