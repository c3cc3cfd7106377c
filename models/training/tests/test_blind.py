"""The page of blind pairs: its files fit together, and a browser, where there is one, gets from its first pair to its result."""
import functools
import http.server
import json
import re
import shutil
import subprocess
import threading
import unittest
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from timbreloom_train.features import SR, loudness_of

LISTEN = Path(__file__).resolve().parents[3] / 'docs' / 'listen'
BROWSERS = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
PAIRS = 20
# a visitor who always finds the first more like it, and goes back once; what the page says in the end stands in the title
REHEARSAL = '''<!DOCTYPE html><iframe id="page" src="blind.html"></iframe><script>
const faults = [];
document.getElementById('page').onload = async event => {
  const page = event.target.contentDocument, press = what => page.querySelector(what).click();
  event.target.contentWindow.onerror = message => faults.push(message);
  press('#begin');
  const asked = new Set();
  for (let pair = 0; pair < 20; pair += 1) {
    asked.add(page.getElementById('question').textContent + page.getElementById('title').textContent);
    press('[data-play="0"]');
    press('[data-answer="0"]');
    if (pair === 4) { press('#back'); press('[data-answer="none"]'); }
  }
  const seconds = [];
  for (const name of NAMES) {
    const sound = new Audio(name);
    await new Promise(done => { sound.onloadedmetadata = done; sound.onerror = () => { faults.push(name); done(); }; });
    seconds.push(sound.duration);
  }
  const shown = ['start', 'pair', 'result'].filter(id => !page.getElementById(id).hidden);
  document.body.innerHTML = '<pre>' + JSON.stringify({ asked: asked.size, faults, seconds, shown,
    rows: page.querySelectorAll('#rows tr').length, verdict: page.getElementById('verdict').textContent }) + '</pre>';
};
</script>'''


def pairs() -> list[dict[str, Any]]:
    text = (LISTEN / 'pairs.js').read_text()
    found: list[dict[str, Any]] = json.loads(text[text.index('['):text.rindex(']') + 1])
    return found


def files_of(pair: dict[str, Any]) -> list[Path]:
    return [LISTEN / f'{pair["number"]:02}-{letter}.mp3' for letter in 'ab']


class Handler(http.server.SimpleHTTPRequestHandler):
    """The page's folder, and the rehearsal beside it."""

    def do_GET(self) -> None:
        if self.path != '/rehearsal.html':
            return super().do_GET()
        content = REHEARSAL.replace('NAMES', json.dumps([path.name for pair in pairs() for path in files_of(pair)])).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'text/html')
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class BlindTest(unittest.TestCase):
    def test_twenty_pairs_are_equally_loud_and_long_and_neither_name_nor_order_tells_the_newer(self) -> None:
        found = pairs()
        self.assertEqual([pair['number'] for pair in found], list(range(1, PAIRS + 1)))
        self.assertTrue(6 <= sum(pair['newer'] == 'a' for pair in found) <= 14)
        for pair in found:
            sounds = [soundfile.read(path, dtype='float32') for path in files_of(pair)]
            self.assertEqual([(sound.ndim, rate, len(sound)) for sound, rate in sounds], [(1, SR, len(sounds[0][0]))] * 2)
            levels = [10 * np.log10(np.mean(10 ** (loudness_of(sound) / 10))) for sound, _ in sounds]
            self.assertLess(abs(levels[1] - levels[0]), 1.0, pair)
            self.assertGreater(float(np.abs(sounds[1][0] - sounds[0][0]).max()), 0.01, pair)

    def test_the_page_holds_no_address_and_knows_every_input_and_model(self) -> None:
        page = (LISTEN / 'blind.html').read_text()
        self.assertNotRegex(page, 'https?:|//[a-z]+[.]')
        tables = [set(re.findall(r"['\s{]([a-z-]+)'?: '", re.search(f'const {name} = {{(.*?)}};', page, re.DOTALL)[1]))
                  for name in ('INPUTS', 'MODELS')]
        for pair in pairs():
            self.assertIn(pair['model'], tables[1])
            self.assertIn(pair['input'], tables[0] | {'itself'})

    @unittest.skipUnless(any(map(shutil.which, BROWSERS)), 'needs a browser such as chromium')
    def test_a_browser_gets_through_all_pairs_to_the_result(self) -> None:
        browser = next(path for name in BROWSERS if (path := shutil.which(name)))
        handler = functools.partial(Handler, directory=str(LISTEN))
        with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            made = subprocess.run([browser, '--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=30000', '--dump-dom',
                                   f'http://127.0.0.1:{server.server_address[1]}/rehearsal.html'], capture_output=True, text=True, timeout=120)
            server.shutdown()
        told = re.search('<pre>(.*)</pre>', made.stdout, re.DOTALL)
        self.assertIsNotNone(told, made.stdout[-500:] + made.stderr[-500:])
        found = json.loads(told[1])
        self.assertEqual(found['faults'], [])
        self.assertEqual((found['asked'], found['rows'], found['shown']), (PAIRS, PAIRS, ['result']))
        self.assertEqual(len(found['seconds']), 2 * PAIRS)
        self.assertTrue(all(2 < length < 6 for length in found['seconds']), found['seconds'])
        self.assertRegex(found['verdict'], r'^The new one \d+ times, the old one \d+ times, no difference 1 times\. By chance')
