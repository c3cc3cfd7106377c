"""PNG files of a folder -> the same with 256 colours each, a third as large: they lie in the repository."""
import sys
from pathlib import Path

from PIL import Image

for path in sorted(Path(sys.argv[1]).glob('*.png')):
    picture = Image.open(path).convert('RGB').quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
