"""What the libraries would do by themselves is forbidden before they are imported."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

TELLS = "import os, sys, timbreloom_train; assert 'onnxruntime' not in sys.modules; print(os.environ['ORT_DISABLE_TELEMETRY'], os.environ['MPLCONFIGDIR'])"


class PrivacyTest(unittest.TestCase):
    def test_the_package_forbids_it_whatever_the_environment_says(self) -> None:
        for before in ({}, {'ORT_DISABLE_TELEMETRY': '0'}, {'ORT_DISABLE_TELEMETRY': ''}):
            environment = {name: value for name, value in os.environ.items() if name not in ('ORT_DISABLE_TELEMETRY', 'MPLCONFIGDIR')}
            told = subprocess.run([sys.executable, '-c', TELLS], env={**environment, **before}, capture_output=True, text=True,
                                  cwd=Path(__file__).parents[1])
            self.assertEqual(told.stderr, '')
            off, figures = told.stdout.strip().split(' ', 1)
            self.assertEqual(off, '1')
            self.assertEqual(Path(figures).parent.name, 'timbreloom')


if __name__ == '__main__':
    unittest.main()
