"""Hits as grains: what the trainer hears and makes is what the plugin does."""
import json
import unittest

import grains_fixture
import numpy as np


class GrainsTest(unittest.TestCase):
    def test_a_hit_is_heard_and_made_as_the_plugin_does(self) -> None:
        """The plugin's test of the same fixture is in src/grains/parity_tests.rs."""
        fixture, made = json.loads(grains_fixture.FIXTURE.read_text()), grains_fixture.made()
        for kind, values in (('heard', {'rows': 1e-3, 'wave': 1e-5}), ('sounds', {'sound': 1e-4})):
            self.assertEqual(len(made[kind]), len(fixture[kind]))
            for ours, theirs in zip(made[kind], fixture[kind]):
                self.assertEqual({**ours, **values}, {**theirs, **values})
                for name, most in values.items():
                    np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=most)


if __name__ == '__main__':
    unittest.main()
