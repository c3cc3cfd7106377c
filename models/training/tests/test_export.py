"""Packages: what is written, that it plays, and that broken models are refused."""
import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

try:
    import onnx  # noqa: F401
    import onnxruntime  # noqa: F401
    import torch
except ImportError as error:
    raise unittest.SkipTest(f'{error}: these tests need PyTorch and ONNX Runtime (see install.py)') from error

import soundfile

import tiny
from timbreloom_train import card, export, nets, reopen, session, stream, train
from timbreloom_train.evaluate import carry_on, evaluate
from timbreloom_train.features import HOP, SR
from timbreloom_train.pipeline import check_cache


class ExportTest(unittest.TestCase):
    def setUp(self) -> None:
        torch.set_num_threads(1)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        tiny.save_cache(self.folder / 'cache.npz')

    def export(self, model: train.Model, **choices: int) -> dict:
        tiny.save_checkpoint(model, self.folder / 'model.pt')
        return export.export(self.folder / 'model.pt', self.folder / 'cache.npz', self.folder / 'package', 'tiny', 'A test.',
                             'MIT', 'generated', **choices)

    def test_package_is_complete_and_plays(self) -> None:
        manifest = self.export(tiny.model())
        folder = self.folder / 'package'
        text = (folder / 'manifest.json').read_text()
        self.assertEqual(json.loads(text), manifest)
        self.assertLess(text.count('\n'), 500)
        for part in ('encoder', 'decoder', 'parity'):
            self.assertEqual(export.sha256(folder / manifest[part]['file']), manifest[part]['sha256'])
        hops, columns = manifest['parity']['hops'], manifest['noise_columns']
        self.assertEqual((folder / 'parity.f32').stat().st_size, 4 * hops * (512 + 1 + 1 + columns + 16 + 1 + 512))
        self.assertEqual(np.shape(manifest['reference_cloud']), (400, 16))
        np.testing.assert_allclose(manifest['latent']['mean'], 0, atol=0.05)
        np.testing.assert_allclose(manifest['latent']['std'], 1, atol=0.05)
        self.assertEqual(manifest['latent']['variance_share'], sorted(manifest['latent']['variance_share'], reverse=True))
        self.assertLess(manifest['pitch']['min_hz'], manifest['pitch']['max_hz'])

        played = session.Session(folder)
        played.reset()
        audio = tiny.melody(20)[0]
        latent, loudness = played.encode(audio)
        args = (latent, loudness, np.full(20, 220, np.float32), np.ones(20, np.float32), played.noise(20))
        first = played.decode(*args)
        played.reset()
        np.testing.assert_array_equal(played.decode(*args), first)
        self.assertEqual(first.shape, (20 * HOP,))

    def test_stream_begins_as_it_goes_on_after_silence(self) -> None:
        self.export(tiny.model())
        played = session.Session(self.folder / 'package')
        note = tiny.melody(4)[0]
        late = np.concatenate([np.zeros(60 * HOP, np.float32), note])
        played.reset()
        begun = played.encode(note)
        played.reset()
        for made, later in zip(begun, played.encode(late)):
            np.testing.assert_allclose(made, later[-4:], atol=1e-3)
        played.clear()
        cold = played.encode(note)[0]
        self.assertGreater(np.abs(cold - begun[0]).max(), 0.1)

    def test_decoder_in_eight_bits_is_held_to_its_own_tolerance(self) -> None:
        exact = self.export(tiny.model())
        coarse = self.export(tiny.model(), decoder_bits=8)
        self.assertEqual((exact['parity']['tolerance'], coarse['parity']['tolerance']), (2e-3, 1e-2))
        self.assertEqual(exact['encoder'], coarse['encoder'])
        self.assertNotEqual(exact['decoder']['sha256'], coarse['decoder']['sha256'])
        self.assertEqual(export.sha256(self.folder / 'package' / 'decoder.onnx'), coarse['decoder']['sha256'])
        self.assertEqual(json.loads((self.folder / 'package' / 'manifest.json').read_text()), coarse)

    def test_weights_that_are_not_numbers_are_refused(self) -> None:
        model = tiny.model()
        with torch.no_grad():
            model.decoder.to_harmonic.bias[0] = float('nan')
        with self.assertRaisesRegex(session.ExportError, 'not numbers'):
            self.export(model)

    def test_a_graph_that_disagrees_is_refused(self) -> None:
        self.export(tiny.model())
        other = tiny.model(seed=1)
        other.decoder.flicker.fill_(0.1)
        rows = export.write_parity(other, export.Phrases(self.folder / 'cache.npz'), self.folder)
        with self.assertRaisesRegex(session.ExportError, 'differs'):
            session.verify(self.folder / 'package', rows)

    def test_evaluation_and_card(self) -> None:
        self.export(tiny.model())
        sounds = self.folder / 'sounds'
        sounds.mkdir()
        for index in range(2):
            soundfile.write(sounds / f'{index}.wav', tiny.melody(80 + 10 * index)[0], SR)
        figures = evaluate(self.folder / 'package', sounds, foreign=[sounds], figure=self.folder / 'figure.png')
        self.assertLess(figures['held_out']['latent']['moved_by_minus_12_db_deviations'], 0.2)
        self.assertGreater(figures['held_out']['msmel_db']['silence'], figures['held_out']['msmel_db']['sawtooth'])
        self.assertTrue((self.folder / 'figure.png').exists())
        json.dumps(figures)
        text = card.write_card(self.folder / 'package', figures).read_text()
        self.assertIn('## Bad at', text)
        notes = self.folder / 'notes.md'
        notes.write_text('## Bad at\n\n- words\n\n## Five settings\n')
        text = card.write_card(self.folder / 'package', figures, notes).read_text()
        self.assertEqual(text.count('## Bad at'), 1)
        self.assertRegex(text, r'## Bad at\n\n- rebuilding[^#]*\n- words\n\n## Five settings\n$')
        with self.assertRaisesRegex(ValueError, 'none of the wanted'):
            evaluate(self.folder / 'package', sounds, only=['other.wav'])

    def test_training_starts_and_resumes(self) -> None:
        check_cache(self.folder / 'cache.npz', 56)
        for minutes in (0.01, 0.02):
            settings = train.Settings(minutes=minutes, batch=2, hops=20, threads=1, encoder_channels=8, encoder_blocks=1,
                                      decoder_channels=8, decoder_blocks=1)
            train.train(self.folder / 'cache.npz', self.folder / 'trained.pt', settings)
        self.assertGreaterEqual(train.load_model(self.folder / 'trained.pt').seconds, 1.2)

    def test_a_package_opened_again_plays_as_it_did(self) -> None:
        for stage in nets.STAGES:
            with mock.patch.object(export.calibrate, 'calibrate'):
                manifest = self.export(tiny.model(stage=stage))
            encoder, decoder, about = reopen.reopened(self.folder / 'package')
            self.assertEqual(about, manifest)
            for graph, part in ((stream.encoder_graph(encoder)[0], 'encoder'), (stream.decoder_graph(decoder)[0], 'decoder')):
                self.assertEqual(graph.SerializeToString(), (self.folder / 'package' / f'{part}.onnx').read_bytes())

    def test_a_flickering_package_and_one_in_eight_bits_are_opened_again(self) -> None:
        made = tiny.model()
        with mock.patch.object(export.calibrate, 'measure_hiss'):      # which moves the biases that are compared
            self.export(made, decoder_bits=8)
        decoder = reopen.reopened(self.folder / 'package')[1]
        first, kept = made.decoder.stack.blocks[0], decoder.stack.blocks[0]
        torch.testing.assert_close(kept.up.weight, first.up.weight, rtol=0, atol=0.01)
        torch.testing.assert_close(kept.down.weight, first.down.weight * first.scale[:, None], rtol=0, atol=0.01)
        torch.testing.assert_close(decoder.to_noise.bias, made.decoder.to_noise.bias)

    def test_a_decoder_trained_on_alone_leaves_the_latents_as_they_are(self) -> None:
        manifest = self.export(tiny.model())
        first = export.sha256(self.folder / 'package' / 'manifest.json')
        settings = train.Settings(minutes=0.02, batch=2, hops=20, threads=1, keep_encoder=True, encoder_channels=24, encoder_blocks=2,
                                  decoder_channels=24, decoder_blocks=2)
        train.train(self.folder / 'cache.npz', self.folder / 'next.pt', settings, self.folder / 'package')
        encoder, decoder = ((self.folder / 'package' / f'{part}.onnx').read_bytes() for part in ('encoder', 'decoder'))
        later = export.export(self.folder / 'next.pt', self.folder / 'cache.npz', self.folder / 'package', 'tiny', '', '', '')
        self.assertEqual((self.folder / 'package' / 'encoder.onnx').read_bytes(), encoder)
        self.assertNotEqual((self.folder / 'package' / 'decoder.onnx').read_bytes(), decoder)
        self.assertEqual([later[key] for key in ('latent', 'reference_cloud')], [manifest[key] for key in ('latent', 'reference_cloud')])
        self.assertEqual(later['training']['latents_of'], [first])
        with self.assertRaisesRegex(ValueError, 'leave --emphasis out'):
            export.export(self.folder / 'next.pt', self.folder / 'cache.npz', self.folder / 'package', 'tiny', '', '', '', emphasis=1.2)

    def test_only_a_decoder_of_the_same_stage_and_delay_can_take_a_packages_place(self) -> None:
        with mock.patch.object(export.calibrate, 'calibrate'):
            self.export(tiny.model(stage='general'))
        settings = train.Settings(minutes=0.01, keep_encoder=True, encoder_channels=24, encoder_blocks=2, decoder_channels=24, decoder_blocks=2)
        with self.assertRaisesRegex(ValueError, 'its stage is general, and pitched was asked for; see --stage'):
            train.train(self.folder / 'cache.npz', self.folder / 'next.pt', settings, self.folder / 'package')
        self.export(tiny.model())
        with self.assertRaisesRegex(ValueError, 'its delay is 1024, and 320 was asked for; see --low-latency'):
            train.train(self.folder / 'cache.npz', self.folder / 'next.pt', replace(settings, delay=320), self.folder / 'package')

    def test_a_package_of_another_kind_is_not_trained_on_from(self) -> None:
        self.export(tiny.model())
        path = self.folder / 'package' / 'manifest.json'
        manifest = json.loads(path.read_text())
        for changes, told in (({'kind': 'discrete'}, 'no continuous model'), ({'stage': 'general'}, 'not one that')):
            path.write_text(json.dumps(manifest | changes))
            with self.assertRaisesRegex(ValueError, told):
                reopen.reopened(self.folder / 'package')

    def test_a_damaged_package_and_latents_that_cannot_be_kept_are_refused(self) -> None:
        self.export(tiny.model())
        settings = train.Settings(minutes=0.01, batch=2, hops=20, threads=1, keep_encoder=True, encoder_channels=24, encoder_blocks=2,
                                  decoder_channels=24, decoder_blocks=2)
        with self.assertRaisesRegex(ValueError, 'says nothing of its latents'):
            train.train(self.folder / 'cache.npz', self.folder / 'next.pt', settings, self.folder / 'model.pt')
        train.train(self.folder / 'cache.npz', self.folder / 'next.pt', settings, self.folder / 'package')
        with self.assertRaisesRegex(ValueError, 'another --keep-encoder'):
            train.train(self.folder / 'cache.npz', self.folder / 'next.pt', replace(settings, keep_encoder=False), self.folder / 'package')
        path = self.folder / 'package' / 'manifest.json'
        manifest = json.loads(path.read_text())
        for changes, told in (({'decoder': manifest['decoder'] | {'file': '../decoder.onnx'}}, 'without a folder'),
                              ({'decoder': manifest['decoder'] | {'sha256': '0' * 64}}, 'is not the file'), ({'kind': 3}, 'continuous')):
            path.write_text(json.dumps(manifest | changes))
            with self.assertRaisesRegex(ValueError, told):
                train.saved_of(self.folder / 'package')
        path.write_text('[]')
        with self.assertRaisesRegex(ValueError, 'cannot be trained on from'):
            train.saved_of(self.folder / 'package')

    def test_cache_without_long_phrases_is_refused(self) -> None:
        tiny.save_cache(self.folder / 'short.npz', 40)
        with self.assertRaisesRegex(ValueError, 'longest phrase'):
            check_cache(self.folder / 'short.npz', 56)

    def test_pitch_is_carried_on_between_voiced_hops_alone(self) -> None:
        f0 = np.array([100, 100, 101, 200, 200], np.float32)
        voicing = np.array([1, 1, 1, 1, 0], np.float32)
        # measured (width + 44100 / 101) / 2 samples before the hop's end, heard 256 after it when the model is not late;
        # 700 samples are compared for such a model, 1166 for one that is two hops late
        def carried(width: int, delay: int) -> float:
            return 101 * (101 / 100) ** (((width + 44100 / 101) / 2 + 256 - delay) / HOP)
        np.testing.assert_allclose(carry_on(f0, voicing, 0), [100, 100, carried(700, 0), 200 * 2 ** (40 / 1200), 200], rtol=1e-5)
        self.assertAlmostEqual(float(carry_on(f0, voicing, 1024)[2]), carried(1166, 1024), delta=1e-3)

    def test_a_slim_checkpoint_starts_a_model_of_either_stage(self) -> None:
        made = tiny.model()
        tiny.save_checkpoint(made, self.folder / 'whole.pt')
        train.slim(self.folder / 'whole.pt', self.folder / 'slim.pt')
        self.assertLess((self.folder / 'slim.pt').stat().st_size, (self.folder / 'whole.pt').stat().st_size / 2)
        for stage in nets.STAGES:
            encoder, decoder = nets.Encoder(24, 2), nets.Decoder(24, 2, stage)
            train.start_from(self.folder / 'slim.pt', encoder, decoder)
            shared = nets.LATENT + 1
            np.testing.assert_allclose(decoder.stack.first.weight[:, :shared].detach(),
                                       made.decoder.stack.first.weight[:, :shared].detach(), atol=2e-3)
        with self.assertRaisesRegex(ValueError, 'same size'):
            train.start_from(self.folder / 'slim.pt', nets.Encoder(24, 2), nets.Decoder(16, 2))


if __name__ == '__main__':
    unittest.main()
