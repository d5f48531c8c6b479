"""Unpacks what Dsk needs of a TensorFlow wheel: the C API's libraries and headers. Run by wheel.ts, with Python because
Python's zipfile streams files of any size and checks their sums.

    python3 unpack.py WHEEL FOLDER
"""
import re
import sys
import zipfile

WANTED = re.compile(
    r"tensorflow/libtensorflow_(cc|framework)\.[\w.]+"
    r"|tensorflow/include/(tensorflow|tsl|xla)/(.+/)?(c|platform)/(.+/)?[\w.]+\.h"
)


def main(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if WANTED.fullmatch(name):
                archive.extract(name, folder)
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        sys.stdout.write(archive.read(metadata).decode("utf-8"))


main(*sys.argv[1:])
