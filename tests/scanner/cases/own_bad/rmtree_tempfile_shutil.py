# expect: rmtree | tempfile._shutil
import tempfile
tempfile._shutil.rmtree('x')
