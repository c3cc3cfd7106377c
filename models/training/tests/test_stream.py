"""The ONNX graphs, one hop at a time, against the PyTorch networks on the whole file."""
import unittest

import numpy as np

try:
    import onnx
    import onnxruntime
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'{error}: these tests need PyTorch and ONNX Runtime (see install.py)') from error

import tiny
from timbreloom_train import nets, stream
from timbreloom_train.export import whole_file
from timbreloom_train.features import HOP, analyse

HOPS = 40
TOLERANCE = 1e-4


class Runner:
    """A graph in memory with its state, `batch` streams at once."""

    def __init__(self, graph: 'onnx.ModelProto', size: int, batch: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=['CPUExecutionProvider'])
        self.state = np.zeros((batch, size), np.float32)

    def step(self, **inputs: np.ndarray) -> list[np.ndarray]:
        *outputs, self.state = self.session.run(None, {**inputs, 'state': self.state})
        return outputs


class StreamTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        torch.set_num_threads(1)
        cls.model = tiny.model()
        cls.model.decoder.flicker.copy_(torch.rand(cls.model.decoder.flicker.shape))
        stream.round_weights(cls.model.decoder)
        cls.audio, cls.f0, cls.voicing = tiny.melody(HOPS)
        cls.log_mel, cls.loudness = analyse(cls.audio)
        cls.noise = np.random.default_rng(3).standard_normal((HOPS, stream.noise_columns(cls.model.decoder))).astype(np.float32)
        cls.latent, cls.output = whole_file(cls.model, cls.audio, cls.log_mel, cls.loudness, cls.f0, cls.voicing, cls.noise)
        cls.encoder, cls.encoder_size = stream.encoder_graph(cls.model.encoder)
        cls.decoder, cls.decoder_size = stream.decoder_graph(cls.model.decoder)

    def decode(self, hop: int) -> dict[str, np.ndarray]:
        row = slice(hop, hop + 1)
        return {'latent': self.latent[row], 'loudness': self.loudness[row], 'f0': self.f0[row],
                'voicing': self.voicing[row], 'noise': self.noise[row]}

    def test_encoder_equals_the_whole_file(self) -> None:
        runner = Runner(self.encoder, self.encoder_size)
        rows = [runner.step(audio=hop) for hop in self.audio.reshape(HOPS, 1, HOP)]
        self.assertGreater(float(self.latent.std()), 0.05)
        np.testing.assert_allclose(np.concatenate([r[0] for r in rows]), self.latent, atol=1e-3)
        np.testing.assert_allclose(np.concatenate([r[1] for r in rows]), self.loudness, atol=1e-2)

    def test_decoder_equals_the_whole_file(self) -> None:
        runner = Runner(self.decoder, self.decoder_size)
        made = np.concatenate([runner.step(**self.decode(hop))[0][0] for hop in range(HOPS)])
        self.assertGreater(float(np.abs(self.output).max()), 1e-3)
        np.testing.assert_allclose(made, self.output, atol=TOLERANCE * float(np.abs(self.output).max()) * 10)

    def test_general_decoder_equals_the_whole_file(self) -> None:
        model = tiny.model(stage='general')
        stream.round_weights(model.decoder)
        graph, size = stream.decoder_graph(model.decoder)
        hiss = self.noise[:, :stream.HISS_COLUMNS]
        heard = self.audio.copy()
        heard[:HOP * 12] = 0                                    # comb and noise stand in
        _, output = whole_file(model, heard, self.log_mel, self.loudness, self.f0, self.voicing, hiss)
        latent = model.encoder(torch.tensor(self.log_mel)[None])[0][0].detach().numpy()
        runner = Runner(graph, size)
        made = np.concatenate([runner.step(**{**self.decode(hop), 'latent': latent[hop:hop + 1], 'noise': hiss[hop:hop + 1],
                                              'sound': heard[None, hop * HOP:(hop + 1) * HOP]})[0][0] for hop in range(HOPS)])
        self.assertGreater(float(np.abs(output[HOP * 4:HOP * 10]).max()), 5e-4)
        np.testing.assert_allclose(made, output, atol=TOLERANCE * float(np.abs(output).max()) * 10)

    def test_decoder_in_eight_bits_is_almost_the_same_and_takes_half_the_room(self) -> None:
        torch.manual_seed(0)
        wide = nets.Decoder(128, 5).eval()
        wide.flicker.fill_(0.2)
        (exact, size), (coarse, _) = (stream.decoder_graph(wide, is_8bit, is_half=False) for is_8bit in (False, True))
        self.assertLess(coarse.ByteSize(), 0.55 * exact.ByteSize())        # the bands' matrices are the same in both
        made = [np.concatenate([runner.step(**self.decode(hop))[0][0] for hop in range(HOPS)])
                for runner in (Runner(exact, size), Runner(coarse, size))]
        difference = np.abs(made[1] - made[0]).max() / np.abs(made[0]).max()
        self.assertTrue(1e-6 < difference < 0.02, difference)

    @torch.no_grad()
    def test_rounding_keeps_what_it_plays_and_halves_the_file(self) -> None:
        model = tiny.model()
        given = torch.randn(1, 30, nets.LATENT), torch.full((1, 30), -30.0), torch.full((1, 30), 220.0), torch.ones(1, 30)
        before = model.decoder.envelopes(*given)
        stream.round_weights(model.decoder)
        for exact, rounded in zip(before, model.decoder.envelopes(*given)):
            decibels = 20 * torch.log10(rounded / exact).abs()
            self.assertTrue(0 < float(decibels.mean()) < 0.02, decibels.mean())
        wide = nets.Decoder(192, 5).eval()
        stream.round_weights(wide)
        sizes = [stream.decoder_graph(wide, is_half=is_half)[0].ByteSize() for is_half in (True, False)]
        self.assertLess(sizes[0], 0.65 * sizes[1])

    def test_two_streams_in_a_batch_do_not_mix(self) -> None:
        single, double = Runner(self.decoder, self.decoder_size), Runner(self.decoder, self.decoder_size, batch=2)
        for hop in range(12):
            one, other = self.decode(hop), self.decode(HOPS - 1 - hop)
            both = {key: np.concatenate([one[key], other[key]]) for key in one}
            np.testing.assert_allclose(double.step(**both)[0][0], single.step(**one)[0][0], atol=1e-5)

    def test_encoder_is_blind_to_gain(self) -> None:
        loud, quiet = (Runner(self.encoder, self.encoder_size) for _ in range(2))
        for hop in self.audio.reshape(HOPS, 1, HOP):
            first, second = loud.step(audio=hop), quiet.step(audio=hop * np.float32(0.25))
            if first[1][0] > -30:
                np.testing.assert_allclose(second[0], first[0], atol=0.05)
                np.testing.assert_allclose(second[1], first[1] - 12.041, atol=0.05)

    def test_pitch_of_the_decoder(self) -> None:
        comb = nets.harmonic_comb(torch.full((1, 60), 220.0), torch.zeros(1, 1, dtype=torch.double))[0].numpy()
        spectrum = np.abs(np.fft.rfft(comb[:60 * HOP] * np.hanning(60 * HOP)))
        peak = np.argmax(spectrum[:700]) * 44100 / (60 * HOP)
        self.assertLess(abs(peak % 220.0 - 220.0 * round(peak % 220.0 / 220.0)), 1.5)
        self.assertAlmostEqual(float((comb ** 2).mean()), 1.0, delta=0.05)

    def test_low_partials_keep_their_level_and_lose_their_peak(self) -> None:
        phase = torch.arange(4410)[None] / 441
        count = torch.full((1, 1), 8.0)
        plain = nets.dirichlet(phase % 1, count)[0].numpy()
        turned = plain + nets.low_partials(phase, count)[0].numpy()
        levels = [np.abs(np.fft.rfft(wave))[10:81:10] for wave in (plain, turned)]
        np.testing.assert_allclose(levels[1], levels[0], rtol=0.02)
        self.assertLess(np.abs(turned).max(), 0.6 * np.abs(plain).max())


class LossTest(unittest.TestCase):
    def test_flattened_excitation_has_the_same_level_in_every_band(self) -> None:
        decoder = nets.Decoder(8, 1, 'general')
        rng = np.random.default_rng(0)
        tilted = np.cumsum(rng.standard_normal(60 * HOP)).astype(np.float32) * 0.01       # 6 dB per octave
        tilted -= tilted.mean()
        sound = torch.tensor(tilted)[None]
        hops = 58
        source = decoder.source(torch.zeros(1, (hops + 1) * HOP), torch.zeros(1, hops, nets.BINS), torch.zeros(1, hops), sound)
        bands = nets.flatten_bands()
        level = 10 * torch.log10((source.abs() ** 2).mean(1)[0] @ (bands / bands.sum(1, keepdim=True)).T).numpy()
        self.assertLess(np.ptp(level[2:-1]), 3.0)


if __name__ == '__main__':
    unittest.main()
