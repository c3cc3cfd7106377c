"""The plugin's window in a real host, on a virtual screen: it opens, shows something, resizes, closes, opens again.

Each session is a process of its own: a window that breaks must not take the other tests with it.
TIMBRELOOM_WINDOW_SHOTS names a folder for the screenshots.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

NEEDED = ('Xvfb', 'xdotool', 'import', 'convert')
SIZES = ((900, 600), (1400, 900), (640, 420))

SESSION = r'''
import ctypes, sys, threading, time
import numpy, pedalboard
# pedalboard's own window code asks for a property of "no window" where no desktop runs (seen with 0.9.26: the owner of
# _XSETTINGS_S0), which ends the process unless errors are let pass.
Handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
let_pass = Handler(lambda display, error: 0)
ctypes.CDLL("libX11.so.6").XSetErrorHandler(let_pass)
plugin = pedalboard.load_plugin(sys.argv[1], plugin_name="Timbreloom")
rate = 48000
t = numpy.arange(rate * 2) / rate
line = (0.2 * sum(numpy.sin(2 * numpy.pi * k * (196 * t + 2 * numpy.sin(2 * numpy.pi * 0.7 * t))) / k for k in range(1, 9)))
sound = numpy.stack([line, line]).astype(numpy.float32)
plugin(sound[:, :4096], rate, reset=True)
done = threading.Event()
def play():
    at = 0
    while not done.is_set():
        plugin(sound[:, at:at + 2048], rate, buffer_size=512, reset=False)
        at = (at + 2048) % (sound.shape[1] - 2048)
        time.sleep(2048 / rate)
player = threading.Thread(target=play, daemon=True)
for opening in range(int(sys.argv[2])):
    closing = threading.Event()
    if opening == 0:
        player.start()
    else:
        threading.Timer(0.6, closing.set).start()
    def wait_for_word(closing=closing):
        sys.stdin.readline()
        closing.set()
    if opening == 0:
        threading.Thread(target=wait_for_word, daemon=True).start()
    plugin.show_editor(closing)
    print("closed", opening, flush=True)
done.set()
player.join(5)
'''


@unittest.skipIf([tool for tool in NEEDED if not shutil.which(tool)],
                 f'a virtual screen needs {", ".join(NEEDED)} (Debian: xvfb xdotool imagemagick)')
class WindowTest(unittest.TestCase):
    def setUp(self) -> None:
        self.display = f':{90 + os.getpid() % 900}'
        self.screen = subprocess.Popen(['Xvfb', self.display, '-screen', '0', '2000x1400x24'],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.screen.wait, 10)
        self.addCleanup(self.screen.terminate)
        self.environment = {**os.environ, 'DISPLAY': self.display, 'LIBGL_ALWAYS_SOFTWARE': '1'}
        self.shots = Path(os.environ.get('TIMBRELOOM_WINDOW_SHOTS') or tempfile.mkdtemp())
        self.shots.mkdir(parents=True, exist_ok=True)
        time.sleep(1.0)

    def tool(self, *arguments: str) -> str:
        return subprocess.run(arguments, env=self.environment, capture_output=True, text=True, timeout=60).stdout.strip()

    def window(self) -> str:
        for _ in range(150):
            found = self.tool('xdotool', 'search', '--onlyvisible', '--name', 'Pedalboard').split()
            if found:
                return found[0]
            time.sleep(0.2)
        self.fail('no window appeared within 30 seconds')

    def colours(self, picture: Path) -> int:
        return int(self.tool('convert', str(picture), '-format', '%k', 'info:') or 0)

    def test_it_opens_shows_sound_resizes_closes_and_opens_again(self) -> None:
        bundle = Path(os.environ.get('TIMBRELOOM_BUNDLED', 'target/bundled')) / 'Timbreloom.vst3'
        openings = 4
        session = subprocess.Popen([sys.executable, '-c', SESSION, str(bundle), str(openings)], env=self.environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(session.kill)
        window = self.window()
        time.sleep(3.0)
        for width, height in SIZES:
            self.tool('xdotool', 'windowsize', '--sync', window, str(width), str(height))
            time.sleep(1.5)
            shot = self.shots / f'window-{width}x{height}.png'
            self.tool('import', '-window', 'root', '-crop', f'{width}x{height}+0+0', str(shot))
            # Text, trail, cloud: hundreds of shades. A window that draws nothing has one or two.
            self.assertGreater(self.colours(shot), 60, f'{shot} shows nothing')
        one, two = self.shots / 'moves-1.png', self.shots / 'moves-2.png'
        self.tool('import', '-window', 'root', str(one))
        time.sleep(0.5)
        self.tool('import', '-window', 'root', str(two))
        self.assertNotEqual(one.read_bytes(), two.read_bytes(), 'nothing moves while sound is playing')
        output, errors = session.communicate('close\n', timeout=120)
        self.assertEqual(session.returncode, 0, errors[-2000:])
        self.assertEqual(output.count('closed'), openings, errors[-2000:])


if __name__ == '__main__':
    unittest.main()
